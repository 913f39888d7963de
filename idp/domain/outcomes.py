"""Answers of single-use operations."""

from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Claimed:
    """The value was there and unused; it now belongs to this caller and to nobody else, ever."""

    value: bytes


@dataclass(frozen=True, slots=True)
class AlreadyUsed:
    """Somebody claimed the value before. `tombstone` is what was left for this case (a code's grant identifier)."""

    tombstone: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Never issued, or expired."""
