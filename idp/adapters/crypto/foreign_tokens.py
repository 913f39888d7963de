"""JWS of others: taken apart strictly, verified under keys that their signer registered (RFC 7515, RFC 8725)."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature

from idp.adapters.crypto.base64url import decode_base64url
from idp.adapters.crypto.compact_jws import parse_object, split_compact
from idp.adapters.crypto.signature_algorithms import Verify, has_usual_size, thumbprint, verifying_function
from idp.ports.foreign_tokens import Jwk, UnknownKeyError, UnverifiedToken, VerifiedToken
from idp.ports.keys import UnreadableTokenError

_KINDS: Final[Mapping[str, tuple[str, str | None]]] = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}
"""The key type and curve that each algorithm is for (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864)."""

_MOST_CANDIDATES: Final = 8
"""Keys that a token without `kid` is verified under, one after another."""

_MATERIAL: Final = ("kty", "crv", "x", "y", "n", "e")
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_HMAC: Final = "HS256"
_LONGEST_KEY_ID: Final = 256


class ForeignJws:
    """Implements `ForeignTokens`. Parsed keys are remembered, by what they are made of."""

    def read(self, token: str) -> UnverifiedToken:
        jws = split_compact(token)
        try:
            header = parse_object(decode_base64url(jws.header_segment))
        except ValueError as error:
            raise UnreadableTokenError("not canonical base64url") from error
        algorithm, key_id = header.get("alg"), header.get("kid", "")
        if not isinstance(algorithm, str) or not isinstance(key_id, str) or len(key_id) > _LONGEST_KEY_ID:
            raise UnreadableTokenError("malformed header")
        # RFC 7515 section 4.1.11: what `crit` names must be understood; we understand no extension.
        if "crit" in header or "b64" in header:
            raise UnreadableTokenError("critical header")
        return UnverifiedToken(header, parse_object(jws.unverified_payload), jws.signing_input, jws.signature)

    def verify(self, token: UnverifiedToken, keys: Sequence[Jwk], algorithms: AbstractSet[str]) -> VerifiedToken:
        if token.algorithm not in algorithms or token.algorithm not in _KINDS:
            raise UnreadableTokenError("algorithm is not allowed")
        candidates = [key for key in keys if _fits(key, token)][:_MOST_CANDIDATES]
        if not candidates:
            raise UnknownKeyError("no key fits")
        for key in candidates:
            if _holds(_verifier(token.algorithm, _material(key)), token):
                return VerifiedToken(token.header, token.claims)
        # Without a kid, the right key may be one that was published since.
        raise UnreadableTokenError("wrong signature") if token.key_id else UnknownKeyError("no key verifies")

    def verify_with_secret(self, token: UnverifiedToken, secret: bytes) -> VerifiedToken:
        if token.algorithm != _HMAC:
            raise UnreadableTokenError("algorithm is not allowed")
        if not hmac.compare_digest(hmac.digest(secret, token.signing_input, sha256), token.signature):
            raise UnreadableTokenError("wrong signature")
        return VerifiedToken(token.header, token.claims)

    def verify_by_own_key(self, token: UnverifiedToken, algorithms: AbstractSet[str]) -> tuple[VerifiedToken, str]:
        key = token.header.get("jwk")
        if token.algorithm not in algorithms or token.algorithm not in _KINDS:
            raise UnreadableTokenError("algorithm is not allowed")
        # RFC 9449 section 4.2: the key "MUST NOT contain a private key".
        if not isinstance(key, dict) or _PRIVATE & key.keys() or not _is_kind(key, token.algorithm):
            raise UnreadableTokenError("not a public key for this algorithm")
        material = _material(key)
        if not _holds(_verifier(token.algorithm, material), token):
            raise UnreadableTokenError("wrong signature")
        return VerifiedToken(token.header, token.claims), _thumbprint(material)


Material = tuple[tuple[str, str], ...]


def _fits(key: Jwk, token: UnverifiedToken) -> bool:
    # RFC 7517 sections 4.2 to 4.5: use, key_ops, alg and kid each narrow what a key is for.
    return (
        key.get("use", "sig") == "sig"
        # RFC 9864: `EdDSA` with this curve and `Ed25519` are two names of one algorithm.
        and _fully(key.get("alg", token.algorithm)) == _fully(token.algorithm)
        and (token.key_id is None or key.get("kid", token.key_id) == token.key_id)
        and _is_kind(key, token.algorithm)
    )


def _fully(algorithm: object) -> object:
    return "Ed25519" if algorithm == "EdDSA" else algorithm


def _is_kind(key: Mapping[str, Any], algorithm: str) -> bool:
    kind, curve = _KINDS[algorithm]
    return key.get("kty") == kind and (curve is None or key.get("crv") == curve)


def _material(key: Mapping[str, Any]) -> Material:
    material = tuple((name, key[name]) for name in _MATERIAL if name in key)
    if not all(isinstance(value, str) for _, value in material):
        raise UnreadableTokenError("malformed key")
    return material


@lru_cache(2048)
def _verifier(algorithm: str, material: Material) -> Verify:
    """Return what verifies under a key. Raises `UnreadableTokenError` when it is none."""
    key = dict(material)
    try:
        if key["kty"] == "RSA" and not has_usual_size(key):
            raise UnreadableTokenError("RSA key of an unusual size")
        return verifying_function(algorithm, key)
    except (KeyError, ValueError) as error:
        raise UnreadableTokenError("malformed key") from error


@lru_cache(2048)
def _thumbprint(material: Material) -> str:
    return thumbprint(dict(material))


def _holds(verify: Callable[[bytes, bytes], None], token: UnverifiedToken) -> bool:
    try:
        verify(token.signature, token.signing_input)
    except (InvalidSignature, ValueError):
        return False
    return True
