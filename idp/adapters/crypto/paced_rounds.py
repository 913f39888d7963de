"""Rounds of the event loop that begin a little apart while passwords wait to be hashed.

A hash goes through 19 MiB, which leaves nothing else in the processor's caches. A request that interrupts it finds its
code and its data gone, and takes two to three times as long as in a crowd of its like. So whatever arrives within a few
milliseconds is answered together, between two looks at the network; the core has hashes to work on meanwhile. A round
that took longer than that is followed by the next at once: nothing is lost to requests that keep the loop busy.

See docs/decisions/0036-while-passwords-wait-requests-are-answered-in-crowds.md for what it is worth.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

APART: Final = 0.004
"""Seconds from the beginning of one round to that of the next."""


class PacedRounds:
    """Holds a loop to its pace for as long as `is_wanted` says so; asked again in every round."""

    def __init__(
        self,
        is_wanted: Callable[[], bool],
        *,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`wait` blocks its thread, the loop's, for so many seconds, and no other."""
        self._is_wanted = is_wanted
        self._now = now
        self._wait = wait
        self._paced: set[asyncio.AbstractEventLoop] = set()

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hold `loop` to its pace from its next round on, if it is wanted then."""
        if loop not in self._paced and self._is_wanted():
            self._paced.add(loop)
            loop.call_soon(self._next, loop, self._now())

    def _next(self, loop: asyncio.AbstractEventLoop, began: float) -> None:
        """End a round that began at `began`. Stands behind everything that was ready in it."""
        if not self._is_wanted():
            self._paced.discard(loop)
            return
        spare = began + APART - self._now()
        if spare > 0:
            self._wait(spare)
        loop.call_soon(self._next, loop, self._now())
