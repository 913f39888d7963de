"""`idp` on a machine where everything takes so much longer that its clocks go more slowly as well.

What is done every second would otherwise be done a thousand times as often for each request, who waits for something
would give up, and a thread that may keep the interpreter's lock for five milliseconds would lose it in the midst of
what takes a tenth of one. Whoever asks this provider has the same time of day: proofs and codes name it.

`python bench/instructions/slow_motion.py SINCE serve …`, with the moment from which on time goes slowly.
"""

import asyncio
import importlib
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

TIMES = 1000


def slowed(clock: Callable[[], float], since: float) -> Callable[[], float]:
    """Return a clock that goes so many times more slowly from a moment on."""
    return lambda: since + (clock() - since) / TIMES


@contextmanager
def slow_day(since: float) -> Iterator[None]:
    """In this process the time of day goes slowly since that moment, for as long as this lasts."""
    before = time.time, time.time_ns
    slow = slowed(time.time, since)
    vars(time).update(time=slow, time_ns=lambda: int(slow() * 1_000_000_000))
    try:
        yield
    finally:
        vars(time).update(time=before[0], time_ns=before[1])


def stretched_timeout(
    original: Callable[[float | None], asyncio.Timeout],
) -> Callable[[float | None], asyncio.Timeout]:
    """Return `asyncio.timeout` with so many times the seconds."""
    return lambda delay: original(None if delay is None else delay * TIMES)


def stretched_sleep(original: Callable[[float, Any], Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return `asyncio.sleep` with so many times the seconds."""
    return lambda delay, result=None: original(delay * TIMES, result)


def main(since: float) -> None:
    """Run `idp` by these clocks, and its libraries: uvicorn looks around ten times a second."""
    sys.setswitchinterval(sys.getswitchinterval() * TIMES)
    vars(asyncio).update(timeout=stretched_timeout(asyncio.timeout), sleep=stretched_sleep(asyncio.sleep))
    clocks = (time.monotonic, time.perf_counter)
    vars(time).update(zip(("monotonic", "perf_counter"), (slowed(each, each()) for each in clocks), strict=True))
    with slow_day(since):
        # Only now: modules take the clocks that they find when they are imported.
        importlib.import_module("idp.cli.main").main()


if __name__ == "__main__":
    main(float(sys.argv.pop(1)))
