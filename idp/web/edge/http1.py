"""HTTP/1.1 connections with bounds (RFC 9112): how large a head may be, how long a request takes, how many there are.

uvicorn parses strictly (llhttp) but waits for ever and reads heads of any size; both are left to a proxy there. `idp
serve` may stand without one, so the bounds are here. They cost an addition and two comparisons per packet.

Where there is no room for more connections uvicorn turns requests away on all of them. Here the new ones are, so that
whoever is connected notices nothing; and in a crowd those who came last have one request each. The answer says so: an
idle connection that is closed without a word meets the next request, and who sent it cannot know whether it was heard.
"""

import asyncio
from typing import Any, Final

from idp.web.edge.in_turn import InTurnConnection, last_answer
from idp.web.edge.outgoing import HoldingTransport, outgoing_of

LONGEST_HEAD = 32_768
MOST_HEADERS = 100
ARRIVAL_SECONDS = 20.0
"""From the first byte of a request (or of a connection) to the last byte of its body; 64 KiB at 4 KiB/s fit."""

CROWD: Final = 1_024
HEAD_IN_A_CROWD = 4.0
"""Connections of a process beyond which a further one ends with its first answer, and must bring the head of its first
request in so many seconds: a surge of people who come once leaves none open. Its body has the usual time."""

_TOO_LARGE = last_answer(b"431 Request Header Fields Too Large", b"The head of the request is too large.")
_NO_HOST = last_answer(b"400 Bad Request", b"The request must name one host.")
_NO_VERSION = last_answer(b"505 HTTP Version Not Supported", b"Only HTTP/1.1 and HTTP/1.0 are spoken here.")
_FRAMING = last_answer(b"400 Bad Request", b"The body of the request is framed in a way that is not understood.")
_TOO_SLOW = last_answer(b"408 Request Timeout", b"The request took too long to arrive.")
_NO_ROOM = last_answer(b"503 Service Unavailable", b"There are too many connections.", b"retry-after: 5\r\n")


class BoundedConnection(InTurnConnection):
    """Refuses heads over 32 KiB or 100 fields (431) and requests slower than 20 s (408); ends those who do not read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- handed through to uvicorn
        super().__init__(*args, **kwargs)
        self._is_first = True
        self._arrival: asyncio.TimerHandle | None = None
        self._outbound: HoldingTransport | None = None
        self._came_last = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn says
        self._outbound = HoldingTransport(transport, outgoing_of(self.loop))
        super().connection_made(self._outbound)
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            self.connections.discard(self)  # what is refused takes nobody's room while it ends
            self.end(_NO_ROOM)
            return
        self._came_last = len(self.connections) > CROWD
        patience = HEAD_IN_A_CROWD if self._came_last else ARRIVAL_SECONDS
        self._arrival = self.loop.call_later(patience, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._outbound is not None:
            self._outbound.watch()

    def resume_writing(self) -> None:
        if self._outbound is not None:
            self._outbound.unwatch()
        super().resume_writing()

    def end(self, last_word: bytes = b"") -> None:
        self._stop_waiting()
        super().end(last_word)

    def has_read(self) -> None:
        if self._is_deaf:
            return
        if self._is_in_head and self._head_size > LONGEST_HEAD:
            self.end(_TOO_LARGE)
            return
        if self._rest_size > LONGEST_HEAD:
            self.end(_FRAMING)
            return
        if self._has_begun and not self._is_first:
            self._stop_waiting()  # for the request before
        self._has_begun = False
        if self._came_last and self._has_cycle and len(self.connections) > CROWD:
            # RFC 9112 section 9.6: the last response on this connection.
            self.cycle.keep_alive = False
        if not self._is_incomplete or self.pipeline or self._unread:
            self._stop_waiting()
        elif self._arrival is None and not self.transport.is_closing():
            self._arrival = self.loop.call_later(ARRIVAL_SECONDS, self._give_up)

    def look_at_head(self) -> None:
        if self._is_first and self._came_last:
            self._stop_waiting()  # for the head; `has_read` goes on for the body
        self._is_first = False
        # What was counted may hold a body too; only then is it worth counting exactly.
        size = self._head_size
        if size > LONGEST_HEAD:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > LONGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self.end(_TOO_LARGE)
            return
        names = [name for name, _ in self.headers]
        version = self.parser.get_http_version()
        is_old = version == "1.0"
        # RFC 9112 section 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request
        # message that lacks a Host header field and to any request message that contains more than one Host header
        # field line".
        hosts = names.count(b"host")
        if not is_old and version != "1.1":
            self.end(_NO_VERSION)
        elif hosts > 1 or (hosts == 0 and not is_old):
            self.end(_NO_HOST)
        # Section 6.1: other codings than chunked are not decoded here, and HTTP/1.0 has none.
        elif b"transfer-encoding" in names and (
            is_old or dict(self.headers)[b"transfer-encoding"].lower() != b"chunked"
        ):
            self.end(_FRAMING)

    def _give_up(self) -> None:
        self._arrival = None
        self.end(_TOO_SLOW)

    def _stop_waiting(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None
