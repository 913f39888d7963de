"""What goes on after the answer has left: so that how long an answer takes does not tell what came of the question."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Errands:
    """Tasks of one process. An errand raises nothing that anybody waits for; what must not be lost is no errand."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def send(self, errand: Coroutine[Any, Any, None]) -> None:
        """Begin an errand and return at once."""
        task = asyncio.create_task(errand)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def settle(self) -> None:
        """Return when everything that was begun is over."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
