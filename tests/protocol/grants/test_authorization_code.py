from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.events import AccountLocked, GrantRevoked
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import Seconds
from idp.ports.grants import Start
from idp.protocol.errors import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidTargetError,
    InvalidTokenError,
    OAuthError,
)
from idp.protocol.tokens.authorization_code import LIFETIME
from idp.protocol.tokens.token import TokenResponse
from tests.protocol.world import API, ORIGIN, OTHER, PORTAL, REDIRECT, SECRET, VERIFIER, World, redemption


async def test_a_code_becomes_tokens(world: World) -> None:
    response = await world.redeem(await world.code())
    assert response.expires_in == 300
    assert response.refresh_token is not None
    assert world.claims(response.id_token)["nonce"] == "n-0S6"
    assert (await world.userinfo(response.access_token)).keys() == {"sub"}


async def test_a_client_that_registered_no_refresh_gets_none(world: World) -> None:
    await world.save(replace(PORTAL, grant_types=frozenset({"authorization_code"})))
    response = await world.sign_in()
    assert response.refresh_token is None
    assert "generation" not in (await world.audited("tokens.issued"))[0]


async def test_a_public_client_proves_itself_by_its_code_verifier(world: World) -> None:
    grant = world.grant(client_id="phone-app")
    parameters = redemption(await world.code(grant)) | {"client_id": "phone-app"}
    response = await world.token(parameters)
    assert world.claims(response.id_token)["aud"] == "phone-app"


async def test_a_confidential_client_that_sent_no_challenge_sends_no_verifier(world: World) -> None:
    parameters = redemption(await world.code(code_challenge=None))
    del parameters["code_verifier"]
    await world.token(parameters)


async def test_without_a_nonce_none_comes_back(world: World) -> None:
    response = await world.redeem(await world.code(nonce=None))
    assert "nonce" not in world.claims(response.id_token)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"redirect_uri": REDIRECT + "/"}, id="another redirect URI"),
        pytest.param({"redirect_uri": None}, id="no redirect URI although one was sent"),
        pytest.param({"code_verifier": "w" * 43}, id="another verifier"),
        pytest.param({"code_verifier": None}, id="no verifier"),
    ],
)
async def test_what_does_not_match_is_refused_and_the_code_is_spent(
    world: World, changes: dict[str, str | None]
) -> None:
    code = await world.code()
    parameters = {name: value for name, value in (redemption(code) | changes).items() if value is not None}
    with pytest.raises(InvalidGrantError):
        await world.token(parameters)
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.redeem(code)


async def test_a_verifier_without_a_challenge_is_refused(world: World) -> None:
    with pytest.raises(InvalidGrantError):
        await world.redeem(await world.code(code_challenge=None))


async def test_the_code_is_required(world: World) -> None:
    with pytest.raises(InvalidRequestError):
        await world.token({"grant_type": "authorization_code"})


@pytest.mark.parametrize("code", ["x", "x" * 10_000, "🙂", "'; DROP TABLE grants; --"])
async def test_an_unknown_code_is_refused(world: World, code: str) -> None:
    with pytest.raises(InvalidGrantError):
        await world.redeem(code)


async def test_a_code_older_than_a_minute_is_refused(world: World) -> None:
    code = await world.code()
    world.clock.seconds += LIFETIME
    with pytest.raises(InvalidGrantError):
        await world.redeem(code)


async def test_another_client_s_code_is_refused(world: World) -> None:
    parameters = redemption(await world.code()) | {"client_id": OTHER.client_id, "client_secret": SECRET}
    with pytest.raises(InvalidGrantError, match="another client"):
        await world.token(parameters)


async def test_a_replay_is_refused_and_kills_what_was_issued(world: World) -> None:
    code = await world.code()
    response = await world.redeem(code)
    world.clock.seconds += 30
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.redeem(code)
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)
    with pytest.raises(InvalidGrantError):
        await world.refresh(response.refresh_token)
    (event,) = await world.audited("grant.revoked")
    assert event["reason"] == "code_replay"


async def test_of_fifty_redemptions_at_once_exactly_one_succeeds_and_its_tokens_are_dead(world: World) -> None:
    code = await world.code()
    outcomes = await gather(*(world.redeem(code) for _ in range(50)), return_exceptions=True)
    won = [outcome for outcome in outcomes if isinstance(outcome, TokenResponse)]
    assert len(won) == 1
    assert sum(isinstance(outcome, InvalidGrantError) for outcome in outcomes) == 49
    with pytest.raises(InvalidTokenError):
        await world.userinfo(won[0].access_token)
    with pytest.raises(InvalidGrantError):
        await world.refresh(won[0].refresh_token)


async def test_a_code_that_the_short_lived_store_forgot_cannot_be_redeemed_twice(world: World) -> None:
    grant = world.grant()
    response = await world.redeem(await world.code(grant))
    with pytest.raises(InvalidGrantError, match="used before"):
        await world.redeem(await world.code(grant))
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)


async def test_a_replay_that_is_recorded_first_lets_the_tokens_out_dead(world: World) -> None:
    grant = world.grant()
    event = GrantRevoked(origin=ORIGIN, grant_id=grant.grant_id, reason=RevocationReason.CODE_REPLAY)
    await world.stores.grants.revoke(grant.grant_id, RevocationReason.CODE_REPLAY, world.clock.now(), event)
    response = await world.redeem(await world.code(grant))
    with pytest.raises(InvalidTokenError):
        await world.userinfo(response.access_token)
    assert await world.stores.grants.start(grant, ()) is Start.ALREADY_STARTED


async def test_a_locked_account_gets_no_tokens(world: World) -> None:
    code = await world.code()
    await world.lock()
    with pytest.raises(InvalidGrantError, match="locked"):
        await world.redeem(code)


async def test_a_code_issued_before_a_lock_is_refused_although_the_account_was_unlocked(world: World) -> None:
    code = await world.code()
    await world.lock()
    event = AccountLocked(origin=ORIGIN, account_id=world.citizen, locked=False, reason="operator")
    await world.stores.accounts.set_locked(
        world.citizen, locked=False, now=world.clock.now(), reason=RevocationReason.ACCOUNT_LOCKED, event=event
    )
    with pytest.raises(InvalidGrantError, match="locked"):
        await world.redeem(code)


async def test_a_grant_that_ended_meanwhile_gets_no_tokens(world: World) -> None:
    grant = world.grant(expires_at=Seconds(world.clock.seconds + 5))
    code = await world.code(grant)
    world.clock.seconds += 5
    with pytest.raises(InvalidGrantError):
        await world.redeem(code)


async def test_nothing_goes_out_once_the_session_was_ended(world: World) -> None:
    code = await world.code()
    await world.end_session()
    with pytest.raises(InvalidGrantError, match="signed out"):
        await world.redeem(code)
    assert await world.audited("tokens.issued") == []


async def test_a_resource_outside_the_grant_is_an_invalid_target(world: World) -> None:
    with pytest.raises(InvalidTargetError):
        await world.sign_in(API)


async def test_a_refused_redemption_names_the_grant_in_the_audit_trail(world: World) -> None:
    grant = world.grant()
    with pytest.raises(OAuthError):
        await world.redeem(await world.code(grant), code_verifier=VERIFIER + "x")
    (event,) = await world.audited("tokens.refused")
    assert event["grant_id"] == grant.grant_id
