"""`idp` for a machine on which everything takes fifty times as long: what counts seconds gets as many times more.

Otherwise jobs that are done every second would be done fifty times as often for each request, and a thread that may
keep the interpreter's lock for five milliseconds would lose it in the midst of what takes a tenth of one.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from idp.cli.main import main

TIMES = 50


def stretch_timeouts(original: Callable[[float | None], asyncio.Timeout]) -> Callable[[float | None], asyncio.Timeout]:
    """Return `asyncio.timeout` with so many times the seconds."""
    return lambda delay: original(None if delay is None else delay * TIMES)


def stretch_sleep(original: Callable[[float, Any], Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return `asyncio.sleep` with so many times the seconds."""
    return lambda delay, result=None: original(delay * TIMES, result)


if __name__ == "__main__":
    sys.setswitchinterval(sys.getswitchinterval() * TIMES)
    # For libraries as well: uvicorn looks at its clock ten times a second.
    vars(asyncio).update(timeout=stretch_timeouts(asyncio.timeout), sleep=stretch_sleep(asyncio.sleep))
    main()
