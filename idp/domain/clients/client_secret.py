"""What is kept of client secrets: a hash, and the secret itself, sealed, only where the client signs with it."""

from typing import Final

from idp.domain.ids import Seconds
from idp.domain.values import dataclass

SIGNING_METHOD: Final = "client_secret_jwt"
"""The one authentication method that a secret is kept for itself."""

SHORTEST_SIGNING_SECRET: Final = 32
"""Bytes. RFC 7518 section 3.2: "A key of the same size as the hash output [...] or larger MUST be used"."""


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A secret under a data key of its own; the key is wrapped by the keystore."""

    wrapped_key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class RetiringSecret:
    """A secret that was replaced and is good until `expires_at`, so that the client can change over."""

    digest: bytes
    expires_at: Seconds
    sealed: SealedSecret | None = None
