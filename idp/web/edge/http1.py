"""HTTP/1.1 connections with bounds (RFC 9112): how large a head may be, how long a request takes, how many there are.

uvicorn parses strictly (llhttp) but waits for ever and reads heads of any size; both are left to a proxy there. `idp
serve` may stand without one, so the bounds are here. They cost an addition and two comparisons per packet.

Where there is no room for more connections uvicorn turns requests away on all of them. Here the new ones are, so that
whoever is connected notices nothing; and in a crowd those who came last have one request each. The answer says so: an
idle connection that is closed without a word meets the next request, and who sent it cannot know whether it was heard.
"""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from idp.web.edge.outgoing import HoldingTransport, outgoing_of
from idp.web.edge.whole_answer import in_one_piece

LONGEST_HEAD = 32_768
MOST_HEADERS = 100
ARRIVAL_SECONDS = 20.0
"""From the first byte of a request (or of a connection) to the last byte of its body; 64 KiB at 4 KiB/s fit."""

CROWD: Final = 1_024
HEAD_IN_A_CROWD = 4.0
"""Connections of a process beyond which a further one ends with its first answer, and must bring the head of its first
request in so many seconds: a surge of people who come once leaves none open. Its body has the usual time."""


def _last_answer(status: bytes, sentence: bytes, more: bytes = b"") -> bytes:
    fields = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close" % len(sentence)
    return b"HTTP/1.1 %s\r\n%s\r\n%s\r\n%s" % (status, fields, more, sentence)


_TOO_LARGE = _last_answer(b"431 Request Header Fields Too Large", b"The head of the request is too large.")
_NO_HOST = _last_answer(b"400 Bad Request", b"The request must name one host.")
_TOO_SLOW = _last_answer(b"408 Request Timeout", b"The request took too long to arrive.")
_NO_ROOM = _last_answer(b"503 Service Unavailable", b"There are too many connections.", b"retry-after: 5\r\n")


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's connection, refusing heads over 32 KiB or 100 fields (431) and requests slower than 20 s (408)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- handed through to uvicorn
        super().__init__(*args, **kwargs)
        self._reading_head = True
        self._incomplete = True
        self._head_size = 0
        self._arrival: asyncio.TimerHandle | None = None
        self._came_last = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn says
        super().connection_made(HoldingTransport(transport, outgoing_of(self.loop)))
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            self.connections.discard(self)  # what is refused takes nobody's room while it ends
            self._refuse(_NO_ROOM)
            return
        self._came_last = len(self.connections) > CROWD
        patience = HEAD_IN_A_CROWD if self._came_last else ARRIVAL_SECONDS
        self._arrival = self.loop.call_later(patience, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._reading_head:
            self._head_size += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._reading_head and self._head_size > LONGEST_HEAD:
            self._refuse(_TOO_LARGE)
        elif not self._incomplete:
            self._stop_waiting()
        elif self._arrival is None:
            self._arrival = self.loop.call_later(ARRIVAL_SECONDS, self._give_up)

    def on_message_begin(self) -> None:
        self._reading_head = self._incomplete = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._reading_head = False
        # What was counted may hold a body too; only then is it worth counting exactly.
        size = self._head_size
        if size > LONGEST_HEAD:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        self._head_size = 0
        if size > LONGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self._refuse(_TOO_LARGE)
            return
        # RFC 9112 section 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request
        # message that lacks a Host header field and to any request message that contains more than one Host header
        # field line".
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            self._refuse(_NO_HOST)
            return
        super().on_headers_complete()
        if self._came_last:
            self._stop_waiting()  # for the head; `data_received` goes on for the body
            if len(self.connections) > CROWD:
                # RFC 9112 section 9.6: the last response on this connection.
                self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGIApp) -> None:  # type: ignore[override] # as uvicorn says
        super()._start_asgi_task(cycle, partial(in_one_piece, cycle, app))

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._incomplete = False
        self._reading_head = True
        if not self.transport.is_closing():
            super().on_message_complete()

    def _give_up(self) -> None:
        self._arrival = None
        self._refuse(_TOO_SLOW)

    def _refuse(self, answer: bytes) -> None:
        """Answer unless half of another answer left already, and hang up."""
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's annotation forgets that there is none at first
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(answer)
        self.transport.close()

    def _stop_waiting(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None
