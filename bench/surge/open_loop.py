"""Open-loop load: requests arrive when they arrive, whether or not those before them were answered."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

Arrived = Callable[[float], Awaitable[None]]
"""One arrival; gets the moment (`time.perf_counter`) at which it was due. Raises nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it was due, when it was answered (`time.perf_counter`), and whether rightly."""

    due: float
    answered: float
    right: bool

    @property
    def seconds(self) -> float:
        """From the moment at which it was due, so that waiting for a free connection counts too."""
        return self.answered - self.due


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a run, by `time.perf_counter`."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start

    def holds(self, moment: float) -> bool:
        """Whether a moment lies in it."""
        return self.start <= moment < self.end


def gaps(rate: float, seed: int) -> Iterator[float]:
    """Yield seconds between arrivals that come independently of each other, `rate` a second; the same for a seed."""
    draw = random.Random(seed)
    while True:
        yield draw.expovariate(rate)


async def arrive(rate: float, seconds: float, arrived: Arrived, seed: int = 1) -> Span:
    """Begin `arrived` at its moments for so long; return when that was, at once, whatever is not answered yet.

    With `math.inf` it goes on until it is cancelled, and what it began is cancelled with it.
    """
    tasks: set[asyncio.Task[None]] = set()
    start = due = time.perf_counter()
    try:
        for gap in gaps(rate, seed):
            due += gap
            if due >= start + seconds:
                break
            await asyncio.sleep(due - time.perf_counter())
            task = asyncio.ensure_future(arrived(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.sleep(start + seconds - time.perf_counter())
    finally:
        if math.isinf(seconds):
            for task in tasks:
                task.cancel()
    return Span(start, start + seconds)


def percentile(values: list[float], percent: float) -> float:
    """Return the value that `percent` of them do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0
