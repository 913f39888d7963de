from asyncio import gather
from dataclasses import replace
from typing import Any

import pytest

from idp.domain.clients.client_policy import ClientProfile
from idp.protocol.ciba.authentication import AuthenticationResponse
from idp.protocol.ciba.request_object import signing_algorithms, signs_always
from idp.protocol.errors import InvalidRequestError
from tests.protocol.ciba.asking import Backchannel
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import ISSUER, PORTAL


@pytest.fixture
async def signing(backchannel: Backchannel) -> Backchannel:
    await backchannel.register(backchannel_authentication_request_signing_alg="ES256")
    return backchannel


async def test_a_signed_request_is_taken(signing: Backchannel) -> None:
    assert (await signing.ask_signed()).auth_req_id
    assert (await signing.ask_signed(signing.signer.sign(signing.claims(aud=[ISSUER, "https://other"])))).auth_req_id


@pytest.mark.parametrize("name", ["aud", "iss", "exp", "iat", "nbf", "jti"])
@pytest.mark.parametrize("value", [None, "", {}])
async def test_each_required_claim_must_be_there(signing: Backchannel, name: str, value: object) -> None:
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(signing.signer.sign(signing.claims(**{name: value})))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aud", "https://another.example"),
        ("aud", ISSUER + "/"),
        ("aud", [ISSUER + "/token"]),
        ("iss", "other"),
        ("exp", True),
        ("exp", -1000),
        ("exp", -(10**30)),
        ("iat", -1),
        ("exp", 10**400),
        ("nbf", -(10**400)),
        ("exp", "tomorrow"),
        ("iat", [1]),
        ("jti", 7),
        ("jti", "x" * 513),
        ("scope", ["openid"]),
        ("requested_expiry", 12.5),
        ("requested_expiry", True),
        ("login_hint", "001\x00099"),
    ],
)
async def test_a_claim_of_a_wrong_kind_or_for_somebody_else_is_refused(
    signing: Backchannel, name: str, value: object
) -> None:
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(signing.signer.sign(signing.claims(**{name: value})))


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param({"exp": 0}, id="expired now"),
        pytest.param({"exp": -300, "nbf": -600, "iat": -600}, id="expired long ago"),
        pytest.param({"exp": 70 * 60}, id="good for too long"),
        pytest.param({"nbf": 600, "exp": 900}, id="not yet"),
        pytest.param({"iat": 600, "exp": 900}, id="made in the future"),
        pytest.param({"nbf": -70 * 60, "iat": -70 * 60}, id="of too long ago"),
    ],
)
async def test_a_request_of_another_time_is_refused(signing: Backchannel, moments: dict[str, int]) -> None:
    now = signing.world.clock.now()
    claims = signing.claims(**{name: now + offset for name, offset in moments.items()})
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(signing.signer.sign(claims))


async def test_a_clock_that_runs_a_little_ahead_is_no_harm(signing: Backchannel) -> None:
    now = signing.world.clock.now()
    assert (await signing.ask_signed(signing.signer.sign(signing.claims(nbf=now + 8, iat=now + 8)))).auth_req_id


async def test_of_fifty_uses_at_once_one_counts(signing: Backchannel) -> None:
    token = signing.signer.sign(signing.claims())
    outcomes = await gather(*(signing.ask_signed(token) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(outcome, AuthenticationResponse) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidRequestError) for outcome in outcomes) == 49


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\0", "é" * 100])
async def test_what_is_no_token_is_refused(signing: Backchannel, token: str) -> None:
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(token or ".")


async def test_a_signature_under_another_key_or_none_is_refused(signing: Backchannel) -> None:
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(ClientSigner("another").sign(signing.claims()))
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(ClientSigner().sign(signing.claims()))
    header, payload, _ = signing.signer.sign(signing.claims(), alg="ES256").split(".")
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(f"{header}.{payload}.")


async def test_only_the_registered_algorithm_is_taken(signing: Backchannel) -> None:
    weaker = ClientSigner("rsa", "RS256")
    await signing.register(
        backchannel_authentication_request_signing_alg="ES256", jwks={"keys": [weaker.jwk, signing.signer.jwk]}
    )
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(weaker.sign(signing.claims()))


async def test_nothing_stands_beside_a_signed_request(signing: Backchannel) -> None:
    with pytest.raises(InvalidRequestError):
        await signing.ask_signed(binding_message="more")


async def test_who_registered_to_sign_signs_always_and_who_did_not_does_not(
    signing: Backchannel, backchannel: Backchannel
) -> None:
    with pytest.raises(InvalidRequestError, match="must sign"):
        await signing.ask()
    await backchannel.register()
    with pytest.raises(InvalidRequestError):
        await backchannel.ask_signed()


def test_clients_under_fapi_sign_always_by_any_algorithm_of_the_profile() -> None:
    metadata: dict[str, Any] = {}
    fapi = replace(PORTAL, profile=ClientProfile.FAPI2, metadata=metadata)
    assert signs_always(fapi)
    assert signing_algorithms(fapi) == {"PS256", "ES256", "EdDSA", "Ed25519"}
    assert not signs_always(PORTAL)
    assert signing_algorithms(PORTAL) == frozenset()
