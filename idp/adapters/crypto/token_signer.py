"""Signs our tokens and recognises them again (RFC 7515, RFC 7519); keys are parsed once, and reread on change."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature

from idp.adapters.crypto.base64url import encode_base64url_bytes
from idp.adapters.crypto.compact_jws import UnverifiedHeader, UnverifiedJws, parse_header, parse_object, split_compact
from idp.adapters.crypto.encryption_keys import EncryptionKeys, EncryptionKeyState
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore_watch import KeystoreWatch
from idp.adapters.crypto.signature_algorithms import ALGORITHMS, Sign, verifying_function
from idp.adapters.crypto.signing_keys import PUBLISHED_FOR, KeyState, SigningKey, SigningKeys
from idp.domain.ids import Seconds
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import UnreadableTokenError

_MOST_HEADERS: Final = 32


class _ReadyKey:
    """One key, ready for use, with the headers already seen or written under it."""

    __slots__ = ("algorithm", "kid", "sign", "state_since", "token_types", "verify", "written_headers")

    def __init__(self, key: SigningKey, sign: Sign | None) -> None:
        self.kid = key.kid
        self.algorithm = key.algorithm
        self.state_since = key.state_since
        self.sign = sign
        self.verify = verifying_function(key.algorithm, key.public)
        self.written_headers: dict[str, bytes] = {}
        self.token_types: dict[str, str | None] = {}

    def header(self, token_type: str) -> bytes:
        """Return the encoded header with its dot."""
        header = self.written_headers.get(token_type)
        if header is None:
            members = {"alg": self.algorithm, "kid": self.kid, "typ": token_type}
            header = encode_base64url_bytes(msgspec.json.encode(members)) + b"."
            if len(self.written_headers) < _MOST_HEADERS:
                self.written_headers[token_type] = header
        return header


class _KeyRing:
    """What one process holds of the keystore at a time; never changed, only replaced."""

    __slots__ = ("archived", "believed", "jwks", "signing", "valid_until")

    def __init__(self, keys: Iterable[SigningKey], source: SigningKeys, encryption: EncryptionKeys) -> None:
        keys = tuple(keys)
        advertised = encryption.load()
        ready = [
            _ReadyKey(key, source.signing_function(key) if key.state is KeyState.SIGNING else None) for key in keys
        ]
        self.signing = {key.algorithm: key for key in ready if key.sign is not None}
        self.believed = {
            key.kid: ready_key for key, ready_key in zip(keys, ready, strict=True) if key.state is not KeyState.GONE
        }
        self.archived = {key.kid: key for key in ready}
        published = [key for key in keys if key.state is not KeyState.GONE]
        encrypted_to = [key.jwk for key in advertised if key.state is EncryptionKeyState.CURRENT]
        self.jwks = msgspec.json.encode({"keys": [*(_published_jwk(key) for key in published), *encrypted_to]})
        ends = [key.state_since + PUBLISHED_FOR for key in published if key.state is KeyState.PUBLISHED]
        self.valid_until = min(ends, default=None)


class KeystoreTokenSigner:
    """`TokenSigner` over the signing keys of a keystore.

    A key that another process rotated is used here within a second: the keystore is looked at when the clock's second
    changes, and reread when it differs. A token that names a key unknown here has it looked at once more, at once. If
    it cannot be read then, the keys at hand stay in use.
    """

    def __init__(self, keys: SigningKeys, clock: Clock, encryption: EncryptionKeys) -> None:
        """Read the keys; those of `encryption` are published beside. Raises `KeyMaterialError`."""
        self._keys = keys
        self._encryption = encryption
        self._watch = KeystoreWatch(clock)
        stored, self._fingerprint = keys.load_consistent()
        self._generation = 0
        self._missed: tuple[str, Seconds] | None = None
        self._ring = _KeyRing(stored, keys, encryption)

    def sign(self, claims: dict[str, Any], *, algorithm: str, token_type: str) -> str:
        """Raises `KeyMaterialError` when no key of this algorithm was ever made, `StoreUnavailableError`.

        A module's key may have been rotated away since the last look, and destroyed there: then its successor signs.
        """
        encoded = encode_base64url_bytes(msgspec.json.encode(claims))
        ring = self._current()
        try:
            return _sign(ring, encoded, algorithm, token_type)
        except KeyMaterialError:
            if algorithm not in ring.signing:
                raise
        self._follow()
        try:
            return _sign(self._ring, encoded, algorithm, token_type)
        except KeyMaterialError as error:
            structlog.get_logger().error("keystore.not_signing", reason=str(error))
            raise StoreUnavailableError from error

    def verify(self, token: str, *, token_type: str | None) -> dict[str, Any]:
        jws = split_compact(token)
        named = _seen(self._current().believed, jws) or self._believed(jws)
        return _verify(*named, jws, token_type)

    def verify_archived(self, token: str, *, token_type: str) -> dict[str, Any]:
        """Return the claims of a record signed long ago (an audit checkpoint), by a key in any state, `gone` too.

        Raises `UnreadableTokenError`. Never for a token that somebody presents.
        """
        jws = split_compact(token)
        return _verify(*_named(self._current().archived, parse_header(jws.header_segment)), jws, token_type)

    def generation(self) -> int:
        self._current()
        return self._generation

    def can_sign(self, algorithm: str) -> bool:
        """What is missing is logged once a second: it is asked for as often as clients ask."""
        if algorithm in self._current().signing:
            return True
        missed = (algorithm, self._watch.looked_at)
        if missed != self._missed:
            self._missed = missed
            structlog.get_logger().error("keystore.no_key", reason=str(_no_key(algorithm)))
        return False

    def algorithms(self) -> tuple[str, ...]:
        signing = self._current().signing
        return tuple(algorithm for algorithm in ALGORITHMS if algorithm in signing)

    def jwks(self) -> bytes:
        return self._current().jwks

    def signing_since(self) -> dict[str, Seconds]:
        """Return by algorithm since when its key signs."""
        return {algorithm: key.state_since for algorithm, key in self._current().signing.items()}

    def _believed(self, jws: UnverifiedJws) -> tuple[_ReadyKey, str | None]:
        """Return the key that a token names, and the type it states; one that is unknown here is looked for at once."""
        header = parse_header(jws.header_segment)
        if header.kid not in self._ring.believed and self._watch.may_look_again():
            self._follow()
        return _named(self._ring.believed, header)

    def _current(self) -> _KeyRing:
        if self._watch.is_due():
            self._follow()
        return self._ring

    def _follow(self) -> None:
        """Reread the keystore if it differs from what is at hand."""
        ring = self._ring
        try:
            ended = ring.valid_until is not None and ring.valid_until <= self._watch.looked_at
            if ended or self._keys.fingerprint() != self._fingerprint:
                self._reread()
        except KeyMaterialError as error:
            structlog.get_logger().warning("keystore.not_reread", reason=str(error))

    def _reread(self) -> None:
        """Take over what the keystore has now. Raises `KeyMaterialError`, nothing taken over."""
        stored, fingerprint = self._keys.load_consistent()
        if not any(key.state is KeyState.SIGNING for key in stored):
            # A folder that is not mounted, a token that was taken out: keys are not lost all at once in another way.
            raise KeyMaterialError("the keystore has no signing keys any more", "see what became of it")
        self._ring = _KeyRing(stored, self._keys, self._encryption)
        self._generation += 1
        self._fingerprint = fingerprint


def _sign(ring: _KeyRing, encoded_claims: bytes, algorithm: str, token_type: str) -> str:
    key = ring.signing.get(algorithm)
    if key is None or key.sign is None:
        raise _no_key(algorithm)
    signing_input = key.header(token_type) + encoded_claims
    return (signing_input + b"." + encode_base64url_bytes(key.sign(signing_input))).decode("ascii")


def _no_key(algorithm: str) -> KeyMaterialError:
    return KeyMaterialError(f"there is no key for {algorithm}", f"run idp keys rotate --alg {algorithm}")


def _verify(key: _ReadyKey, stated_type: str | None, jws: UnverifiedJws, token_type: str | None) -> dict[str, Any]:
    """Return the claims of a token signed by `key`.

    RFC 8725 section 3.1: the algorithm is the key's; the header only has to agree with it. Section 3.11: `typ` is
    compared, so that one kind of token is never taken for another.
    """
    if token_type is not None and stated_type != token_type:
        raise UnreadableTokenError("another type of token")
    try:
        key.verify(jws.signature, jws.signing_input)
    except InvalidSignature as error:
        raise UnreadableTokenError("wrong signature") from error
    if len(key.token_types) < _MOST_HEADERS:
        key.token_types[jws.header_segment] = stated_type
    return parse_object(jws.unverified_payload)


def _seen(keys: dict[str, _ReadyKey], jws: UnverifiedJws) -> tuple[_ReadyKey, str | None] | None:
    """Return the key and type of a header that verified before: it is not parsed again. None for any other."""
    for key in keys.values():
        if jws.header_segment in key.token_types:
            return key, key.token_types[jws.header_segment]
    return None


def _named(keys: dict[str, _ReadyKey], header: UnverifiedHeader) -> tuple[_ReadyKey, str | None]:
    """Return the key that a header names, and the type it states."""
    named = keys.get(header.kid)
    if named is None or named.algorithm != header.algorithm:
        raise UnreadableTokenError("not signed by one of our keys")
    return named, header.token_type


def _published_jwk(key: SigningKey) -> dict[str, str]:
    """Return the key as relying parties see it (RFC 7517 section 4): public parts only."""
    return {**key.public, "use": "sig", "alg": key.algorithm, "kid": key.kid}
