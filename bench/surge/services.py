"""What services go on doing during a surge: a quiet stream of refreshes, introspections and userinfo requests."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.connection import Connection, ServerClosed
from bench.installation import PORTAL, Installation
from bench.scenarios import AUTHORIZE, OK, basic, expect, form, redeem, refreshed, sign_in
from bench.surge.open_loop import Asked
from bench.visitor import UnexpectedAnswer, Visitor

REFRESH = "refresh"
INTROSPECTION = "introspection"
USERINFO = "userinfo"

LINES = 32
"""Connections of the services; each carries one request at a time."""

_PATIENCE = 15.0
_WRONG_KEPT = 5


@dataclass
class _Line:
    """A connection with the newest refresh token of its own family."""

    connection: Connection
    token: str


@dataclass
class Services:
    """Requests that were answered, by kind; the first few wrong answers in words."""

    installation: Installation
    asked: dict[str, list[Asked]] = field(default_factory=lambda: {REFRESH: [], INTROSPECTION: [], USERINFO: []})
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._free: deque[_Line] = deque()
        self._waiting: deque[asyncio.Future[_Line]] = deque()
        self._introspect = self._look = b""

    async def prepare(self) -> list[Connection]:
        """Sign people in, one for each line; return the lines' connections."""
        for number in range(LINES):
            connection = await Connection.open("127.0.0.1", self.installation.port(0))
            visitor = Visitor(connection, self.installation.origin, address=f"192.0.2.{number}")
            await redeem(connection, await sign_in(visitor, number))
            tokens = await redeem(connection, await visitor.get(AUTHORIZE))
            self._free.append(_Line(connection, tokens["refresh_token"]))
            self._introspect = form("/introspect", {"token": tokens["access_token"]}, basic(PORTAL))
            bearer = f"authorization: Bearer {tokens['access_token']}"
            self._look = f"GET /userinfo HTTP/1.1\r\nhost: bench\r\n{bearer}\r\n\r\n".encode()
        return [line.connection for line in self._free]

    async def refresh_at_once(self, _connection: Connection, _number: int) -> None:
        """One refresh, for a closed loop."""
        await self.refresh(time.perf_counter())

    async def refresh(self, due: float) -> None:
        """One refresh with rotation."""

        async def ask(line: _Line) -> None:
            line.token = await refreshed(line.connection, line.token)

        await self._on_a_line(REFRESH, due, ask)

    async def introspect(self, due: float) -> None:
        """One introspection of an access token."""

        async def ask(line: _Line) -> None:
            expect(await line.connection.ask(self._introspect), OK, b'"active":true')

        await self._on_a_line(INTROSPECTION, due, ask)

    async def userinfo(self, due: float) -> None:
        """One userinfo request."""

        async def ask(line: _Line) -> None:
            expect(await line.connection.ask(self._look), OK, b'"sub"', b'"email"')

        await self._on_a_line(USERINFO, due, ask)

    def close(self) -> None:
        """Hang up."""
        for line in self._free:
            line.connection.close()

    async def _on_a_line(self, kind: str, due: float, ask: Callable[[_Line], Awaitable[None]]) -> None:
        line = await self._take()
        right = False
        try:
            async with asyncio.timeout(_PATIENCE):
                if line.connection.closed:
                    line.connection = await Connection.open("127.0.0.1", self.installation.port(0))
                await ask(line)
            right = True
        except (TimeoutError, UnexpectedAnswer, ServerClosed, OSError) as wrong:
            if len(self.wrong) < _WRONG_KEPT:
                self.wrong.append(f"{kind}: {type(wrong).__name__} {wrong}")
            if not isinstance(wrong, UnexpectedAnswer):
                line.connection.close()
        finally:
            self.asked[kind].append(Asked(due, time.perf_counter(), right))
            self._give_back(line)

    async def _take(self) -> _Line:
        if self._free:
            return self._free.popleft()
        turn: asyncio.Future[_Line] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        return await turn

    def _give_back(self, line: _Line) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(line)
                return
        self._free.append(line)
