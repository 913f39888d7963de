"""Messages that must arrive, a few on their way at a time: a recipient that never answers holds up nobody else."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import Any, Final, Generic, TypeVar

from idp.domain.ids import Seconds
from idp.ports.clock import Clock

LEASE: Final = 60
"""Seconds for which a claimed message is this process's. It leaves at once, so that this is longer than one takes."""

MOST_EACH: Final = 2
"""Messages to one recipient on their way at a time."""

LONGEST_REST: Final = 60
"""Seconds at most for which what else is due for a recipient waits when one message could not reach it."""

ROUND: Final = 60
"""Seconds after which nothing more is claimed, so that a round ends, and is seen to end, however much comes in."""

LOOK_AGAIN: Final = 1.0
"""Seconds after which free places are filled, when nobody's answer came before."""

M = TypeVar("M")
Claim = Callable[[Seconds, Seconds, int, Collection[str]], Awaitable[Sequence[M]]]
"""Takes now, the end of the lease, how many at most, and recipients to leave out."""


class Courier(Generic[M]):
    """Claims messages when there is a place for them and not before. Any number of processes may do so at once."""

    def __init__(
        self,
        claim: Claim[M],
        deliver: Callable[[M], Coroutine[Any, Any, None]],
        recipient: Callable[[M], str],
        clock: Clock,
        *,
        places: int = 8,
        lease: int = LEASE,
        look_again: float = LOOK_AGAIN,
    ) -> None:
        """`lease` is longer than `deliver` takes, in seconds."""
        self._claim = claim
        self._deliver = deliver
        self._recipient = recipient
        self._clock = clock
        self._places = places
        self._lease = lease
        self._look_again = look_again

    async def deliver_due(self) -> int:
        """Try every message that is due; return how many were tried (0: nothing to do now)."""
        until = self._clock.now() + ROUND
        leaving: dict[asyncio.Task[None], str] = {}
        tried = 0
        try:
            while True:
                if self._clock.now() < until:
                    tried += await self._fill(leaving)
                if not leaving:
                    return tried
                done, _ = await asyncio.wait(leaving, timeout=self._look_again, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del leaving[task]
                    task.result()
        except Exception:
            # What is on its way arrives all the same.
            await asyncio.gather(*leaving, return_exceptions=True)
            raise
        finally:
            for task in leaving:
                task.cancel()
            await asyncio.gather(*leaving, return_exceptions=True)

    async def _fill(self, leaving: dict[asyncio.Task[None], str]) -> int:
        """Claim for the places that are free, in turns of one for each recipient."""
        filled = 0
        while free := self._places - len(leaving):
            now = self._clock.now()
            busy = frozenset(each for each, count in Counter(leaving.values()).items() if count >= MOST_EACH)
            claimed = await self._claim(now, Seconds(now + self._lease), free, busy)
            if not claimed:
                break
            for message in claimed:
                leaving[asyncio.create_task(self._deliver(message))] = self._recipient(message)
            filled += len(claimed)
        return filled
