"""Refusals of nobody in particular: the first ones in a second are written one by one, the rest of it as one event."""

from dataclasses import replace
from typing import Final

from idp.domain.events import Event, RefusalsCounted
from idp.domain.ids import Seconds
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock

SPELLED_OUT: Final = 3
"""Refusals of one source, place and error that are written one by one in each second; the others are counted."""


class Floods:
    """Keeps refusing cheaper than asking: a flood costs a few audit events a second, whatever its size."""

    def __init__(self, trail: AuditTrail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock
        self._second = Seconds(0)
        self._counts: dict[tuple[str, str, str], RefusalsCounted] = {}

    async def record(self, place: str, error: str, refused: Event) -> None:
        """Return when the refusal is durable, or counted towards an event of this second."""
        events = self._drain() if self._clock.now() != self._second else []
        key = (refused.origin.source, place, error)
        counted = self._counts.get(key)
        seen = counted.count if counted else 0
        self._counts[key] = RefusalsCounted(origin=refused.origin, endpoint=place, error=error, count=seen + 1)
        if seen < SPELLED_OUT:
            events.append(refused)
        if events:
            await self._trail.record(*events)

    async def flush(self) -> None:
        """Write what was counted in seconds that are over; to be called every few seconds."""
        if self._clock.now() != self._second:
            await self.finish()

    async def finish(self) -> None:
        """Write everything that was counted; to be called before the process ends."""
        events = self._drain()
        if events:
            await self._trail.record(*events)

    def _drain(self) -> list[Event]:
        """Begin a new second; the events of the old one, without those that were spelled out."""
        counts, self._counts, self._second = self._counts, {}, self._clock.now()
        return [
            replace(counted, count=counted.count - SPELLED_OUT)
            for counted in counts.values()
            if counted.count > SPELLED_OUT
        ]
