import asyncio
import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import KeySet

from idp.domain.clients.client import Client
from idp.domain.clients.client_policy import ClientProfile
from idp.domain.ids import ClientId
from idp.ports.clock import CLOCK_TOLERANCE
from idp.protocol.authorize.parameters import UNDERSTOOD, RequestParameters
from idp.protocol.authorize.request_object import LONGEST_LIFE, RequestObjects, parameters_of
from idp.protocol.errors import InvalidRequestObjectError, RequestNotSupportedError
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import ISSUER, PORTAL, REDIRECT, World

SIGNER = ClientSigner()
RSA = ClientSigner("rsa", "RS256")
PSS = ClientSigner("pss", "PS256")
KEYS = {"jwks": {"keys": [SIGNER.jwk, RSA.jwk, PSS.jwk]}}
CLIENT = replace(PORTAL, metadata=KEYS)
FAPI = replace(CLIENT, profile=ClientProfile.FAPI2)


@pytest.fixture
def objects(world: World) -> RequestObjects:
    return RequestObjects(
        issuer=ISSUER,
        tokens=world.parts.foreign,
        keys=world.parts.client_keys,
        encryption=world.parts.encryption,
        marks=world.parts.replay_marks,
        clock=world.clock,
    )


def claims(world: World, **changes: Any) -> dict[str, Any]:
    """A request object's claims; None leaves one out."""
    now = world.clock.now()
    members = {
        "iss": "portal",
        "aud": ISSUER,
        "client_id": "portal",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid",
        "nbf": now,
        "exp": now + 300,
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


async def test_what_the_client_signed_comes_out(world: World, objects: RequestObjects) -> None:
    token = SIGNER.sign(
        claims(world, max_age=60, claims={"userinfo": {"name": None}}, resource=["https://a", "https://b"], x="y"),
        typ="oauth-authz-req+jwt",
    )
    parameters = await objects.open(CLIENT, token)
    assert parameters.values == {
        "client_id": "portal",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid",
        "max_age": "60",
        "claims": '{"userinfo":{"name":null}}',
    }
    assert parameters.resources == ("https://a", "https://b")


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"])
@pytest.mark.parametrize("client", [CLIENT, FAPI], ids=["default", "fapi2"])
async def test_types_of_both_specifications_are_taken(
    world: World, objects: RequestObjects, typ: str | None, client: Client
) -> None:
    assert (await objects.open(client, SIGNER.sign(claims(world), typ=typ))).values


@pytest.mark.parametrize("typ", ["at+jwt", "dpop+jwt", "logout+jwt", "", 1])
async def test_another_type_is_refused(world: World, objects: RequestObjects, typ: object) -> None:
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, SIGNER.sign(claims(world), typ=typ))


REFUSED: list[dict[str, Any]] = [
    {"client_id": "other"},
    {"iss": "other"},
    {"iss": 1},
    {"sub": "portal"},
    {"aud": "https://elsewhere.example"},
    {"aud": ["https://elsewhere.example"]},
    {"aud": {}},
    {"request": "x"},
    {"request_uri": "urn:x"},
    {"redirect_uri": 1},
    {"state": "a\0b"},
    {"max_age": True},
    {"claims": []},
    {"scope": ["openid"]},
    {"resource": [1]},
    {"resource": {}},
    {"exp": "soon"},
    {"nbf": True},
]


@pytest.mark.parametrize("changes", REFUSED)
@pytest.mark.parametrize("client", [CLIENT, FAPI], ids=["default", "fapi2"])
async def test_wrong_claims_are_refused(
    world: World, objects: RequestObjects, changes: dict[str, Any], client: Client
) -> None:
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(client, SIGNER.sign(claims(world, **changes)))


@pytest.mark.parametrize(("exp", "nbf"), [(0, -10), (-1, -10), (300, CLOCK_TOLERANCE + 1), (300, 60)])
@pytest.mark.parametrize("client", [CLIENT, FAPI], ids=["default", "fapi2"])
async def test_an_object_of_another_time_is_refused(
    world: World, objects: RequestObjects, exp: int, nbf: int, client: Client
) -> None:
    now = world.clock.now()
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(client, SIGNER.sign(claims(world, exp=now + exp, nbf=now + nbf)))


async def test_a_clock_that_runs_ahead_by_eight_seconds_is_tolerated(world: World, objects: RequestObjects) -> None:
    assert (await objects.open(FAPI, SIGNER.sign(claims(world, nbf=world.clock.now() + 8)))).values


@pytest.mark.parametrize(("exp", "nbf"), [
    (None, 0), (300, None), (LONGEST_LIFE + 1, 0), (300, -LONGEST_LIFE - 1), (60, -LONGEST_LIFE), (7200, 8),
])  # fmt: skip
async def test_fapi_bounds_the_life_of_an_object_and_openid_connect_does_not(
    world: World, objects: RequestObjects, exp: int | None, nbf: int | None
) -> None:
    now = world.clock.now()
    times = {"exp": None if exp is None else now + exp, "nbf": None if nbf is None else now + nbf}
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(FAPI, SIGNER.sign(claims(world, **times)))
    assert (await objects.open(CLIENT, SIGNER.sign(claims(world, **times)))).values


@pytest.mark.parametrize("missing", ["aud", "client_id"])
async def test_fapi_needs_who_asks_and_whom(world: World, objects: RequestObjects, missing: str) -> None:
    token = SIGNER.sign(claims(world, **{missing: None}))
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(FAPI, token)
    assert (await objects.open(CLIENT, token)).values


async def test_an_hour_is_not_too_long(world: World, objects: RequestObjects) -> None:
    now = world.clock.now()
    assert (await objects.open(FAPI, SIGNER.sign(claims(world, nbf=now - 1, exp=now + LONGEST_LIFE - 1)))).values


async def test_the_profile_and_the_registration_say_which_algorithms(world: World, objects: RequestObjects) -> None:
    assert (await objects.open(CLIENT, RSA.sign(claims(world)))).values
    assert (await objects.open(FAPI, PSS.sign(claims(world)))).values
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(FAPI, RSA.sign(claims(world)))
    only = replace(CLIENT, metadata={**KEYS, "request_object_signing_alg": "PS256"})
    assert (await objects.open(only, PSS.sign(claims(world)))).values
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(only, SIGNER.sign(claims(world)))


async def test_a_stranger_s_signature_is_refused(world: World, objects: RequestObjects) -> None:
    stranger = ClientSigner()
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, stranger.sign(claims(world)))
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(PORTAL, SIGNER.sign(claims(world)))


async def test_a_secret_signs_no_object(world: World, objects: RequestObjects) -> None:
    by_secret = ClientSigner("secret", "HS256", secret="s" * 32)
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, by_secret.sign(claims(world)))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
async def test_an_unsigned_object_is_not_supported(world: World, objects: RequestObjects, algorithm: str) -> None:
    header, payload = (
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": algorithm}, claims(world))
    )
    with pytest.raises((RequestNotSupportedError, InvalidRequestObjectError)):
        await objects.open(CLIENT, f"{header}.{payload}.")


async def test_an_altered_object_is_refused(world: World, objects: RequestObjects) -> None:
    header, _, signature = SIGNER.sign(claims(world)).split(".")
    payload = urlsafe_b64encode(json.dumps(claims(world, scope="openid email")).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, f"{header}.{payload}.{signature}")


@given(garbage=st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(InvalidRequestObjectError):
        parameters_of({"request": garbage})


@pytest.mark.parametrize("garbage", ["", ".", "..", "...", "a.b.c", "a.b.c.d.e", "....", "é.é.é", "e30.e30.", "\0"])
async def test_what_is_no_token_is_refused(objects: RequestObjects, garbage: str) -> None:
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, garbage)


async def test_a_jti_is_good_once(world: World, objects: RequestObjects) -> None:
    token = SIGNER.sign(claims(world, jti="one"))
    outcomes = await asyncio.gather(*(objects.open(CLIENT, token) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(outcome, RequestParameters) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidRequestObjectError) for outcome in outcomes) == 49
    other = replace(CLIENT, client_id=ClientId("other"))
    assert (await objects.open(other, SIGNER.sign(claims(world, jti="one", client_id="other", iss="other")))).values


async def test_without_a_jti_an_object_may_come_again(world: World, objects: RequestObjects) -> None:
    token = SIGNER.sign(claims(world))
    assert await objects.open(CLIENT, token) == await objects.open(CLIENT, token)


@pytest.mark.parametrize("changes", [
    {"jti": 1}, {"jti": "j" * 513}, {"exp": None}, {"nbf": None}, {"exp": 1e300}, {"exp": 4_000_000_000},
])  # fmt: skip
async def test_a_jti_that_nobody_can_remember_is_refused(
    world: World, objects: RequestObjects, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, SIGNER.sign(claims(world, **{"jti": "one", **changes})))


NO_MOMENTS = [0, -1000, -(10**30), -(10**400), 10**400, 2**53, True, "1800000000", [1]]


@pytest.mark.parametrize("value", NO_MOMENTS, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("name", ["exp", "nbf"])
@pytest.mark.parametrize("client", [CLIENT, FAPI], ids=["default", "fapi2"])
@pytest.mark.parametrize("identifier", [None, "one"])
async def test_what_is_no_moment_is_refused_whenever_it_comes(
    world: World, objects: RequestObjects, client: Client, name: str, value: object, identifier: str | None
) -> None:
    end = world.clock.now() + 300.5
    token = SIGNER.sign(claims(world, **{"jti": identifier, "exp": end, name: value}))
    for _ in range(2):
        with pytest.raises(InvalidRequestObjectError, match="is not a time"):
            await objects.open(client, token)


async def test_an_object_that_had_expired_before_it_came_is_refused_as_often_as_it_comes(
    world: World, objects: RequestObjects
) -> None:
    token = SIGNER.sign(claims(world, jti="one", nbf=5, exp=10))
    for refusal in ("expired", "used before", "used before"):
        with pytest.raises(InvalidRequestObjectError, match=refusal):
            await objects.open(CLIENT, token)


def encrypted(world: World, content: str) -> str:
    keys = [key for key in json.loads(world.signer.jwks())["keys"] if key.get("use") == "enc" and key["kty"] == "RSA"]
    key = KeySet.import_key_set({"keys": keys}).keys[0]
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT", "kid": key.kid}
    return jwe.encrypt_compact(header, content, key, algorithms=["RSA-OAEP-256", "A256GCM"])


async def test_an_encrypted_object_is_signed_inside(world: World, objects: RequestObjects) -> None:
    token = encrypted(world, SIGNER.sign(claims(world, state="xyz")))
    assert (await objects.open(FAPI, token)).values["state"] == "xyz"
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, encrypted(world, json.dumps(claims(world))))
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, encrypted(world, ClientSigner().sign(claims(world))))
    with pytest.raises(InvalidRequestObjectError):
        await objects.open(CLIENT, encrypted(world, token))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@example({"state": "x", "resource": ["https://a.vn", "https://b.vn"]})
@example({"resource": "https://a.vn"})
@given(st.dictionaries(st.sampled_from([*sorted(UNDERSTOOD), "resource", "request", "x"]), JSON))
def test_whatever_is_claimed_becomes_text_or_is_refused(members: dict[str, Any]) -> None:
    try:
        parameters = parameters_of(members)
    except InvalidRequestObjectError:
        return
    assert parameters.values.keys() <= UNDERSTOOD & members.keys()
    assert all(value and "\0" not in value for value in parameters.values.values())
    assert all(isinstance(resource, str) for resource in parameters.resources)
