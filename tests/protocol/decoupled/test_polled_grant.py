from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.events import ConsentWithdrawn
from idp.protocol.decoupled.device_authorization import LIFETIME
from idp.protocol.decoupled.errors import (
    AuthorizationPendingError,
    ExpiredTokenError,
    PersonDeniedError,
    PolledTooSoonError,
)
from idp.protocol.errors import (
    InvalidAuthorizationDetailsError,
    InvalidDpopProofError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidTargetError,
    InvalidTokenError,
    TemporarilyUnavailableError,
    UnauthorizedClientError,
)
from idp.protocol.senders.possession import NOTHING_SHOWN, Possession
from idp.protocol.tokens.token import TokenRequest, TokenResponse
from tests.protocol.decoupled.asking import Asking, as_device
from tests.protocol.prover import Prover
from tests.protocol.world import API, ORIGIN, PHONE_APP, PORTAL, SECRET, World, basic


async def test_a_client_waits_and_then_has_its_tokens(asking: Asking, world: World) -> None:
    codes = await asking.codes(scope="openid profile offline_access")
    with pytest.raises(AuthorizationPendingError):
        await asking.poll(codes.device_code)
    await asking.allow(codes.device_code)
    tokens = await asking.poll(codes.device_code)
    assert world.claims(tokens.id_token)["aud"] == "portal"
    assert (await world.userinfo(tokens.access_token))["name"] == "Nguyễn Thị Ánh"
    assert (await world.refresh(tokens.refresh_token)).access_token
    (issued, *_) = await world.audited("tokens.issued")
    assert issued["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code"


async def test_a_public_client_says_who_it_is(asking: Asking, world: World) -> None:
    codes = await asking.codes(client_id="phone-app")
    await asking.allow(codes.device_code)
    tokens = await asking.poll(codes.device_code, client_id="phone-app")
    assert world.claims(tokens.id_token)["aud"] == "phone-app"


async def test_who_asks_too_often_is_told_to_slow_down_and_has_to_wait_longer(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    with pytest.raises(AuthorizationPendingError):
        await asking.poll(codes.device_code)
    world.clock.seconds += 4
    with pytest.raises(PolledTooSoonError):
        await asking.poll(codes.device_code)
    world.clock.seconds += 9
    with pytest.raises(PolledTooSoonError):
        await asking.poll(codes.device_code)
    world.clock.seconds += 15
    with pytest.raises(AuthorizationPendingError):
        await asking.poll(codes.device_code)


async def test_what_was_allowed_waits_while_the_client_has_no_key(asking: Asking, world: World) -> None:
    codes = await asking.codes(scope="openid")
    await asking.allow(codes.device_code)
    registered = await world.stores.clients.get(PORTAL.client_id)
    assert registered is not None
    encrypting = {"id_token_encrypted_response_alg": "ECDH-ES", "jwks": {"keys": []}}
    await world.save(replace(registered, metadata={**registered.metadata, **encrypting}))
    with pytest.raises(TemporarilyUnavailableError):
        await asking.poll(codes.device_code)
    await world.save(registered)
    assert (await asking.poll(codes.device_code)).id_token


async def test_an_answer_is_given_at_once_however_soon_the_client_comes_back(asking: Asking) -> None:
    codes = await asking.codes()
    with pytest.raises(AuthorizationPendingError):
        await asking.poll(codes.device_code)
    await asking.allow(codes.device_code)
    assert (await asking.poll(codes.device_code)).access_token


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_after_its_time_a_code_is_told_to_have_expired(asking: Asking, world: World, is_allowed: bool) -> None:
    codes = await asking.codes()
    if is_allowed:
        await asking.allow(codes.device_code)
    world.clock.seconds += LIFETIME
    with pytest.raises(ExpiredTokenError):
        await asking.poll(codes.device_code)


async def test_a_denied_code_stays_denied(asking: Asking) -> None:
    codes = await asking.codes()
    await asking.deny(codes.device_code)
    for _ in range(2):
        with pytest.raises(PersonDeniedError):
            await asking.poll(codes.device_code)


async def test_another_clients_code_is_refused_and_not_spent(asking: Asking) -> None:
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    with pytest.raises(InvalidGrantError, match="another client"):
        await asking.poll(codes.device_code, client_id="other", client_secret=SECRET)
    assert (await asking.poll(codes.device_code)).access_token


@pytest.mark.parametrize("handle", ["", "x", "\0", "é" * 5000])
async def test_a_code_that_never_was_is_refused(asking: Asking, handle: str) -> None:
    with pytest.raises(InvalidGrantError, match="unknown"):
        await asking.poll(handle)


async def test_the_code_is_required(asking: Asking, world: World) -> None:
    with pytest.raises(InvalidRequestError):
        await world.token({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"})


async def test_a_client_that_did_not_register_the_grant_may_not_use_it(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    await world.save(PORTAL)
    with pytest.raises(UnauthorizedClientError):
        await asking.poll(codes.device_code)


async def test_of_fifty_redemptions_at_once_one_has_tokens_and_they_end(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    outcomes = await gather(*(asking.poll(codes.device_code) for _ in range(50)), return_exceptions=True)
    (tokens,) = [outcome for outcome in outcomes if isinstance(outcome, TokenResponse)]
    assert sum(isinstance(outcome, InvalidGrantError) for outcome in outcomes) == 49
    assert len(await world.audited("tokens.issued")) == 1
    with pytest.raises(InvalidGrantError, match="redeemed before"):
        await asking.poll(codes.device_code)
    with pytest.raises(InvalidTokenError):
        await world.userinfo(tokens.access_token)


async def test_another_client_that_got_hold_of_a_redeemed_code_ends_nothing(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    tokens = await asking.poll(codes.device_code)
    with pytest.raises(InvalidGrantError):
        await asking.poll(codes.device_code, client_id="other", client_secret=SECRET)
    assert await world.userinfo(tokens.access_token)


async def test_a_locked_account_gets_nothing_although_it_had_allowed(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    await world.lock()
    with pytest.raises(InvalidGrantError, match="locked"):
        await asking.poll(codes.device_code)


async def test_withdrawn_consent_ends_what_was_not_redeemed_yet(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    event = ConsentWithdrawn(origin=ORIGIN, account_id=world.citizen, client_id=PORTAL.client_id)
    await world.stores.consents.withdraw(world.citizen, PORTAL.client_id, world.clock.now(), event)
    with pytest.raises(InvalidGrantError, match="withdrawn"):
        await asking.poll(codes.device_code)


async def test_what_was_allowed_before_a_withdrawal_could_be_seen_goes_with_it(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    began = world.clock.now()
    world.clock.seconds += 2
    await asking.allow(codes.device_code)
    event = ConsentWithdrawn(origin=ORIGIN, account_id=world.citizen, client_id=PORTAL.client_id)
    await world.stores.consents.withdraw(world.citizen, PORTAL.client_id, began, event)
    with pytest.raises(InvalidGrantError, match="withdrawn"):
        await asking.poll(codes.device_code)


async def test_tokens_go_on_when_the_browser_that_allowed_them_signs_out(asking: Asking, world: World) -> None:
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    tokens = await asking.poll(codes.device_code)
    await world.end_session()
    assert await world.userinfo(tokens.access_token)


async def test_resources_are_those_that_were_asked_for(asking: Asking, world: World) -> None:
    codes = await asking.codes(API, scope="openid dossier.read")
    await asking.allow(codes.device_code)
    with pytest.raises(InvalidTargetError):
        await asking.poll(codes.device_code, "https://archive.example.vn")


async def test_a_client_without_refresh_gets_no_refresh_token(asking: Asking, world: World) -> None:
    grants = frozenset({"urn:ietf:params:oauth:grant-type:device_code"})
    await world.save(replace(PORTAL, grant_types=grants))
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    assert (await asking.poll(codes.device_code)).refresh_token is None


async def redeem(world: World, device_code: str, shown: Possession, *, public: bool = False) -> TokenResponse:
    parameters = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device_code}
    authorization = None if public else basic()
    if public:
        parameters["client_id"] = "phone-app"
    return await world.token_endpoint(TokenRequest(parameters, (), authorization, ORIGIN, shown))


async def test_tokens_are_bound_to_the_key_that_the_device_shows(asking: Asking, world: World) -> None:
    codes = await asking.codes(client_id="phone-app")
    await asking.allow(codes.device_code)
    holder = Prover()
    tokens = await redeem(world, codes.device_code, holder.shown(world.clock.now()), public=True)
    assert tokens.token_type == "DPoP"
    assert world.claims(tokens.access_token)["cnf"] == {"jkt": holder.thumbprint}
    assert tokens.refresh_token is not None
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token, "client_id": PHONE_APP.client_id}
    with pytest.raises(InvalidGrantError, match="another key"):
        await world.token_endpoint(TokenRequest(refresh, (), None, ORIGIN, Prover().shown(world.clock.now())))


async def test_a_proof_that_has_to_be_sent_again_spends_no_code(asking: Asking, world: World) -> None:
    await world.save(replace(as_device(PORTAL), metadata={"dpop_bound_access_tokens": True}))
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    holder, now = Prover(), world.clock.now()
    for shown in (NOTHING_SHOWN, holder.shown(now, htu="https://elsewhere.example/token"), holder.shown(now - 600)):
        with pytest.raises(InvalidDpopProofError):
            await redeem(world, codes.device_code, shown)
    assert (await redeem(world, codes.device_code, holder.shown(now))).token_type == "DPoP"


async def test_no_details_are_granted(asking: Asking) -> None:
    codes = await asking.codes()
    await asking.allow(codes.device_code)
    with pytest.raises(InvalidAuthorizationDetailsError):
        await asking.poll(codes.device_code, authorization_details="[]")
