"""Refusals of nobody in particular: the first ones in a second are written one by one, the rest of it as one event."""

from dataclasses import replace
from typing import Final

from idp.domain.events import Event, RefusalsCounted
from idp.domain.ids import Seconds
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock

SPELLED_OUT: Final = 3
"""Refusals of one source, place and error that are written one by one in each second; the others are counted."""

MOST_OWED: Final = 10_000
"""Sources, places and errors whose counts wait for an audit log that takes nothing."""

_Key = tuple[str, str, str]


class Floods:
    """Keeps refusing cheaper than asking: a flood costs a few audit events a second, whatever its size.

    Counts that could not be written wait for the next write.
    """

    def __init__(self, trail: AuditTrail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock
        self._second = Seconds(0)
        self._counts: dict[_Key, RefusalsCounted] = {}
        self._owed: dict[_Key, RefusalsCounted] = {}

    async def record(self, place: str, error: str, refused: Event) -> None:
        """Return when the refusal is durable, or counted towards an event of this second."""
        counts = self._drain() if self._clock.now() != self._second else []
        key = (refused.origin.source, place, error)
        counted = self._counts.get(key)
        seen = counted.count if counted else 0
        self._counts[key] = RefusalsCounted(origin=refused.origin, endpoint=place, error=error, count=seen + 1)
        await self._write(counts, *([refused] if seen < SPELLED_OUT else ()))

    async def flush(self) -> None:
        """Write what was counted in seconds that are over; to be called every few seconds."""
        if self._clock.now() != self._second:
            await self.finish()

    async def finish(self) -> None:
        """Write everything that was counted; to be called before the process ends."""
        await self._write(self._drain())

    async def _write(self, counts: list[RefusalsCounted], *refused: Event) -> None:
        if not counts and not refused:
            return
        try:
            await self._trail.record(*counts, *refused)
        except BaseException:
            for counted in counts[:MOST_OWED]:
                self._owe(counted)
            raise

    def _drain(self) -> list[RefusalsCounted]:
        """Begin a new second; the counts of the old one, without what was spelled out, and what is owed from before."""
        counts, self._counts, self._second = self._counts, {}, self._clock.now()
        for counted in counts.values():
            if counted.count > SPELLED_OUT:
                self._owe(replace(counted, count=counted.count - SPELLED_OUT))
        owed, self._owed = self._owed, {}
        return list(owed.values())

    def _owe(self, counted: RefusalsCounted) -> None:
        key = (counted.origin.source, counted.endpoint, counted.error)
        known = self._owed.get(key)
        self._owed[key] = replace(counted, count=counted.count + (known.count if known else 0))
