"""Tokens that clients signed (assertions, request objects, proofs), and tokens encrypted to them or to us."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from idp.domain.clients.registered_metadata import Encryption
from idp.domain.values import dataclass
from idp.ports.keys import UnreadableTokenError

Jwk = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A JWS that somebody else made, taken apart: nothing of it may be believed yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes

    @property
    def algorithm(self) -> str:
        """What the header says; `none` among others."""
        return str(self.header["alg"])

    @property
    def key_id(self) -> str | None:
        """Which of its keys the signer says it used."""
        value = self.header.get("kid")
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A JWS whose signature holds under a key of the one who had to sign. Times and audience are not checked."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


class UnknownKeyError(UnreadableTokenError):
    """None of the keys at hand can have made the signature: fresh ones may be worth fetching."""


class ForeignTokens(Protocol):
    """Reads and verifies tokens that others signed; never with a key or algorithm that the token alone chose."""

    def read(self, token: str) -> UnverifiedToken:
        """Take a compact JWS apart. Raises `UnreadableTokenError` unless header and claims are strict JSON objects."""
        ...

    def verify(self, token: UnverifiedToken, keys: Sequence[Jwk], algorithms: AbstractSet[str]) -> VerifiedToken:
        """Check the signature under one of `keys`, by one of `algorithms`.

        Raises `UnknownKeyError` when no key fits the header's `kid` and `alg`, `UnreadableTokenError` otherwise.
        """
        ...

    def verify_with_secret(self, token: UnverifiedToken, secret: bytes) -> VerifiedToken:
        """Check an HS256 signature (`client_secret_jwt`). Raises `UnreadableTokenError`."""
        ...

    def verify_by_own_key(self, token: UnverifiedToken, algorithms: AbstractSet[str]) -> tuple[VerifiedToken, str]:
        """Check a proof of possession under the public key in its own header (`jwk`, RFC 9449 section 4.2).

        Return it with the key's SHA-256 thumbprint (RFC 7638). Raises `UnreadableTokenError`.
        """
        ...


class TokenEncryption(Protocol):
    """JWE, compact (RFC 7516)."""

    def encrypt(self, content: str, keys: Sequence[Jwk], encryption: Encryption, *, content_type: str | None) -> str:
        """Encrypt to the first fitting key of the client; `content_type` is the header's `cty` (`JWT` for a JWS).

        Raises `UnknownKeyError` when none fits.
        """
        ...

    def require_key(self, keys: Sequence[Jwk], encryption: Encryption) -> None:
        """Raise `UnknownKeyError` when `encrypt` would."""
        ...

    def decrypt(self, token: str) -> str:
        """Decrypt what was encrypted to a published encryption key of ours. Raises `UnreadableTokenError`."""
        ...
