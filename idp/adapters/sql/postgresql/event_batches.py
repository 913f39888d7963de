"""Events of requests that write nothing else: whatever comes while one statement is under way leaves in the next.

They come encoded: one that could not be would fail everybody in its batch.
"""

from collections.abc import Awaitable, Callable, Sequence

from idp.adapters.sql.postgresql.gathering import Gathering
from idp.adapters.sql.postgresql.home import Door
from idp.adapters.sql.postgresql.pending_events import EncodedEvent

Leave = Callable[[Sequence[EncodedEvent]], Awaitable[None]]
"""Makes events durable, all or none."""

LARGEST_BATCH = 512
MOST_WAITING = 16_384


class EventBatches:
    """One statement at a time, for everybody who waits."""

    def __init__(self, leave: Leave) -> None:
        self._leave = leave
        self._door = Door()
        self._gathering = Gathering(self._carry, most=LARGEST_BATCH, most_waiting=MOST_WAITING)

    async def add(self, events: Sequence[EncodedEvent]) -> None:
        """Return when `events` are durable. Raises `StoreUnavailableError`, also when too many wait or it is closed."""
        self._door.enter()
        await self._gathering.ask(events)

    async def close(self) -> None:
        """Finish what waits, and take nothing more in this loop."""
        self._door.close()
        await self._gathering.close()

    async def _carry(self, batch: Sequence[Sequence[EncodedEvent]]) -> Sequence[None]:
        await self._leave([event for events in batch for event in events])
        return [None] * len(batch)
