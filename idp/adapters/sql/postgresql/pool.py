"""The connections of one process: opened when needed, lent for one unit of work, bounded in number and in wait."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from idp.adapters.sql.postgresql.connection import connection_settings, is_broken, is_unavailable, unavailable
from idp.adapters.sql.postgresql.home import Door, Home, home
from idp.adapters.sql.postgresql.runner import Connection
from idp.ports.errors import StoreUnavailableError

_CLOSING_SECONDS = 5
_IDLE_SECONDS = 300


class Pool:
    """At most `size` connections to the server that `url` names; `timeout` in seconds for each step.

    Connections belong to the process and the event loop that opened them; another one gets its own.
    """

    def __init__(self, url: str, size: int, timeout: float, planner: Mapping[str, str] | None = None) -> None:
        """`planner`: settings of the server for these connections, besides those of every connection."""
        self._url = url
        self._planner = planner or {}
        self._size = size
        self._timeout = timeout
        self._home: Home | None = None
        self._pool: asyncpg.Pool[Any] | None = None
        self._opening = asyncio.Lock()
        self._door = Door()
        self.waiting = 0
        """Callers that wait for a connection."""

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Connection]:
        """Lend a connection. What fails in the block is raised as it is, or as `StoreUnavailableError`.

        A connection that failed, or whose borrower was cancelled, is thrown away: nobody knows what it is doing.
        """
        pool, connection = await self._acquire()
        try:
            yield connection
        except Exception as error:
            if is_broken(error):
                _throw_away(connection)
                if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
                    # The primary moved: every other connection leads to the same place.
                    await pool.expire_connections()
            if is_unavailable(error):
                raise unavailable(error) from error
            raise
        except BaseException:
            _throw_away(connection)
            raise
        finally:
            await pool.release(connection)

    @asynccontextmanager
    async def transaction(self, retries: int) -> AsyncIterator[Connection]:
        """Lend a connection in a transaction, which is committed after the block or undone by what fails in it.

        One that turns out to be closed is replaced, at most `retries` times: a transaction that did not begin has done
        nothing.
        """
        for attempt in range(retries + 1):
            async with self.lend() as connection:
                if not await _begin(connection, is_last=attempt == retries):
                    continue
                try:
                    yield connection
                    await connection.execute("COMMIT")
                except Exception as error:
                    if not is_broken(error):
                        await _roll_back(connection)
                    raise
                return
        raise StoreUnavailableError

    async def close(self) -> None:
        """Close every connection of this process; those in use get a few seconds, and no other is opened here."""
        self._door.close()
        pool, opened, self._pool = self._pool, self._home, None
        here = home()
        if pool is None or opened is None or opened[0] != here[0]:
            return
        if opened[1] is not here[1]:
            pool.terminate()
            return
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await pool.close()
        except (TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            pool.terminate()

    async def _acquire(self) -> "tuple[asyncpg.Pool[Any], asyncpg.pool.PoolConnectionProxy[Any]]":
        self.waiting += 1
        try:
            pool = self._pool if self._home == home() else None
            if pool is None:
                pool = await self._open()
            # Not asyncpg's own time-out, which makes a task of every call.
            async with asyncio.timeout(self._timeout):
                return pool, await pool.acquire()
        except Exception as error:
            if is_unavailable(error):
                raise StoreUnavailableError from error
            raise
        finally:
            self.waiting -= 1

    async def _open(self) -> "asyncpg.Pool[Any]":
        here = home()
        if self._home != here:
            # A parent's sockets must not be closed in its child, and a loop that ended closes nothing.
            self._home, self._pool, self._opening = here, None, asyncio.Lock()
        async with self._opening:
            self._door.enter()
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=self._size,
                    max_inactive_connection_lifetime=_IDLE_SECONDS,
                    timeout=self._timeout,
                    command_timeout=self._timeout,
                    # Units leave nothing behind in a session, so that nothing has to be reset between them.
                    reset=_leave_as_it_is,
                    **connection_settings(self._timeout, self._planner),
                )
            return self._pool


async def _leave_as_it_is(_connection: object) -> None:
    return


def _throw_away(connection: Connection) -> None:
    # One that its server closed has left the pool by itself, and says so.
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def _begin(connection: Connection, *, is_last: bool) -> bool:
    """Begin a transaction; False when the connection turned out to be closed and another one may be tried."""
    try:
        await connection.execute("BEGIN")
    except Exception as error:
        if is_last or isinstance(error, TimeoutError) or not is_broken(error):
            raise
        return False
    return True


async def _roll_back(connection: Connection) -> None:
    """Undo the open transaction; a connection that cannot even do that is thrown away."""
    try:
        await connection.execute("ROLLBACK")
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError):
        _throw_away(connection)
