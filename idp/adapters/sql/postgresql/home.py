"""Where connections and those who wait for them belong: one event loop of one process."""

import asyncio
import os
from typing import TypeAlias

from idp.ports.errors import StoreUnavailableError

Home: TypeAlias = tuple[int, asyncio.AbstractEventLoop]


def home() -> Home:
    """The process and the event loop that run this."""
    return os.getpid(), asyncio.get_running_loop()


class Door:
    """Open until it is closed, for the home that closed it; another home finds it open."""

    def __init__(self) -> None:
        self._closed: Home | None = None

    def close(self) -> None:
        """Let nobody of this home in any more."""
        self._closed = home()

    def enter(self) -> None:
        """Raise `StoreUnavailableError` behind a door that was closed here."""
        if self._closed is not None and self._closed == home():
            raise StoreUnavailableError
