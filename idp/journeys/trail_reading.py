"""Reading the audit trail on from where the last reader stopped; the position moves with what a step stores."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.values import dataclass
from idp.ports.audit import AuditLog

T = TypeVar("T")

BATCH: Final = 500
"""Records that are read in one step."""


@dataclass(frozen=True, slots=True)
class Projection(Generic[T]):
    """What a reader makes of the trail: `read` a record of one of `names`, `add` what was made, from `position` on."""

    position: Callable[[str], Awaitable[int]]
    add: Callable[[str, int, int, Sequence[T]], Awaitable[bool]]
    read: Callable[[AuditRecord], T | None]
    names: frozenset[str]


class TrailReader(Generic[T]):
    """Reads for one projection."""

    def __init__(self, log: AuditLog, projection: Projection[T]) -> None:
        self._log = log
        self._projection = projection

    async def read_on(self, may_go_on: Callable[[], bool]) -> int:
        """Read to the end, in steps, asking `may_go_on` before each; how many things were made and stored."""
        stored = 0
        for head in await self._log.heads():
            stored += await self._read_stream(head.stream, head.sequence, may_go_on)
        return stored

    async def _read_stream(self, stream: str, end: int, may_go_on: Callable[[], bool]) -> int:
        projection = self._projection
        seen, stored = await projection.position(stream), 0
        while seen < end and may_go_on():
            reached = min(seen + BATCH, end)
            records = await self._log.told(stream, seen, reached, projection.names)
            made = [each for each in map(projection.read, records) if each is not None]
            # What another process stores meanwhile is its own; the position tells.
            if not await projection.add(stream, seen, reached, made):
                return stored
            seen, stored = reached, stored + len(made)
        return stored
