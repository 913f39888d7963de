from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from idp.adapters.crypto.signing_keys import KeyState
from idp.domain.ids import ClientId, Seconds
from idp.protocol.errors import InvalidTokenError
from idp.protocol.resources.resources import Target
from idp.protocol.tokens import access_token
from idp.protocol.tokens.access_token import ALGORITHM, LIFETIME, AccessTokens
from tests.protocol.world import API, ISSUER, World

TARGET = Target((API,), ("dossier.read", "dossier.write"))


def header(token: str) -> dict[str, Any]:
    segment = token.partition(".")[0]
    return msgspec.json.decode(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)), type=dict[str, Any])


def test_a_person_s_token_has_the_claims_of_rfc_9068(world: World) -> None:
    grant = world.grant()
    issued = world.access_tokens.for_grant(grant, "subject-1", TARGET)
    now = world.clock.now()
    assert header(issued.token)["typ"] == "at+jwt"
    assert header(issued.token)["alg"] == "ES256"
    assert world.claims(issued.token) == {
        "iss": ISSUER,
        "sub": "subject-1",
        "aud": API,
        "client_id": "portal",
        "iat": now,
        "exp": now + LIFETIME,
        "jti": issued.token_id,
        "scope": "dossier.read dossier.write",
        "auth_time": now - 10,
        "acr": "urn:vn:loa:2",
        "amr": ["mfa", "otp", "pwd"],
        "gid": grant.grant_id,
    }


def test_a_client_s_own_token_is_about_the_client_and_names_no_sign_in(world: World) -> None:
    issued = world.access_tokens.for_client(ClientId("machine"), Target((ISSUER, API), ()))
    claims = world.claims(issued.token)
    assert claims["sub"] == claims["client_id"] == "machine"
    assert claims["aud"] == [ISSUER, API]
    assert claims.keys().isdisjoint({"gid", "auth_time", "acr", "amr", "scope"})


def test_a_token_never_outlives_its_grant(world: World) -> None:
    grant = world.grant(expires_at=Seconds(world.clock.seconds + 7))
    assert world.access_tokens.for_grant(grant, "s", TARGET).expires_in == 7


def test_every_token_has_an_identifier_of_its_own(world: World) -> None:
    assert len({world.access_tokens.for_client(ClientId("machine"), TARGET).token_id for _ in range(100)}) == 100


def test_a_token_without_methods_says_nothing_about_them(world: World) -> None:
    issued = world.access_tokens.for_grant(world.grant(amr=()), "s", TARGET)
    assert "amr" not in world.claims(issued.token)


def test_what_was_issued_is_read_back(world: World) -> None:
    grant = world.grant()
    issued = world.access_tokens.for_grant(grant, "s", TARGET)
    verified = world.access_tokens.verify(issued.token)
    assert verified.grant_id == grant.grant_id
    assert verified.audience == (API,)
    assert verified.scopes == TARGET.scopes
    assert verified.token_id == issued.token_id
    own = world.access_tokens.verify(world.access_tokens.for_client(ClientId("m"), Target((API, ISSUER), ())).token)
    assert (own.audience, own.scopes, own.grant_id) == ((API, ISSUER), (), None)


def test_a_token_must_be_before_its_expiry(world: World) -> None:
    token = world.access_tokens.for_client(ClientId("machine"), TARGET).token
    world.clock.seconds += LIFETIME - 1
    world.access_tokens.verify(token)
    world.clock.seconds += 1
    with pytest.raises(InvalidTokenError):
        world.access_tokens.verify(token)


def test_a_token_that_was_read_before_costs_no_second_verification(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = world.access_tokens.for_client(ClientId("machine"), TARGET).token
    first = world.access_tokens.verify(token)
    with monkeypatch.context() as patched:
        patched.setattr(type(world.signer), "verify", None)
        assert world.access_tokens.verify(token) is first


def test_a_token_that_was_read_before_is_refused_a_second_after_its_key_is_gone(world: World) -> None:
    token = world.access_tokens.for_client(ClientId("machine"), TARGET).token
    world.access_tokens.verify(token)
    keys = world.foundation.keystore.signing_keys
    signing = next(key for key in keys.load() if (key.algorithm, key.state) == (ALGORITHM, KeyState.SIGNING))
    keys.rotate(ALGORITHM)
    keys.retire(signing.kid)
    world.clock.seconds += 1
    with pytest.raises(InvalidTokenError):
        world.access_tokens.verify(token)


def test_the_type_must_be_that_of_access_tokens(world: World) -> None:
    issued = world.access_tokens.for_client(ClientId("machine"), TARGET)
    for token_type in ("JWT", "logout+jwt"):
        token = world.signer.sign(world.claims(issued.token), algorithm=ALGORITHM, token_type=token_type)
        with pytest.raises(InvalidTokenError):
            world.access_tokens.verify(token)


def test_the_issuer_must_match_exactly(world: World) -> None:
    elsewhere = AccessTokens("http://localhost:9000", world.signer, world.clock, world.entropy)
    with pytest.raises(InvalidTokenError):
        world.access_tokens.verify(elsewhere.for_client(ClientId("machine"), TARGET).token)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "x" * 10_000, "é.é.é", "\0", "a" * 86])
def test_garbage_is_refused(world: World, token: str) -> None:
    with pytest.raises(InvalidTokenError):
        world.access_tokens.verify(token)


def test_an_altered_token_is_refused(world: World) -> None:
    head, body, signature = world.access_tokens.for_client(ClientId("machine"), TARGET).token.split(".")
    other = world.access_tokens.for_client(ClientId("portal"), TARGET).token.split(".")[1]
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"
    world.access_tokens.verify(f"{head}.{body}.{signature}")
    for token in (f"{head}.{other}.{signature}", f"{unsigned}.{body}.", f"{unsigned}.{body}.{signature}"):
        with pytest.raises(InvalidTokenError):
            world.access_tokens.verify(token)


def test_no_access_token_outlives_a_lock_by_more_than_five_minutes() -> None:
    assert LIFETIME <= 5 * 60
    issuers = [path for path in Path(access_token.__file__).parents[2].rglob("*.py") if "at+jwt" in path.read_text()]
    assert {path.name for path in issuers} == {"access_token.py"}
