"""Names to addresses by the system's resolver, in threads of its own: names that hang hold up nobody else's work.

A look-up cannot be taken back: who gives up leaves a thread waiting for a name server that says nothing. So there is
one look-up for a name at a time, shared by all who ask, and no domain has more than a quarter of the threads, however
deep below it the names are.
"""

import asyncio
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from idp.ports.http import OutgoingError

THREADS: Final = 32
MOST_BELOW: Final = THREADS // 4
"""Look-ups in progress of names below the same domain, which is somebody's and not a country's or an industry's."""

_SHARED: Final = re.compile(r"(?:gov|edu|com|net|org|biz|info|name|health|ac|co|int|pro)\.[a-z]{2}")
"""Domains of two labels below which each name is somebody else's: `gov.vn` is all ministries."""

LookUp = Callable[[str], list[str]]


def system_addresses(host: str) -> list[str]:
    """Return the addresses of a name. Raises `OSError`; blocks for as long as the system does."""
    return [str(address[0]) for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


class SystemResolver:
    """Implements `Resolve`."""

    def __init__(self, look_up: LookUp = system_addresses) -> None:
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="resolver")
        self._running: dict[str, asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:  # noqa: ARG002 -- names have addresses, not ports
        """Raises `OutgoingError` when too many look-ups beside this one hang, `OSError` as the system does."""
        running = self._running.get(host)
        if running is None:
            self._require_room(host)
            running = asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, host)
            self._running[host] = running
            running.add_done_callback(partial(self._ended, host))
        return await asyncio.shield(running)

    def close(self) -> None:
        """Drop the look-ups that still wait."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _require_room(self, host: str) -> None:
        running = [_domains(each) for each in self._running]
        crowded = any(sum(domain in each for each in running) >= MOST_BELOW for domain in _domains(host))
        if crowded or len(running) >= THREADS:
            raise OutgoingError("too many look-ups of names are in progress")

    def _ended(self, host: str, look_up: asyncio.Future[list[str]]) -> None:
        del self._running[host]
        if not look_up.cancelled():
            # Seen even when nobody waits any more.
            look_up.exception()


def _domains(host: str) -> frozenset[str]:
    """Return a name and the domains that it is below, those that many share left out; all of one label are one."""
    labels = host.split(".")
    domains = (".".join(labels[first:]) for first in range(len(labels) - 1))
    return frozenset(domain for domain in domains if not _SHARED.fullmatch(domain)) or frozenset({""})
