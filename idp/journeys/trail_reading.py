"""Reading the audit trail on from where the last reader stopped; the position moves with what a step stores."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from idp.domain.audit_chain import AuditRecord
from idp.ports.audit import AuditLog

T = TypeVar("T")

BATCH: Final = 500
"""Records that are read in one step."""


@dataclass(frozen=True, slots=True)
class Projection(Generic[T]):
    """What a reader makes of the trail: `read` a record, `add` what was made, from `position` on."""

    position: Callable[[str], Awaitable[int]]
    add: Callable[[str, int, int, Sequence[T]], Awaitable[bool]]
    read: Callable[[AuditRecord], T | None]


class TrailReader(Generic[T]):
    """Reads for one projection."""

    def __init__(self, log: AuditLog, projection: Projection[T]) -> None:
        self._log = log
        self._projection = projection

    async def read_on(self, may_go_on: Callable[[], bool]) -> int:
        """Read to the end, in steps, asking `may_go_on` before each; how many things were made and stored."""
        stored = 0
        for head in await self._log.heads():
            stored += await self._read_stream(head.stream, may_go_on)
        return stored

    async def _read_stream(self, stream: str, may_go_on: Callable[[], bool]) -> int:
        projection = self._projection
        seen = reached = await projection.position(stream)
        stored, waiting = 0, list[T]()
        # The port says iterator; each of them is a generator, which is closed here.
        async with aclosing(self._log.records(stream, seen)) as records:  # type: ignore[type-var]
            async for record in records:
                reached = record.sequence
                made = projection.read(record)
                waiting += [] if made is None else [made]
                if reached - seen >= BATCH:
                    # What another process stores meanwhile is its own; the position tells.
                    if not may_go_on() or not await projection.add(stream, seen, reached, waiting):
                        return stored
                    seen, stored, waiting = reached, stored + len(waiting), []
        if reached > seen and may_go_on() and await projection.add(stream, seen, reached, waiting):
            stored += len(waiting)
        return stored
