"""A keep-alive HTTP/1.1 connection that costs the load generator as little as Python allows."""

import asyncio
import contextlib
import re
from dataclasses import dataclass
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; `head` is the status line and the headers as they came."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None."""
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    def headers(self, name: str) -> list[str]:
        """Return every value of a header."""
        lines = (line.partition(":") for line in self.head.decode("latin-1").split("\r\n")[1:])
        return [value.strip() for key, _, value in lines if key.lower() == name]


class ServerClosed(Exception):
    """The server ended the connection instead of answering."""


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self._end = asyncio.Event()
        self.closed = False

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        """Connect; raises OSError."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._end.set()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ServerClosed(str(exc or "closed")))

    @property
    def port(self) -> int:
        """Our end's port, by which the server's end is found."""
        assert self._transport is not None
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    async def ask(self, request: bytes) -> Answer:
        """Send a complete request and return its answer; raises `ServerClosed`."""
        if self.closed or self._transport is None:
            raise ServerClosed("closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        status = int(head[9:12])
        body = self._body(head, status, end + 4)
        if body is not None and self._waiting is not None and not self._waiting.done():
            self._buffer = b""
            self._waiting.set_result(Answer(status, head, body))

    def _body(self, head: bytes, status: int, start: int) -> bytes | None:
        """Return the body when all of it is there."""
        if status in _BODILESS:
            return b""
        length = _LENGTH.search(head)
        if length is not None:
            body = self._buffer[start:]
            return body if len(body) >= int(length[1]) else None
        if _CHUNKED.search(head) is not None:
            return _joined(self._buffer[start:]) if self._buffer.endswith(b"0\r\n\r\n") else None
        return b""

    async def ended(self, seconds: float) -> bool:
        """Wait at most so long for the server to hang up; return whether it did."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._end.wait()
        return self.closed

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def _joined(chunked: bytes) -> bytes:
    parts: list[bytes] = []
    while True:
        size, _, rest = chunked.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            return b"".join(parts)
        parts.append(rest[:length])
        chunked = rest[length + 2 :]
