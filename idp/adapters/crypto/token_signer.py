"""Signs our tokens and recognises them again (RFC 7515, RFC 7519); keys are parsed once, and reread on change."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature

from idp.adapters.crypto.base64url import encode_base64url_bytes
from idp.adapters.crypto.compact_jws import UnverifiedJws, parse_header, parse_object, split_compact
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.signature_algorithms import ALGORITHMS, signing_function, verifying_function
from idp.adapters.crypto.signing_keys import PUBLISHED_FOR, KeyState, SigningKey, SigningKeys
from idp.domain.ids import Seconds
from idp.ports.clock import Clock
from idp.ports.keys import InvalidTokenError

_MOST_HEADERS: Final = 32


class _ReadyKey:
    """One key, ready for use, with the headers already seen or written under it."""

    __slots__ = ("algorithm", "kid", "sign", "state", "token_types", "verify", "written_headers")

    def __init__(self, key: SigningKey) -> None:
        self.kid = key.kid
        self.algorithm = key.algorithm
        self.state = key.state
        self.sign = signing_function(key.algorithm, key.private_der) if key.state is KeyState.SIGNING else None
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

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        keys = tuple(keys)
        ready = [_ReadyKey(key) for key in keys]
        self.signing = {key.algorithm: key for key in ready if key.sign is not None}
        self.believed = {key.kid: key for key in ready if key.state is not KeyState.GONE}
        self.archived = {key.kid: key for key in ready}
        published = [key for key in keys if key.state is not KeyState.GONE]
        self.jwks = msgspec.json.encode({"keys": [_published_jwk(key) for key in published]})
        ends = [key.state_since + PUBLISHED_FOR for key in published if key.state is KeyState.PUBLISHED]
        self.valid_until = min(ends, default=None)


class KeystoreTokenSigner:
    """`TokenSigner` over the signing keys of a keystore.

    A key that another process rotated is used here within a second: the folder is looked at when the clock's second
    changes, and reread when it differs. If it cannot be read then, the keys at hand stay in use.
    """

    def __init__(self, keys: SigningKeys, clock: Clock) -> None:
        """Read the keys. Raises `KeyMaterialError`."""
        self._keys = keys
        self._clock = clock
        self._looked_at: Seconds = clock.now()
        stored, self._fingerprint = keys.load_consistent()
        self._ring = _KeyRing(stored)

    def sign(self, claims: dict[str, Any], *, algorithm: str, token_type: str) -> str:
        """Raises `KeyMaterialError` when no key of this algorithm was ever made."""
        key = self._current().signing.get(algorithm)
        if key is None or key.sign is None:
            raise KeyMaterialError(f"there is no key for {algorithm}", f"run idp keys rotate --alg {algorithm}")
        signing_input = key.header(token_type) + encode_base64url_bytes(msgspec.json.encode(claims))
        return (signing_input + b"." + encode_base64url_bytes(key.sign(signing_input))).decode("ascii")

    def verify(self, token: str, *, token_type: str | None) -> dict[str, Any]:
        return _verify(self._current().believed, token, token_type)

    def verify_archived(self, token: str, *, token_type: str) -> dict[str, Any]:
        """Return the claims of a record signed long ago (an audit checkpoint), by a key in any state, `gone` too.

        Raises `InvalidTokenError`. Never for a token that somebody presents.
        """
        return _verify(self._current().archived, token, token_type)

    def algorithms(self) -> tuple[str, ...]:
        signing = self._current().signing
        return tuple(algorithm for algorithm in ALGORITHMS if algorithm in signing)

    def jwks(self) -> bytes:
        return self._current().jwks

    def _current(self) -> _KeyRing:
        now = self._clock.now()
        if now != self._looked_at:
            self._looked_at = now
            self._refresh(now)
        return self._ring

    def _refresh(self, now: Seconds) -> None:
        ring = self._ring
        try:
            ended = ring.valid_until is not None and ring.valid_until <= now
            if ended or self._keys.fingerprint() != self._fingerprint:
                stored, self._fingerprint = self._keys.load_consistent()
                self._ring = _KeyRing(stored)
        except (KeyMaterialError, OSError) as error:
            structlog.get_logger().warning("keystore.not_reread", reason=str(error))


def _verify(keys: dict[str, _ReadyKey], token: str, token_type: str | None) -> dict[str, Any]:
    """Return the claims of a token signed by one of `keys`.

    RFC 8725 section 3.1: the algorithm is the key's; the header only has to agree with it. Section 3.11: `typ` is
    compared, so that one kind of token is never taken for another.
    """
    jws = split_compact(token)
    key, stated_type = _named_key(keys, jws)
    if token_type is not None and stated_type != token_type:
        raise InvalidTokenError("another type of token")
    try:
        key.verify(jws.signature, jws.signing_input)
    except InvalidSignature as error:
        raise InvalidTokenError("wrong signature") from error
    if len(key.token_types) < _MOST_HEADERS:
        key.token_types[jws.header_segment] = stated_type
    return parse_object(jws.unverified_payload)


def _named_key(keys: dict[str, _ReadyKey], jws: UnverifiedJws) -> tuple[_ReadyKey, str | None]:
    """Return the key that the header names, and the type it states; headers that once verified are not parsed again."""
    for key in keys.values():
        if jws.header_segment in key.token_types:
            return key, key.token_types[jws.header_segment]
    header = parse_header(jws.header_segment)
    named = keys.get(header.kid)
    if named is None or named.algorithm != header.algorithm:
        raise InvalidTokenError("not signed by one of our keys")
    return named, header.token_type


def _published_jwk(key: SigningKey) -> dict[str, str]:
    """Return the key as relying parties see it (RFC 7517 section 4): public parts only."""
    return {**key.public, "use": "sig", "alg": key.algorithm, "kid": key.kid}
