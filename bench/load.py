"""Closed-loop load: a fixed number of connections, each asking again as soon as it was answered."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.connection import Connection

Step = Callable[[Connection, int], Awaitable[None]]
"""One measured operation on a connection; the number tells the connections apart. Raises when an answer is wrong."""


@dataclass
class Timings:
    """Latencies in seconds, as they came."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    def percentile(self, percent: float) -> float:
        """Return the latency that `percent` of the operations did not exceed, in seconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0

    @property
    def rate(self) -> float:
        """Operations per second."""
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long to load: whichever of the two ends first."""

    operations: int
    seconds: float


async def load(connections: Sequence[Connection], step: Step, bounds: Bounds) -> Timings:
    """Run `step` on every connection until the bounds are reached; raises what a step raises."""
    timings = Timings()
    left = iter(range(bounds.operations))
    started = time.perf_counter()
    deadline = started + bounds.seconds

    async def keep_asking(number: int, connection: Connection) -> None:
        for _ in left:
            before = time.perf_counter()
            if before > deadline:
                return
            await step(connection, number)
            timings.seconds.append(time.perf_counter() - before)

    async with asyncio.TaskGroup() as group:
        for number, connection in enumerate(connections):
            group.create_task(keep_asking(number, connection))
    timings.elapsed = time.perf_counter() - started
    return timings


@asynccontextmanager
async def unmeasured(connections: Sequence[Connection], step: Step) -> AsyncIterator[None]:
    """Run `step` on every connection all the while; raises what a step raises."""
    over = asyncio.Event()

    async def keep_asking(number: int, connection: Connection) -> None:
        while not over.is_set():
            await step(connection, number)

    async with asyncio.TaskGroup() as group:
        for number, connection in enumerate(connections):
            group.create_task(keep_asking(number, connection))
        try:
            yield
        finally:
            over.set()
