"""Connecting to a server: redis-py opens, authenticates and reads; nothing is retried here."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection
from redis.exceptions import MovedError, RedisError

from idp.adapters.redis.failures import NotRunError
from idp.domain.values import dataclass

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Access:
    """How servers are spoken to; `timeout` in seconds."""

    username: str | None
    password: str | None
    tls: bool
    database: int
    timeout: float

    def connection(
        self, address: Address, *, anonymous: bool = False, database: int | None = None
    ) -> AbstractConnection:
        """A connection that is not open yet."""
        kind = SSLConnection if self.tls else Connection
        return kind(
            host=address[0],
            port=address[1],
            db=self.database if database is None else database,
            username=None if anonymous else self.username,
            password=None if anonymous else self.password,
            # Answers are small and of plain types; RESP2 needs no greeting, and lets time-outs be kept elsewhere.
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=self.timeout,
            socket_keepalive=True,
            driver_info=None,
        )


def pack(*parts: bytes | int) -> bytes:
    """The request as the server reads it (RESP arrays of bulk strings)."""
    written = [part if isinstance(part, bytes) else b"%d" % part for part in parts]
    return b"*%d\r\n%b" % (len(written), b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in written]))


async def ask(connection: AbstractConnection, request: bytes) -> Any:  # noqa: ANN401 - whatever the server says
    """The answer on a connection that nothing else uses. Raises `RedisError`."""
    await connection.send_packed_command(request, check_health=False)
    return await connection.read_response(disable_decoding=True, timeout=math.inf)


@asynccontextmanager
async def connected(connection: AbstractConnection, patience: float) -> AsyncIterator[AbstractConnection]:
    """Open the connection and close it when the block raises; in `patience` seconds all is done. Raises `NotRunError`.

    A slot's move (MOVED) leaves as it is.
    """
    try:
        async with asyncio.timeout(patience):
            await connection.connect()  # type: ignore[no-untyped-call] # redis-py left it without annotations
            yield connection
    except MovedError:
        await hang_up(connection)
        raise
    except (RedisError, OSError) as failure:
        await hang_up(connection)
        raise NotRunError("cannot connect") from failure
    except BaseException:
        await hang_up(connection)
        raise


async def hang_up(connection: AbstractConnection) -> None:
    """Close without a farewell, whatever state the connection is in."""
    try:
        await connection.disconnect(nowait=True)
    except (RedisError, OSError):
        return


def address_of(parts: Sequence[Any], default_host: str) -> Address:
    """The address that a server named as [host, port, …]; an unnamed host is the one that was asked."""
    host = bytes(parts[0] or b"").decode()
    return (host if host not in {"", "?"} else default_host), int(parts[1])
