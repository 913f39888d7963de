import asyncio
import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.adapters.sql.short_lived import SqlShortLivedStore
from idp.domain.clients.client import Client
from idp.domain.clients.client_policy import ClientProfile
from idp.domain.clients.client_secret import RetiringSecret
from idp.domain.ids import ClientId, Seconds
from idp.ports.clock import CLOCK_TOLERANCE
from idp.protocol.clients.client_assertion import AHEAD, LONGEST_LIFE, TYPE
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.clients.client_keys import PAUSE
from idp.protocol.clients.client_secrets import ClientSecrets
from idp.protocol.errors import InvalidClientError, InvalidRequestError
from tests.protocol.any_json import ANY_JSON
from tests.protocol.client_signer import ClientSigner
from tests.protocol.clients.test_client_keys import URI, Publisher
from tests.protocol.world import ISSUER, PORTAL, World, basic, open_world

SIGNER = ClientSigner()
SIGNING = replace(
    PORTAL,
    client_id=ClientId("signing"),
    secret_hashes=(),
    token_endpoint_auth_method="private_key_jwt",
    metadata={"jwks": {"keys": [SIGNER.jwk]}},
)
SECRET = "a secret of thirty-two bytes or more"


def parameters(now: int, signer: ClientSigner = SIGNER, client_id: str = "signing", **changes: Any) -> dict[str, str]:
    """Return what a client sends; `changes` replace claims, or remove them (None)."""
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + 60,
    } | changes
    told = {name: value for name, value in claims.items() if value is not None}
    return {"client_assertion_type": TYPE, "client_assertion": signer.sign(told)}


async def authenticate(world: World, **changes: Any) -> AuthenticatedClient:
    """Authenticate by a right assertion but for the changes."""
    return await world.authentication.authenticate(parameters(world.clock.now(), **changes), None)


@pytest.fixture
async def signing(world: World) -> World:
    """Return the world with a client that signs."""
    await world.save(SIGNING)
    return world


async def test_a_client_proves_itself_by_its_key(signing: World) -> None:
    assert (await authenticate(signing)).client_id == "signing"


async def test_the_body_may_repeat_the_client_identifier_and_name_no_other(signing: World) -> None:
    told = parameters(signing.clock.now())
    assert (await signing.authentication.authenticate(told | {"client_id": "signing"}, None)).client_id == "signing"
    with pytest.raises(InvalidClientError):
        await signing.authentication.authenticate(parameters(signing.clock.now()) | {"client_id": "portal"}, None)


@pytest.mark.parametrize(
    "audience",
    [f"{ISSUER}/token", f"{ISSUER}/par", [ISSUER], [f"{ISSUER}/token"], ["https://other.example", ISSUER]],
)
async def test_an_assertion_is_addressed_to_the_issuer_or_an_endpoint(signing: World, audience: object) -> None:
    await authenticate(signing, aud=audience)


@pytest.mark.parametrize(
    "audience",
    [f"{ISSUER}/token", f"{ISSUER}/par", [ISSUER], [ISSUER, "https://other.example"], f"{ISSUER}/", None],
)
async def test_of_a_fapi_client_the_audience_is_the_issuer_as_a_string_and_nothing_else(
    signing: World, audience: object
) -> None:
    await signing.save(replace(SIGNING, profile=ClientProfile.FAPI2))
    with pytest.raises(InvalidClientError, match="somebody else"):
        await authenticate(signing, aud=audience)
    await authenticate(signing)


@pytest.mark.parametrize("seconds", [8, 10, AHEAD])
async def test_clocks_that_run_ahead_are_allowed_for(signing: World, seconds: int) -> None:
    await authenticate(signing, nbf=signing.clock.now() + seconds, iat=signing.clock.now() + seconds)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"sub": None}, id="no sub"),
        pytest.param({"sub": "portal"}, id="the sub of another"),
        pytest.param({"iss": None}, id="no iss"),
        pytest.param({"iss": "portal"}, id="the iss of another"),
        pytest.param({"iss": "x\0", "sub": "x\0"}, id="a null in the identifier"),
        pytest.param({"iss": "\ud800", "sub": "\ud800"}, id="an identifier that is no text"),
        pytest.param({"aud": None}, id="no aud"),
        pytest.param({"aud": "https://other.example"}, id="another's aud"),
        pytest.param({"aud": []}, id="an empty aud"),
        pytest.param({"aud": [7]}, id="an aud that is a number"),
        pytest.param({"exp": None}, id="no exp"),
        pytest.param({"exp": "soon"}, id="an exp that is text"),
        pytest.param({"exp": True}, id="an exp that is a boolean"),
        pytest.param({"exp": -(10**30)}, id="an exp before all time"),
        pytest.param({"exp": 1e300}, id="an exp beyond all time"),
        pytest.param({"iat": "now"}, id="an iat that is text"),
        pytest.param({"nbf": [1]}, id="an nbf that is a list"),
        pytest.param({"jti": None}, id="no jti"),
        pytest.param({"jti": ""}, id="an empty jti"),
        pytest.param({"jti": 7}, id="a jti that is a number"),
        pytest.param({"jti": "x" * 513}, id="an endless jti"),
    ],
)
async def test_an_assertion_holds_what_the_specifications_require(signing: World, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidClientError) as refused:
        await authenticate(signing, **changes)
    assert refused.value.description == InvalidClientError.default


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("exp", 0), ("exp", -300), ("exp", LONGEST_LIFE + CLOCK_TOLERANCE + 1), ("nbf", 60), ("iat", 60), ("nbf", 16)],
)
async def test_an_assertion_of_another_time_is_refused(signing: World, name: str, seconds: int) -> None:
    with pytest.raises(InvalidClientError):
        await authenticate(signing, **{name: signing.clock.now() + seconds})


async def test_the_type_of_assertion_must_be_told(signing: World) -> None:
    for wrong in ({"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}, {}):
        told = {"client_assertion": parameters(signing.clock.now())["client_assertion"]} | wrong
        with pytest.raises(InvalidClientError):
            await signing.authentication.authenticate(told, None)


async def test_a_token_of_another_type_is_no_assertion(signing: World) -> None:
    now = signing.clock.now()
    claims = {"iss": "signing", "sub": "signing", "aud": ISSUER, "jti": "1", "iat": now, "exp": now + 60}
    for kind, good in (("oauth-authz-req+jwt", False), (["JWT"], False), ("client-authentication+jwt", True)):
        told = {"client_assertion_type": TYPE, "client_assertion": SIGNER.sign(claims, typ=kind)}
        if good:
            await signing.authentication.authenticate(told, None)
            continue
        with pytest.raises(InvalidClientError):
            await signing.authentication.authenticate(told, None)


async def test_another_s_key_and_another_algorithm_are_refused(signing: World) -> None:
    with pytest.raises(InvalidClientError, match="signature"):
        await authenticate(signing, signer=ClientSigner())
    await signing.save(replace(SIGNING, metadata={**SIGNING.metadata, "token_endpoint_auth_signing_alg": "PS256"}))
    with pytest.raises(InvalidClientError, match="not the registered algorithm"):
        await authenticate(signing)


async def test_a_fapi_client_does_not_sign_with_rs256(signing: World) -> None:
    signer = ClientSigner(algorithm="RS256")
    client = replace(SIGNING, metadata={"jwks": {"keys": [signer.jwk]}})
    await signing.save(client)
    await authenticate(signing, signer=signer)
    await signing.save(replace(client, profile=ClientProfile.FAPI2))
    with pytest.raises(InvalidClientError, match="algorithm"):
        await authenticate(signing, signer=signer)


async def test_a_client_registered_for_another_method_is_refused(signing: World) -> None:
    with pytest.raises(InvalidClientError, match="method"):
        await authenticate(signing, client_id="portal")
    with pytest.raises(InvalidClientError, match="method"):
        await signing.authentication.authenticate({}, basic("signing"))


async def test_an_assertion_and_another_method_at_once_are_refused(signing: World) -> None:
    told = parameters(signing.clock.now())
    with pytest.raises(InvalidRequestError):
        await signing.authentication.authenticate(told, basic())
    with pytest.raises(InvalidRequestError):
        await signing.authentication.authenticate(told | {"client_secret": "x"}, None)


async def test_an_assertion_is_good_once(signing: World) -> None:
    told = parameters(signing.clock.now())
    await signing.authentication.authenticate(told, None)
    with pytest.raises(InvalidClientError, match="used before"):
        await signing.authentication.authenticate(told, None)


async def test_of_fifty_copies_at_once_one_is_good(signing: World) -> None:
    told = parameters(signing.clock.now())
    tries = [signing.authentication.authenticate(told, None) for _ in range(50)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, AuthenticatedClient) for outcome in outcomes) == 1
    assert all(isinstance(outcome, AuthenticatedClient | InvalidClientError) for outcome in outcomes)


@pytest.mark.parametrize("changes", [{}, {"iat": None}])
async def test_after_a_loss_of_the_marks_no_assertion_from_before_is_good(
    signing: World, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    lost_at = signing.clock.now()

    async def since(_store: SqlShortLivedStore, _asked_at: Seconds) -> Seconds:
        return lost_at

    monkeypatch.setattr(SqlShortLivedStore, "remembers_since", since)
    old = parameters(lost_at, exp=lost_at + LONGEST_LIFE, **changes)
    signing.clock.seconds += 300
    with pytest.raises(InvalidClientError, match="forgotten"):
        await signing.authentication.authenticate(old, None)
    # One that says when it was made is good again at once, and one that does not as soon as it must be new.
    await authenticate(signing)
    signing.clock.seconds += LONGEST_LIFE
    await authenticate(signing, iat=None)


async def test_an_unseen_key_has_the_published_set_fetched_again(template: Path, tmp_path: Path) -> None:
    """OpenID Connect Core section 10.1.1: keys roll over by publishing the new one and naming it."""
    old, new = ClientSigner("old"), ClientSigner("new")
    publisher = Publisher(old)
    world = await open_world(shutil.copytree(template, tmp_path / "publishing"), http=publisher)
    try:
        await world.save(replace(SIGNING, metadata={"jwks_uri": URI}))
        await authenticate(world, signer=old)
        publisher.publish(old, new)
        world.clock.seconds += PAUSE
        await authenticate(world, signer=new)
        await authenticate(world, signer=old)
        with pytest.raises(InvalidClientError):
            await authenticate(world, signer=ClientSigner("never published"))
        assert publisher.fetched == 2
    finally:
        await world.stores.close()
        world.foundation.hasher.close()


async def test_an_unknown_client_costs_a_signature(signing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    verified = []
    verify, with_secret = ForeignJws.verify, ForeignJws.verify_with_secret

    def counting(*arguments: Any) -> Any:
        verified.append("key")
        return verify(*arguments)

    def counting_secret(*arguments: Any) -> Any:
        verified.append("secret")
        return with_secret(*arguments)

    monkeypatch.setattr(ForeignJws, "verify", counting)
    monkeypatch.setattr(ForeignJws, "verify_with_secret", counting_secret)
    for signer in (SIGNER, ClientSigner(algorithm="HS256", secret=SECRET)):
        with pytest.raises(InvalidClientError, match="unknown client"):
            await authenticate(signing, signer=signer, client_id="nobody")
    assert verified == ["key", "secret"]


async def with_secret(world: World, secret: str = SECRET, **changes: Any) -> Client:
    """Register a client that signs with a secret."""
    sealed = ClientSecrets(world.foundation.keystore.vault()).seal(ClientId("signing"), secret)
    client = replace(SIGNING, token_endpoint_auth_method="client_secret_jwt", sealed_secret=sealed, metadata={})
    client = replace(client, **changes)
    await world.save(client)
    return client


async def test_a_client_may_sign_with_its_secret(world: World) -> None:
    await with_secret(world)
    signer = ClientSigner(algorithm="HS256", secret=SECRET)
    assert (await authenticate(world, signer=signer)).client_id == "signing"
    with pytest.raises(InvalidClientError, match="signature"):
        await authenticate(world, signer=ClientSigner(algorithm="HS256", secret="another secret of so many bytes"))


async def test_a_secret_is_no_key_and_a_key_no_secret(signing: World) -> None:
    with pytest.raises(InvalidClientError, match="method"):
        await authenticate(signing, signer=ClientSigner(algorithm="HS256", secret=SECRET))
    await with_secret(signing, metadata={"jwks": {"keys": [SIGNER.jwk]}})
    with pytest.raises(InvalidClientError, match="method"):
        await authenticate(signing)


async def test_a_client_whose_secret_is_not_kept_never_gets_in(world: World) -> None:
    await with_secret(world, sealed_secret=None)
    with pytest.raises(InvalidClientError, match="no secret"):
        await authenticate(world, signer=ClientSigner(algorithm="HS256", secret=SECRET))


async def test_a_retiring_secret_signs_until_its_time(world: World) -> None:
    old = await with_secret(world)
    ends = Seconds(world.clock.now() + 100)
    client = replace(old, retiring_secrets=(RetiringSecret(b"", ends, old.sealed_secret),))
    new = ClientSecrets(world.foundation.keystore.vault()).seal(client.client_id, SECRET.upper())
    await world.save(replace(client, sealed_secret=new))
    for secret in (SECRET, SECRET.upper()):
        await authenticate(world, signer=ClientSigner(algorithm="HS256", secret=secret))
    world.clock.seconds = ends
    with pytest.raises(InvalidClientError):
        await authenticate(world, signer=ClientSigner(algorithm="HS256", secret=SECRET))
    await authenticate(world, signer=ClientSigner(algorithm="HS256", secret=SECRET.upper()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(st.sampled_from(["typ", "kid", "jwk", "crit", "x5c", "cty"]), ANY_JSON, max_size=4),
    claims=st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]), ANY_JSON, max_size=7),
)
async def test_whatever_stands_in_an_assertion_it_is_accepted_or_refused(
    world: World, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    now = world.clock.now()
    told = {"iss": "signing", "sub": "signing", "aud": ISSUER, "jti": secrets.token_hex(), "exp": now + 60} | claims
    if await world.stores.clients.get("signing") is None:
        await world.save(SIGNING)
    sent = {"client_assertion_type": TYPE, "client_assertion": SIGNER.sign(told, **header)}
    outcome = (await asyncio.gather(world.authentication.authenticate(sent, None), return_exceptions=True))[0]
    assert isinstance(outcome, AuthenticatedClient | InvalidClientError)
