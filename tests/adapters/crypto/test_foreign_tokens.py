import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.crypto.base64url import encode_base64url
from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.ports.foreign_tokens import UnknownKeyError
from idp.ports.keys import UnreadableTokenError
from tests.protocol.client_signer import ClientSigner

TOKENS = ForeignJws()
CLAIMS = {"iss": "client", "aud": "https://idp.example"}
ALL = frozenset({"RS256", "PS256", "ES256", "EdDSA", "Ed25519"})


@pytest.mark.parametrize("algorithm", sorted(ALL))
def test_what_a_client_signed_verifies_under_its_key(algorithm: str) -> None:
    signer = ClientSigner(algorithm=algorithm)
    verified = TOKENS.verify(TOKENS.read(signer.sign(CLAIMS)), [signer.jwk], ALL)
    assert verified.claims == CLAIMS


@pytest.mark.parametrize("algorithm", sorted(ALL))
def test_another_key_of_the_same_name_does_not_verify(algorithm: str) -> None:
    token = TOKENS.read(ClientSigner(algorithm=algorithm).sign(CLAIMS))
    with pytest.raises(UnreadableTokenError, match="wrong signature"):
        TOKENS.verify(token, [ClientSigner(algorithm=algorithm).jwk], ALL)


def test_a_kid_that_is_not_among_the_keys_may_be_a_fresh_one() -> None:
    signer = ClientSigner("new")
    with pytest.raises(UnknownKeyError):
        TOKENS.verify(TOKENS.read(signer.sign(CLAIMS)), [ClientSigner("old").jwk], ALL)


def test_without_a_kid_every_fitting_key_is_tried() -> None:
    signer, other = ClientSigner("a"), ClientSigner("b")
    token = TOKENS.read(signer.sign(CLAIMS, kid=None))
    assert TOKENS.verify(token, [other.jwk, signer.jwk], ALL).claims == CLAIMS
    with pytest.raises(UnknownKeyError):
        TOKENS.verify(token, [other.jwk], ALL)


@pytest.mark.parametrize(
    "changed",
    [{"use": "enc"}, {"alg": "RS256"}, {"kty": "RSA"}, {"crv": "P-384"}, {"kid": "another"}],
    ids=str,
)
def test_a_key_for_something_else_is_not_used(changed: dict[str, str]) -> None:
    signer = ClientSigner()
    with pytest.raises(UnknownKeyError):
        TOKENS.verify(TOKENS.read(signer.sign(CLAIMS)), [signer.jwk | changed], ALL)


@pytest.mark.parametrize("name", ["kty", "crv", "use", "alg", "kid"])
@pytest.mark.parametrize("value", [["ES256"], {"a": []}, 7, True])
def test_a_key_whose_description_is_no_text_is_not_used(name: str, value: object) -> None:
    signer = ClientSigner()
    with pytest.raises(UnknownKeyError):
        TOKENS.verify(TOKENS.read(signer.sign(CLAIMS)), [signer.jwk | {name: value}], ALL)


def test_an_algorithm_that_is_not_allowed_is_refused_before_any_key_is_looked_at() -> None:
    signer = ClientSigner(algorithm="RS256")
    with pytest.raises(UnreadableTokenError, match="algorithm"):
        TOKENS.verify(TOKENS.read(signer.sign(CLAIMS)), [signer.jwk], frozenset({"ES256"}))


def test_no_algorithm_at_all_is_refused_whatever_is_allowed() -> None:
    header, payload = (encode_base64url(json.dumps(part).encode()) for part in ({"alg": "none"}, CLAIMS))
    token = TOKENS.read(f"{header}.{payload}.")
    with pytest.raises(UnreadableTokenError, match="algorithm"):
        TOKENS.verify(token, [ClientSigner().jwk], ALL | {"none"})


def test_a_public_key_is_no_shared_secret() -> None:
    """RFC 8725 section 2.1: RS256 verification material used as an HMAC key."""
    victim = ClientSigner(algorithm="RS256")
    forged = ClientSigner(algorithm="HS256", secret=json.dumps(victim.jwk)).sign(CLAIMS)
    with pytest.raises(UnreadableTokenError):
        TOKENS.verify(TOKENS.read(forged), [victim.jwk], ALL | {"HS256"})


def test_a_shared_secret_verifies_only_what_it_signed() -> None:
    secret = "s" * 32
    token = TOKENS.read(ClientSigner(algorithm="HS256", secret=secret).sign(CLAIMS))
    assert TOKENS.verify_with_secret(token, secret.encode()).claims == CLAIMS
    with pytest.raises(UnreadableTokenError, match="wrong signature"):
        TOKENS.verify_with_secret(token, b"t" * 32)
    with pytest.raises(UnreadableTokenError, match="algorithm"):
        TOKENS.verify_with_secret(TOKENS.read(ClientSigner().sign(CLAIMS)), secret.encode())


def test_a_proof_is_verified_by_the_key_in_its_header_and_known_by_its_thumbprint() -> None:
    signer = ClientSigner()
    verified, thumbprint = TOKENS.verify_by_own_key(TOKENS.read(signer.sign(CLAIMS, jwk=signer.public)), ALL)
    assert (verified.claims, thumbprint) == (CLAIMS, signer.thumbprint)


@pytest.mark.parametrize(
    "key",
    [
        lambda signer: None,
        lambda signer: "text",
        lambda signer: {},
        lambda signer: {**signer.public, "d": "AAAA"},
        lambda signer: {"kty": "oct", "k": "AAAA"},
        lambda signer: {**signer.public, "crv": "P-384"},
        lambda signer: {**signer.public, "x": 1},
        lambda signer: {**signer.public, "x": "AAAA"},
        lambda signer: {**signer.public, "x": "not base64url!"},
        lambda signer: {"kty": "EC", "crv": "P-256"},
        lambda signer: ClientSigner().public,
    ],
)
def test_a_proof_with_no_key_of_its_own_is_refused(key: Callable[[ClientSigner], Any]) -> None:
    signer = ClientSigner()
    token = TOKENS.read(signer.sign(CLAIMS, jwk=key(signer)))
    with pytest.raises(UnreadableTokenError):
        TOKENS.verify_by_own_key(token, ALL)


@pytest.mark.parametrize(
    "changed",
    [
        *({"n": encode_base64url(b"\xff" * size)} for size in (128, 513)),
        *({"e": encode_base64url(number)} for number in (b"\1", b"\4", b"\1\0\0\0\1", b"\x7f" + b"\xff" * 383)),
    ],
    ids=lambda changed: f"{next(iter(changed))} of {len(next(iter(changed.values())))}",
)
def test_an_rsa_key_that_is_weak_or_dear_is_refused(changed: dict[str, str]) -> None:
    signer = ClientSigner(algorithm="RS256")
    token = TOKENS.read(signer.sign(CLAIMS, jwk=signer.public | changed))
    with pytest.raises(UnreadableTokenError, match="unusual size"):
        TOKENS.verify(token, [signer.jwk | changed], ALL)
    with pytest.raises(UnreadableTokenError, match="unusual size"):
        TOKENS.verify_by_own_key(token, ALL)


def test_a_token_without_a_kid_is_not_tried_under_keys_without_end() -> None:
    signer = ClientSigner()
    token, others = TOKENS.read(signer.sign(CLAIMS, kid=None)), [ClientSigner().jwk for _ in range(8)]
    assert TOKENS.verify(token, [*others[1:], signer.jwk], ALL).claims == CLAIMS
    with pytest.raises(UnknownKeyError):
        TOKENS.verify(token, [*others, signer.jwk], ALL)


@pytest.mark.parametrize(("of_key", "of_token"), [("EdDSA", "Ed25519"), ("Ed25519", "EdDSA"), ("Ed25519", "Ed25519")])
def test_both_names_of_ed25519_are_one_algorithm(of_key: str, of_token: str) -> None:
    signer = ClientSigner(algorithm="Ed25519")
    token = TOKENS.read(signer.sign(CLAIMS, alg=of_token))
    assert TOKENS.verify(token, [signer.jwk | {"alg": of_key}], ALL).claims == CLAIMS


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"b64": False}, {"kid": 7}, {"kid": "k" * 257}], ids=str)
def test_a_header_that_nobody_understands_is_refused(header: dict[str, Any]) -> None:
    signer = ClientSigner()
    with pytest.raises(UnreadableTokenError):
        TOKENS.read(_unsigned({"alg": "ES256", "kid": signer.kid, **header}))


@given(st.text() | st.binary().map(lambda value: value.decode("latin-1")))
def test_whatever_is_sent_is_read_or_refused(token: str) -> None:
    try:
        TOKENS.read(token)
    except UnreadableTokenError:
        return


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_whatever_the_header_holds_is_read_or_refused(value: object) -> None:
    for name in ("alg", "kid", "typ", "jwk"):
        try:
            token = TOKENS.read(_unsigned({"alg": "ES256", name: value}))
            TOKENS.verify_by_own_key(token, ALL)
        except UnreadableTokenError:
            continue
        raise AssertionError("an unsigned token was believed")


def _unsigned(header: dict[str, Any]) -> str:
    parts = (encode_base64url(json.dumps(part).encode()) for part in (header, CLAIMS))
    return ".".join((*parts, encode_base64url(bytes(64))))
