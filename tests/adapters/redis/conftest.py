"""Servers that tests of the adapter stop, wipe and let fail over, and stores on them."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from idp.adapters.redis.places import open_short_lived
from idp.adapters.redis.short_lived import RedisShortLivedStore
from idp.setting_forms import parse_state_url
from tests.adapters.turned_clock import TurnedClock
from tests.valkey import ValkeyServer, WatchedPair, new_folder

Opener = Callable[..., RedisShortLivedStore]
TIMEOUT = 1.0
"""Seconds of a store that waits for a server in vain. Wide enough for a busy machine to answer within it."""


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def folder() -> Iterator[Path]:
    made = new_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def valkey(folder: Path) -> Iterator[ValkeyServer]:
    """A server of the test's own."""
    started = ValkeyServer(folder / "one").start()
    yield started
    started.discard()


@pytest.fixture
def pair(folder: Path) -> Iterator[WatchedPair]:
    """A primary, a replica and a sentinel of the test's own."""
    started = WatchedPair(folder).start()
    yield started
    started.discard()


@pytest.fixture
async def opened(clock: TurnedClock) -> AsyncIterator[Opener]:
    """Opens stores by URL and closes them after the test."""
    async with AsyncExitStack() as closing:

        def open_(url: str, *, limit: int = 64, timeout: float = TIMEOUT, retries: int = 2) -> RedisShortLivedStore:
            place = parse_state_url(url)
            assert place is not None
            store = open_short_lived(place, clock, limit=limit, timeout=timeout, retries=retries)
            closing.push_async_callback(store.close)
            return store

        yield open_
