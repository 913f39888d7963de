"""Requests with a deadline, and what an answer or its absence says about what was done."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.connection import Answer, Connection, ServerClosed
from bench.visitor import Visitor

LIMIT = 5.0
"""Seconds: whoever is not answered within them gives up."""

_OVERLOADED = 429
_FAILED = 500


class Unanswered(Exception):
    """No answer in time, a broken connection, 429 or 5xx: what was asked for may have been done or not."""


class Refused(Exception):
    """A clear answer, and not the one that somebody with every right to it expects."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where requests go in; `origin` is the issuer, whatever address answers for it."""

    origin: str
    host: str
    port: int
    tls: ssl.SSLContext | None = None

    @property
    def authority(self) -> str:
        return self.origin.partition("://")[2]


@dataclass
class Wire:
    """Connections to one entrance, kept alive between requests."""

    entrance: Entrance
    limit: float = LIMIT
    _idle: list[Connection] = field(default_factory=list)

    async def ask(self, request: bytes) -> Answer:
        """Send a whole request; raises `Unanswered`."""
        connection: Connection | None = None
        try:
            async with asyncio.timeout(self.limit):
                connection = await self._connection()
                answer = await connection.ask(request)
        except TimeoutError:
            _drop(connection)
            raise Unanswered("no answer in time") from None
        except ServerClosed:
            _drop(connection)
            raise Unanswered("connection closed") from None
        except OSError as error:
            raise Unanswered(type(error).__name__) from None
        if answer.header("connection") == "close":
            _drop(connection)
        else:
            self._idle.append(connection)
        if answer.status >= _FAILED or answer.status == _OVERLOADED:
            # Every answer of the provider names its request; the proxy's own do not.
            raise Unanswered(f"{answer.status}{'' if answer.header('x-request-id') else ' of the proxy'}")
        return answer

    async def _connection(self) -> Connection:
        while self._idle:
            kept = self._idle.pop()
            if not kept.closed:
                return kept
        at = self.entrance
        name = at.authority.partition(":")[0] if at.tls else None
        loop = asyncio.get_running_loop()
        _, opened = await loop.create_connection(Connection, at.host, at.port, ssl=at.tls, server_hostname=name)
        return opened

    async def hang_up(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)


def _drop(connection: Connection | None) -> None:
    if connection is not None:
        connection.close()


@dataclass
class Browser(Visitor):
    """A visitor that notes the identifiers of the requests made since `begin`."""

    requests: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Start noting anew."""
        self.requests = []

    async def _ask(self, request: bytes) -> Answer:
        answer = await super()._ask(request)
        self.requests.append(answer.header("x-request-id") or "")
        return answer


Make = Callable[[], Browser]


def browser_on(wire: Wire) -> Browser:
    """A browser without cookies."""
    return Browser(wire, wire.entrance.origin)
