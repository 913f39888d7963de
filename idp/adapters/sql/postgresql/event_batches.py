"""Events of requests that write nothing else: whatever comes while one statement is under way leaves in the next.

They come encoded: one that could not be would fail everybody in its batch.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from idp.adapters.sql.postgresql.pending_events import EncodedEvent
from idp.ports.errors import StoreUnavailableError

Leave = Callable[[Sequence[EncodedEvent]], Awaitable[None]]
"""Makes events durable, all or none."""

LARGEST_BATCH = 512
MOST_WAITING = 16_384


class EventBatches:
    """One statement at a time, for everybody who waits."""

    def __init__(self, leave: Leave) -> None:
        self._leave = leave
        self._waiting: list[tuple[Sequence[EncodedEvent], asyncio.Future[None]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def add(self, events: Sequence[EncodedEvent]) -> None:
        """Return when `events` are durable. Raises `StoreUnavailableError`, also when too many wait."""
        if len(self._waiting) >= MOST_WAITING:
            raise StoreUnavailableError
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, durable))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="audit events")
        await durable

    async def close(self) -> None:
        """Finish what waits."""
        if self._worker is not None and self._worker.get_loop() is asyncio.get_running_loop():
            await asyncio.gather(self._worker, return_exceptions=True)
        self._worker = None

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
            failure: Exception | None = None
            try:
                await self._leave([event for events, _ in batch for event in events])
            except Exception as error:  # noqa: BLE001 -- whatever it is, everybody in the batch has to hear of it
                failure = error
            for _, durable in batch:
                if durable.done():  # its caller went away
                    continue
                if failure is None:
                    durable.set_result(None)
                else:
                    durable.set_exception(failure)
