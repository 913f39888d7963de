"""Finding the server: the one that was named, or the one that the sentinels name."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from idp.adapters.redis.connecting import Access, Address, ask, connected, pack
from idp.adapters.redis.entries import REMEMBERS, server_key
from idp.adapters.redis.failures import NotRunError, is_from_replica
from idp.adapters.redis.line import Line
from idp.ports.clock import Clock

_SHORTEST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0
EPOCH: Final = server_key("epoch")


class Servers(Protocol):
    """Where keys are kept. `reach…` raises `NotRunError`."""

    def at_hand(self, key: bytes) -> Line | None:
        """The open line to the server that keeps `key`, if it is known and up."""
        ...

    async def reach(self, key: bytes) -> Line:
        """The line to the server that keeps `key`, opened where needed."""
        ...

    async def reach_named(self, address: Address) -> Line:
        """The line to a server that another one pointed to."""
        ...

    async def reach_all(self) -> Mapping[bytes, Line]:
        """A line to every server that keeps keys of ours, under the key of that server's epoch."""
        ...

    def learn(self, failure: Exception) -> None:
        """Draw from a failure what it says about the servers."""
        ...

    async def close(self) -> None:
        """Let go of every line."""
        ...


async def open_line(access: Access, address: Address, epoch_key: bytes | None, clock: Clock) -> Line:
    """A line to a server that takes writes and whose memory is accounted for. Raises `NotRunError`, `MovedError`.

    Another process than the one that wrote the epoch may have forgotten something: it starts a new epoch before the
    first request goes through (`remembers_since`). A server that is only about to get keys of ours has no epoch yet.
    """
    async with connected(access.connection(address), access.timeout) as connection:
        role = await ask(connection, pack(b"ROLE"))
        if role[0] != b"master":
            raise NotRunError("a replica")
        report: bytes = await ask(connection, pack(b"INFO", b"server"))
        server = report.partition(b"run_id:")[2].partition(b"\r\n")[0]
        if epoch_key:
            await ask(connection, REMEMBERS.whole((epoch_key,), server, clock.now()))
        return Line(connection, server, access.timeout)


class SharedLine:
    """The one line to a server: opened by the first who needs it while the others wait, and again when it is lost.

    After a failed attempt nobody tries for a while, so that a server which is down is not asked by every request.
    """

    def __init__(self, open_it: Callable[[], Awaitable[Line]]) -> None:
        self._open = open_it
        self._line: Line | None = None
        self._opening: asyncio.Task[Line] | None = None
        self._failures = 0
        self._not_before = 0.0

    @property
    def at_hand(self) -> Line | None:
        """The line, when it is up."""
        return self._line if self._line is not None and not self._line.lost else None

    async def reach(self) -> Line:
        """The line. Raises `NotRunError`, `MovedError`."""
        if (line := self.at_hand) is not None:
            return line
        if self._opening is None:
            if asyncio.get_running_loop().time() < self._not_before:
                raise NotRunError("the server did not answer just now")
            self._opening = asyncio.create_task(self._reopen())
            self._opening.add_done_callback(noticed)
        # Whoever gives up waiting leaves the attempt to the others.
        return await asyncio.shield(self._opening)

    async def close(self) -> None:
        """Let go of the line."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait((self._opening,))
        if self._line is not None:
            await self._line.close()

    async def _reopen(self) -> Line:
        try:
            self._line = await self._open()
        except asyncio.CancelledError:
            # It is the line that is let go of, not those who wait for it: they ask whoever keeps the key now.
            raise NotRunError("the line was closed") from None
        except Exception:
            pause = min(_SHORTEST_PAUSE * 2**self._failures, _LONGEST_PAUSE)
            self._not_before = asyncio.get_running_loop().time() + pause
            self._failures += 1
            raise
        finally:
            self._opening = None
        self._failures = 0
        return self._line


def noticed(task: asyncio.Task[Any]) -> None:
    """Look at how an attempt ended: it may be that nobody waits for it any more."""
    if not task.cancelled():
        task.exception()


class OneServer:
    """The server that the setting names."""

    def __init__(self, access: Access, address: Address, clock: Clock) -> None:
        self._shared = SharedLine(lambda: open_line(access, address, EPOCH, clock))

    def at_hand(self, _key: bytes) -> Line | None:
        return self._shared.at_hand

    async def reach(self, _key: bytes) -> Line:
        return await self._shared.reach()

    async def reach_named(self, _address: Address) -> Line:
        raise NotRunError("not a cluster")

    async def reach_all(self) -> Mapping[bytes, Line]:
        return {EPOCH: await self._shared.reach()}

    def learn(self, failure: Exception) -> None:
        if is_from_replica(failure) and (line := self._shared.at_hand) is not None:
            line.give_up()

    async def close(self) -> None:
        await self._shared.close()
