"""The provider's keys as administrators see them: names and states, nothing that is secret."""

from enum import StrEnum
from typing import Protocol

from idp.domain.events import Origin
from idp.domain.ids import Seconds
from idp.domain.values import dataclass


class KeyPurpose(StrEnum):
    """What a key is for."""

    SIGNING = "signing"
    """Tokens and audit checkpoints."""
    ENCRYPTION = "encryption"
    """What clients encrypt to the provider."""
    WRAPPING = "wrapping"
    """Personal data at rest; moved to another key by `idp keys rewrap`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """One key. `state` is of its purpose (`next`, `signing`, `current`, …); `rotates_at` where the schedule does it."""

    key_id: str
    purpose: KeyPurpose
    algorithm: str
    state: str
    created_at: Seconds
    state_since: Seconds
    rotates_at: Seconds | None = None


class KeyRegister(Protocol):
    """Reads and changes the keystore; every change leaves its audit events."""

    async def listed(self) -> tuple[KeyFacts, ...]:
        """Every key that is not gone, by purpose, oldest first."""
        ...

    async def rotate(self, purpose: KeyPurpose, algorithm: str, origin: Origin) -> None:
        """Put the next signing key of an algorithm to work, or make new keys for clients to encrypt to."""
        ...

    async def retire(self, key_id: str, origin: Origin) -> None:
        """Stop believing a published signing key. Raises `KeyInUseError` for one that signs or will sign."""
        ...


class KeyInUseError(Exception):
    """The key cannot be retired as it is."""
