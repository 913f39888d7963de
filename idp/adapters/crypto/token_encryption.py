"""JWE, compact (RFC 7516 section 3.1): encrypts to clients' keys, decrypts what was encrypted to ours.

RSA1_5 is out by RFC 8725 section 3.2; RSA-OAEP because it needs SHA-1 and whoever has it has RSA-OAEP-256; symmetric
algorithms because a client secret is kept as a hash.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Final

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.adapters.crypto.base64url import decode_base64url
from idp.adapters.crypto.compact_jws import parse_object
from idp.adapters.crypto.encryption_keys import EncryptionKey, EncryptionKeys, EncryptionKeyState, private_key_of
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore_watch import KeystoreWatch
from idp.adapters.crypto.signature_algorithms import has_usual_size
from idp.domain.clients.registered_metadata import CONTENT_ENCRYPTIONS, KEY_ENCRYPTIONS, Encryption
from idp.ports.clock import Clock
from idp.ports.foreign_tokens import Jwk, UnknownKeyError
from idp.ports.keys import UnreadableTokenError

LONGEST_TOKEN: Final = 32 * 1024
"""Characters: the longest JWS that is read, encrypted."""

_SEGMENTS: Final = 5

_CURVES: Final = {"EC": frozenset({"P-256", "P-384", "P-521"}), "OKP": frozenset({"X25519"})}
_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "RSA-OAEP-256": frozenset({"RSA"}),
    "ECDH-ES": frozenset({"EC", "OKP"}),
    "ECDH-ES+A256KW": frozenset({"EC", "OKP"}),
}
_MATERIAL: Final = ("kty", "crv", "x", "y", "n", "e")
_HEADER: Final = frozenset({"alg", "enc", "kid", "typ", "cty", "epk", "apu", "apv", "iss", "sub", "aud"})
_REGISTRY: Final = jwe.JWERegistry(algorithms=[*KEY_ENCRYPTIONS, *CONTENT_ENCRYPTIONS])
_FAILURES: Final = (JoseError, InvalidTag, InvalidUnwrap, ValueError, TypeError, KeyError, AttributeError)
"""What the libraries raise at a token that somebody made up."""

_JoseKey = RSAKey | ECKey | OKPKey
_Material = tuple[tuple[str, str], ...]


class _DecryptionKey:
    """One key of ours, parsed when it is first needed: most processes never decrypt anything."""

    def __init__(self, key: EncryptionKey) -> None:
        self.kid, self.kind = key.kid, key.kind
        self._sealed = key

    @cached_property
    def key(self) -> _JoseKey:
        pem = private_key_of(self._sealed)
        return RSAKey.import_key(pem) if self.kind == "RSA" else ECKey.import_key(pem)


class KeystoreTokenEncryption:
    """`TokenEncryption` over the encryption keys of a keystore, which is looked at once a second for changes."""

    def __init__(self, keys: EncryptionKeys, clock: Clock) -> None:
        """Read the keys. Raises `KeyMaterialError`."""
        self._keys = keys
        self._watch = KeystoreWatch(clock)
        self._fingerprint = keys.fingerprint()
        self._ring = _ring(keys.load())

    def encrypt(self, content: str, keys: Sequence[Jwk], encryption: Encryption, *, content_type: str | None) -> str:
        key = _chosen(keys, encryption)
        header: dict[str, Any] = {"alg": encryption.algorithm, "enc": encryption.content}
        # RFC 7519 section 5.2: of a nested JWT "this Header Parameter MUST be present; in this case, the value MUST be
        # "JWT"".
        if content_type is not None:
            header["cty"] = content_type
        if isinstance(key.get("kid"), str):
            header["kid"] = key["kid"]
        try:
            material = _material(key)
            return jwe.encrypt_compact(header, content.encode(), _public_key(material), registry=_REGISTRY)
        except _FAILURES as error:
            raise UnknownKeyError("the client's key cannot be encrypted to") from error

    def require_key(self, keys: Sequence[Jwk], encryption: Encryption) -> None:
        try:
            _public_key(_material(_chosen(keys, encryption)))
        except _FAILURES as error:
            raise UnknownKeyError("the client's key cannot be encrypted to") from error

    def decrypt(self, token: str) -> str:
        header = _read_header(token)
        candidates = self._candidates(header.get("kid"), header["alg"])
        for candidate in candidates:
            try:
                opened = jwe.decrypt_compact(token, candidate.key, registry=_REGISTRY)
                return (opened.plaintext or b"").decode("utf-8")
            except _FAILURES:
                # RFC 7516 section 11.5: format, padding and length errors "MUST NOT" be told apart.
                continue
        raise UnreadableTokenError("not encrypted to one of our keys")

    def _candidates(self, kid: str | None, algorithm: str) -> list[_DecryptionKey]:
        ring = self._current()
        if kid is not None and kid not in ring and self._watch.may_look_again():
            self._follow()
            ring = self._ring
        if kid is not None:
            named = ring.get(kid)
            return [named] if named is not None and named.kind in _KINDS[algorithm] else []
        return [key for key in ring.values() if key.kind in _KINDS[algorithm]]

    def _current(self) -> dict[str, _DecryptionKey]:
        if self._watch.is_due():
            self._follow()
        return self._ring

    def _follow(self) -> None:
        """Reread the keystore if it changed; what is at hand stays in use when it cannot be read."""
        try:
            fingerprint = self._keys.fingerprint()
            if fingerprint != self._fingerprint:
                self._ring = _ring(self._keys.load()) or self._ring
                self._fingerprint = fingerprint
        except KeyMaterialError as error:
            structlog.get_logger().warning("keystore.not_reread", reason=str(error))


def _ring(keys: Iterable[EncryptionKey]) -> dict[str, _DecryptionKey]:
    """Return what decrypts, newest first."""
    living = [key for key in keys if key.private and key.state is not EncryptionKeyState.GONE]
    living.sort(key=lambda key: key.created_at, reverse=True)
    return {key.kid: _DecryptionKey(key) for key in living}


def _read_header(token: str) -> dict[str, Any]:
    """Return the header. Raises `UnreadableTokenError` unless it is one of a token that we may open.

    RFC 7516 section 4.1.13: what `crit` names must be understood; we understand no extension. Nothing is decompressed
    (RFC 8725 section 3.6).
    """
    if len(token) > LONGEST_TOKEN:
        raise UnreadableTokenError("too long")
    segments = token.split(".")
    if len(segments) != _SEGMENTS:
        raise UnreadableTokenError("not five segments")
    try:
        header = parse_object(decode_base64url(segments[0]))
    except ValueError as error:
        raise UnreadableTokenError("not canonical base64url") from error
    if not header.keys() <= _HEADER or not isinstance(header.get("kid", ""), str):
        raise UnreadableTokenError("foreign header")
    if header.get("alg") not in KEY_ENCRYPTIONS or header.get("enc") not in CONTENT_ENCRYPTIONS:
        raise UnreadableTokenError("algorithm is not allowed")
    return header


def _chosen(keys: Sequence[Jwk], encryption: Encryption) -> Jwk:
    """Return the first key that fits. Raises `UnknownKeyError`."""
    key = next((key for key in keys if _fits(key, encryption.algorithm)), None)
    if key is None or encryption.content not in CONTENT_ENCRYPTIONS:
        raise UnknownKeyError(f"no key of the client's is for {encryption.algorithm}")
    return key


def _fits(key: Jwk, algorithm: str) -> bool:
    # RFC 7517 sections 4.2 and 4.4: `use` and `alg` narrow what a key is for.
    kind, curve = key.get("kty"), key.get("crv", "")
    return (
        isinstance(kind, str)
        and isinstance(curve, str)
        and key.get("use", "enc") == "enc"
        and key.get("alg", algorithm) == algorithm
        and kind in _KINDS.get(algorithm, frozenset())
        and (kind == "RSA" or curve in _CURVES[kind])
    )


def _material(key: Jwk) -> _Material:
    return tuple((name, str(key[name])) for name in _MATERIAL if name in key)


@lru_cache(512)
def _public_key(material: _Material) -> _JoseKey:
    """Return the key, parsed. Raises ValueError or a library's error when it is none."""
    key = dict(material)
    if key["kty"] == "RSA":
        if not has_usual_size(key):
            raise ValueError("RSA key of an unusual size")
        return RSAKey.import_key({"kty": "RSA", "n": key["n"], "e": key["e"]})
    return OKPKey.import_key({**key}) if key["kty"] == "OKP" else ECKey.import_key({**key})
