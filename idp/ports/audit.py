"""The audit trail: typed events, hash-chained, durable before the answer that they are about leaves."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.events import Event
from idp.domain.ids import Seconds


class AuditTrail(Protocol):
    """Events that belong to no other transaction join a group commit shared by concurrent requests."""

    async def record(self, *events: Event) -> None:
        """Return when the events are durable."""
        ...


class AuditLog(Protocol):
    """Reading side, for verification, export and checkpoints."""

    def records(self, stream: str | None = None, after: int = 0) -> AsyncIterator[AuditRecord]:
        """Every record in order of stream and sequence."""
        ...

    async def told(self, stream: str, after: int, to: int, names: frozenset[str]) -> Sequence[AuditRecord]:
        """The records of a stream behind `after`, up to `to`, that have one of these names, in their order."""
        ...

    async def heads(self) -> Sequence[AuditRecord]:
        """The newest record of each stream."""
        ...

    async def last_trace(self) -> Seconds | None:
        """When the newest grant, decision on a consent or person was written: none of these comes without a record."""
        ...


class AuditHistory(Protocol):
    """Reading backwards from a place, for whoever searches."""

    async def heads(self) -> Sequence[AuditRecord]:
        """The newest record of each stream."""
        ...

    async def newest(self, stream: str, before: int, limit: int) -> Sequence[AuditRecord]:
        """Up to `limit` records of a stream with a sequence under `before`, the newest first."""
        ...

    async def first_sequence_from(self, stream: str, at_milliseconds: int) -> int:
        """The sequence of the first record of a stream that is not older than a moment; one past the last if none is.

        Records of concurrent requests may stand a little out of order; the moment is met as exactly as that.
        """
        ...
