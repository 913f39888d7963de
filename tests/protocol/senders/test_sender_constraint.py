import asyncio
from dataclasses import replace

import pytest

from idp.domain.clients.client import Client
from idp.domain.clients.client_policy import ClientProfile
from idp.domain.grants.confirmation import Confirmation
from idp.protocol.errors import (
    InvalidDpopProofError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidTokenError,
    OAuthError,
    UseDpopNonceError,
)
from idp.protocol.resources.userinfo import UserinfoRequest
from idp.protocol.senders.possession import NOTHING_SHOWN, Possession
from idp.protocol.senders.sender_constraint import certificate_thumbprint
from idp.protocol.tokens.token import TokenRequest, TokenResponse
from tests.protocol.certificates import self_signed
from tests.protocol.prover import Prover
from tests.protocol.world import MACHINE, ORIGIN, PHONE_APP, PORTAL, World, basic, redemption

PROVER = Prover()
CERTIFICATE = self_signed().der
WITH_CERTIFICATE = Possession(certificate=CERTIFICATE)


async def ask(world: World, parameters: dict[str, str], shown: Possession, client: Client = PORTAL) -> TokenResponse:
    """Ask the token endpoint and show something."""
    if client.is_public:
        parameters = parameters | {"client_id": client.client_id}
    authorization = None if client.is_public else basic(client.client_id)
    return await world.token_endpoint(TokenRequest(parameters, (), authorization, ORIGIN, shown))


async def sign_in(world: World, shown: Possession, client: Client = PORTAL, **code: str) -> TokenResponse:
    """Issue a code to the client and redeem it."""
    return await ask(world, redemption(await world.code(world.grant(client), **code)), shown, client)


def refreshing(response: TokenResponse) -> dict[str, str]:
    """Return the parameters that use a refresh token."""
    assert response.refresh_token is not None
    return {"grant_type": "refresh_token", "refresh_token": response.refresh_token}


async def userinfo(world: World, header: str, shown: Possession = NOTHING_SHOWN) -> object:
    """Ask userinfo."""
    return (await world.userinfo_endpoint(UserinfoRequest(header, {}, {}, ORIGIN, shown))).claims


async def test_with_a_proof_the_access_token_is_bound_to_its_key(world: World) -> None:
    response = await sign_in(world, PROVER.shown(world.clock.now()))
    assert response.token_type == "DPoP"
    assert world.claims(response.access_token)["cnf"] == {"jkt": PROVER.thumbprint}


async def test_without_a_proof_it_is_a_bearer_token(world: World) -> None:
    response = await sign_in(world, NOTHING_SHOWN)
    assert response.token_type == "Bearer"
    assert "cnf" not in world.claims(response.access_token)


async def test_a_token_of_the_client_s_own_is_bound_likewise(world: World) -> None:
    shown = PROVER.shown(world.clock.now())
    response = await ask(world, {"grant_type": "client_credentials", "scope": "dossier.read"}, shown, MACHINE)
    assert response.token_type == "DPoP"
    assert world.claims(response.access_token)["cnf"] == {"jkt": PROVER.thumbprint}


async def test_a_client_registered_so_must_show_a_proof(world: World) -> None:
    await world.save(replace(PORTAL, metadata={"dpop_bound_access_tokens": True}))
    for shown in (NOTHING_SHOWN, WITH_CERTIFICATE):
        with pytest.raises(InvalidDpopProofError):
            await sign_in(world, shown)


async def test_a_client_of_the_fapi_profile_must_show_something(world: World) -> None:
    await world.save(replace(PORTAL, profile=ClientProfile.FAPI2))
    with pytest.raises(InvalidRequestError):
        await sign_in(world, NOTHING_SHOWN)
    response = await sign_in(world, WITH_CERTIFICATE)
    assert response.token_type == "Bearer"
    assert world.claims(response.access_token)["cnf"] == {"x5t#S256": certificate_thumbprint(CERTIFICATE)}


async def test_a_certificate_binds_the_tokens_of_those_who_registered_it_and_of_no_others(world: World) -> None:
    assert "cnf" not in world.claims((await sign_in(world, WITH_CERTIFICATE)).access_token)
    await world.save(replace(PORTAL, metadata={"tls_client_certificate_bound_access_tokens": True}))
    assert "cnf" in world.claims((await sign_in(world, WITH_CERTIFICATE)).access_token)
    with pytest.raises(InvalidRequestError):
        await sign_in(world, NOTHING_SHOWN)


async def test_who_is_told_to_use_a_nonce_comes_back_with_the_same_code(world: World) -> None:
    await world.save(replace(PORTAL, profile=ClientProfile.FAPI2))
    parameters = redemption(await world.code())
    with pytest.raises(UseDpopNonceError) as refused:
        await ask(world, parameters, PROVER.shown(world.clock.now()))
    response = await ask(world, parameters, PROVER.shown(world.clock.now(), nonce=refused.value.nonce))
    assert response.token_type == "DPoP"


async def test_a_refused_proof_leaves_an_audit_event(world: World) -> None:
    with pytest.raises(InvalidDpopProofError):
        await sign_in(world, PROVER.shown(world.clock.now() - 600))
    (event,) = await world.audited("tokens.refused")
    assert (event["error"], event["client_id"]) == ("invalid_dpop_proof", "portal")


async def test_fifty_copies_of_a_request_make_one_token(world: World) -> None:
    shown = PROVER.shown(world.clock.now())
    tries = [
        ask(world, {"grant_type": "client_credentials", "scope": "dossier.read"}, shown, MACHINE) for _ in range(50)
    ]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, TokenResponse) for outcome in outcomes) == 1
    assert all(isinstance(outcome, TokenResponse | InvalidDpopProofError) for outcome in outcomes)


async def test_a_code_asked_for_under_a_key_is_redeemed_under_it(world: World) -> None:
    for shown in (NOTHING_SHOWN, WITH_CERTIFICATE, Prover().shown(world.clock.now())):
        with pytest.raises(InvalidGrantError):
            await sign_in(world, shown, key_thumbprint=PROVER.thumbprint)
    await sign_in(world, PROVER.shown(world.clock.now()), key_thumbprint=PROVER.thumbprint)


async def test_the_refresh_token_of_a_public_client_is_bound_to_its_key(world: World) -> None:
    first = await sign_in(world, PROVER.shown(world.clock.now()), PHONE_APP)
    for shown in (NOTHING_SHOWN, WITH_CERTIFICATE, Prover().shown(world.clock.now())):
        with pytest.raises(InvalidGrantError):
            await ask(world, refreshing(first), shown, PHONE_APP)
    # Nobody without the key could use it up, or end its family.
    second = await ask(world, refreshing(first), PROVER.shown(world.clock.now()), PHONE_APP)
    assert second.token_type == "DPoP"


async def test_the_refresh_token_of_a_public_client_may_be_bound_to_a_certificate(world: World) -> None:
    """RFC 8705 section 4."""
    bound = replace(PHONE_APP, metadata={"tls_client_certificate_bound_access_tokens": True})
    await world.save(bound)
    first = await sign_in(world, WITH_CERTIFICATE, bound)
    for shown in (Possession(certificate=self_signed().der), PROVER.shown(world.clock.now())):
        with pytest.raises(InvalidGrantError):
            await ask(world, refreshing(first), shown, bound)
    assert (await ask(world, refreshing(first), WITH_CERTIFICATE, bound)).token_type == "Bearer"


async def test_the_refresh_token_of_a_confidential_client_is_not_bound_to_a_key(world: World) -> None:
    first = await sign_in(world, PROVER.shown(world.clock.now()))
    other = Prover()
    second = await ask(world, refreshing(first), other.shown(world.clock.now()))
    assert world.claims(second.access_token)["cnf"] == {"jkt": other.thumbprint}


async def test_at_userinfo_the_sender_proves_the_key(world: World) -> None:
    token = (await sign_in(world, PROVER.shown(world.clock.now()))).access_token
    for scheme in ("DPoP", "dpop"):
        shown = PROVER.shown_at_userinfo(world.clock.now(), token)
        assert await userinfo(world, f"{scheme} {token}", shown)


async def test_a_token_bound_to_a_key_is_no_bearer_token(world: World) -> None:
    token = (await sign_in(world, PROVER.shown(world.clock.now()))).access_token
    shown = PROVER.shown_at_userinfo(world.clock.now(), token)
    with pytest.raises(InvalidTokenError) as refused:
        await userinfo(world, f"Bearer {token}", shown)
    assert refused.value.scheme == "DPoP"
    in_body = UserinfoRequest(None, {}, {"access_token": token}, ORIGIN, shown)
    with pytest.raises(InvalidTokenError):
        await world.userinfo_endpoint(in_body)


async def test_a_bearer_token_is_not_sent_as_if_it_were_bound(world: World) -> None:
    token = (await sign_in(world, NOTHING_SHOWN)).access_token
    with pytest.raises(InvalidTokenError) as refused:
        await userinfo(world, f"DPoP {token}", PROVER.shown_at_userinfo(world.clock.now(), token))
    assert refused.value.scheme == "DPoP"


async def test_at_userinfo_another_key_a_used_proof_and_none_are_refused(world: World) -> None:
    token = (await sign_in(world, PROVER.shown(world.clock.now()))).access_token
    used = PROVER.shown_at_userinfo(world.clock.now(), token)
    await userinfo(world, f"DPoP {token}", used)
    other = Prover().shown_at_userinfo(world.clock.now(), token)
    cases: list[tuple[Possession, type[OAuthError]]] = [
        (other, InvalidTokenError),
        (used, InvalidDpopProofError),
        (NOTHING_SHOWN, InvalidDpopProofError),
        (PROVER.shown_at_userinfo(world.clock.now(), "another token"), InvalidDpopProofError),
    ]
    for shown, error in cases:
        with pytest.raises(error) as refused:
            await userinfo(world, f"DPoP {token}", shown)
        assert refused.value.scheme == "DPoP"
    assert len(await world.audited("access.refused")) == len(cases)


async def test_a_token_bound_to_a_certificate_is_good_with_it_alone(world: World) -> None:
    await world.save(replace(PORTAL, metadata={"tls_client_certificate_bound_access_tokens": True}))
    token = (await sign_in(world, WITH_CERTIFICATE)).access_token
    assert await userinfo(world, f"Bearer {token}", WITH_CERTIFICATE)
    for shown in (NOTHING_SHOWN, Possession(certificate=self_signed().der)):
        with pytest.raises(InvalidTokenError):
            await userinfo(world, f"Bearer {token}", shown)


async def test_introspection_tells_what_a_token_is_bound_to(world: World) -> None:
    token = (await sign_in(world, PROVER.shown(world.clock.now()))).access_token
    answer = await world.introspect(token)
    assert (answer["token_type"], answer["cnf"]) == ("DPoP", {"jkt": PROVER.thumbprint})
    plain = await world.introspect((await sign_in(world, NOTHING_SHOWN)).access_token)
    assert plain["token_type"] == "Bearer"
    assert "cnf" not in plain


def test_a_confirmation_of_a_certificate_is_no_key() -> None:
    assert Confirmation(certificate_thumbprint=certificate_thumbprint(CERTIFICATE)).key_thumbprint is None
