"""A look at what other processes may have changed: once in each second in which somebody asks, one for everybody.

Whoever asks before it is over waits for it, so that nobody is answered from what is older than a second.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from idp.domain.ids import Seconds
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError


class SharedLook:
    """Keeps what `look` brings up to date good for the second in which it began."""

    def __init__(self, look: Callable[[], Coroutine[Any, Any, None]], clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._checked_at: Seconds | None = None
        self._began_at: Seconds | None = None
        self._looking: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Return once a look of this second succeeded; raises what it raised."""
        now = self._clock.now()
        if now == self._checked_at:
            return
        if self._looking is not None and self._began_at != now:
            # It may not see what changed since it began, in another second or here; the one after it does.
            await self._together()
        await self._together()

    def renew(self) -> None:
        """Let whoever asks from now on wait for a look that begins from now on: this process changed something."""
        self._checked_at = self._began_at = None

    async def _together(self) -> None:
        """Wait for the one look that is under way. Who gives up does not end it for the others."""
        looking = self._looking
        if looking is None:
            # Nobody is answered from before until it is over, nor when it failed.
            self._began_at, self._checked_at = self._clock.now(), None
            looking = self._looking = asyncio.create_task(self._look())
            looking.add_done_callback(self._looked)
        await asyncio.wait((looking,))
        if looking.cancelled():
            # Nobody who waits was.
            raise StoreUnavailableError
        looking.result()

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looking = None
        if not task.cancelled() and task.exception() is None:
            self._checked_at = self._began_at
