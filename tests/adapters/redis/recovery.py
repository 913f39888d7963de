"""Waiting for a store to answer again, as a person would who tries again."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from idp.ports.errors import StoreUnavailableError
from tests.valkey import PATIENCE


async def until_it_answers(operation: Callable[[], Awaitable[object]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            await operation()
        except StoreUnavailableError:
            await asyncio.sleep(0.02)
        else:
            return
    raise AssertionError("the store did not recover")
