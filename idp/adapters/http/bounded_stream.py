"""Connections that read so much and no more: what is between the lines of an answer costs its reader as well."""

import re
import ssl
from collections.abc import Iterable
from typing import Any, Final

import httpcore
import httpx

MOST_BYTES: Final = 128 * 1024
"""Bytes of one call: the largest body, and as much again for headers and what frames it."""

MOST_READS: Final = 1024
"""Pieces in which they come."""

MOST_INFORMATIONAL: Final = 8
"""Answers of the class 1xx before the one that counts."""

_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_INFORMATIONAL: Final = re.compile(rb"\s*HTTP/\d\.\d 1\d\d")


class BoundedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over bounded connections, none of which is kept: each is of one call."""

    def __init__(self, tls: ssl.SSLContext, connections: int) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            # A kept connection to an address would carry another name's certificate.
            max_keepalive_connections=0,
            network_backend=_Backend(),
        )


class _Backend(httpcore.AnyIOBackend):
    """Makes connections that are bounded."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- as httpcore has it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return BoundedStream(await super().connect_tcp(host, port, timeout, local_address, socket_options))


class BoundedStream(httpcore.AsyncNetworkStream):
    """Raises `httpcore.RemoteProtocolError` when the other side says too much, or too little too often."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._bytes = self._reads = self._informational = 0
        self._head: bytes | None = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 -- as httpcore has it
        received = await self._stream.read(max_bytes, timeout)
        self._bytes += len(received)
        self._reads += 1
        if self._bytes > MOST_BYTES or self._reads > MOST_READS:
            raise httpcore.RemoteProtocolError("the answer is too long, or comes in too many pieces")
        if self._head is not None:
            self._follow_head(self._head + received)
        return received

    def _follow_head(self, head: bytes) -> None:
        """Count informational answers until the head of the last answer is there."""
        while (end := _END_OF_HEAD.search(head)) is not None:
            if _INFORMATIONAL.match(head) is None:
                self._head = None
                return
            self._informational += 1
            if self._informational > MOST_INFORMATIONAL:
                raise httpcore.RemoteProtocolError("too many informational answers")
            head = head[end.end() :]
        self._head = head

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 -- as httpcore has it
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 -- as httpcore has it
    ) -> httpcore.AsyncNetworkStream:
        return BoundedStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
