"""HTTP/1.1 connections that read no further than they answer, and nothing as what it is not (RFC 9112 section 9.3.2).

uvicorn parses all that a packet holds: ten thousand pipelined requests become ten thousand waiting cycles, a refusal of
the last of them is written where the first is to be answered, fields behind a body (section 7.1.2) are put among those
of the head, where a proxy no longer looks, and what follows the offer of another protocol is a request of its own even
where it is the body of the one that offered. Here packets are parsed in slices, and none while a request waits for its
turn; a refusal waits for its turn too; trailers are dropped; offers of other protocols are declined.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import httptools
from starlette.types import ASGIApp
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from idp.web.edge.whole_answer import in_one_piece

SLICE: Final = 2_048
"""Bytes parsed at once: most requests whole, and no more than eighty of the shortest there are."""

MOST_FRAMING: Final = 8
"""Bytes around each byte of a body that are nothing to wonder about: chunks of one byte have five."""


def last_answer(status: bytes, sentence: bytes, more: bytes = b"") -> bytes:
    """Return a whole answer, the last of its connection."""
    fields = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close" % len(sentence)
    return b"HTTP/1.1 %s\r\n%s\r\n%s\r\n%s" % (status, fields, more, sentence)


_MALFORMED: Final = last_answer(b"400 Bad Request", b"The request is not proper HTTP.")


class InTurnConnection(HttpToolsProtocol):
    """uvicorn's connection, whose requests are parsed, answered and refused in the order in which they came."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- handed through to uvicorn
        super().__init__(*args, **kwargs)
        # From the end of one request to the end of the next one's head.
        self._is_in_head = True
        # From the first byte of a request to its last; so is a new connection before its first.
        self._is_incomplete = True
        # Whether the request that was begun last is being answered, or waits for it; and whether it was begun just now.
        self._has_cycle = False
        self._has_begun = False
        # Bytes of the head so far, and of the rest of a request beyond what its body allows for.
        self._head_size = 0
        self._rest_size = 0
        self._answering: RequestResponseCycle | None = None
        self._unread = b""
        self._is_half_closed = False
        self._is_deaf = False
        self._last_word = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn says
        super().connection_made(transport)
        self.flow = _InTurn(transport, lambda: bool(self.pipeline or self._unread) and not self._is_deaf)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        if self.pipeline or self._unread:
            # It was on its way when reading was paused.
            self._unread += data
            self.flow.pause_reading()
            return
        parsed = self.parse(data) if len(data) <= SLICE else 0
        if parsed < len(data):
            self._read(data[parsed:])
        self.has_read()

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn never wants to keep it
        """Answer what was asked by whoever says no more but listens: True keeps the connection until then."""
        self._is_half_closed = True
        if not self._unread and not self._is_deaf:
            self.end()
        return not self.transport.is_closing()

    def shutdown(self) -> None:
        if self._has_cycle and self._is_incomplete:
            super().shutdown()
        elif not self._is_deaf:
            self.end()

    def end(self, last_word: bytes = b"") -> None:
        """Read no further; answer all that is whole, then say the last word and hang up.

        That is to half a request instead of an answer; where part of an answer to it left already, nothing is said.
        """
        self._is_deaf, self._unread = True, b""
        if self.transport.is_closing():
            return
        # What is not looked at is taken all the same: where some is left, hanging up cuts the answers off too.
        self.flow.resume_reading()
        if self._has_cycle and self._is_incomplete:
            if not self.pipeline:
                self._hang_up(b"" if self.cycle.response_started else last_word)
                return
            self.pipeline.popleft()
        if self._answering is None:
            self._hang_up(last_word)
        elif last_word:
            self._last_word = last_word
        else:
            newest = self.pipeline[0][0] if self.pipeline else self._answering
            newest.keep_alive = False

    def parse(self, piece: bytes | memoryview) -> int:
        """Parse a piece and return how much of it was parsed: not all where another protocol was offered."""
        if self._is_in_head:
            self._head_size += len(piece)
        else:
            self._rest_size += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as offered:
            parsed: int = offered.args[0]
            self._decline()
            return parsed
        except httptools.HttpParserError:
            self.end(_MALFORMED)
        return len(piece)

    def look_at_head(self) -> None:
        """Called when a head is complete, before anything is done about it; it may `end` the connection."""

    def has_read(self) -> None:
        """Called when all was parsed that is to be parsed for now."""

    def on_message_begin(self) -> None:
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self._is_in_head = self._is_incomplete = self._has_begun = True
        self._has_cycle = False
        self._rest_size = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # RFC 9112 section 7.1.2: a trailer is not merged into the header section unless its definition permits that.
        if not self._is_in_head:
            return
        name = name.lower()
        # RFC 9110 section 5.5: white space around a value is no part of it; the parser leaves what is behind.
        value = value.rstrip(b" \t")
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self.look_at_head()
        self._head_size = 0
        if not self._is_deaf:
            if not self.url.startswith(b"/"):
                self.url = _with_path(self.url)
            super().on_headers_complete()
            self._has_cycle = True

    def on_body(self, body: bytes) -> None:
        self._rest_size -= len(body) * (1 + MOST_FRAMING)
        if self._has_cycle and not self._is_deaf:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._has_cycle and self.parser.should_upgrade() and self._framing():
            return  # it only looks so: `_decline` reads the body
        self._is_incomplete = False
        self._is_in_head = True
        if self._has_cycle and not self._is_deaf:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        self._answering = None
        super().on_response_complete()
        if self._unread or self._last_word or self._is_incomplete or self.flow.read_paused:
            self._go_on()

    def _go_on(self) -> None:
        if self.pipeline or self.transport.is_closing():
            return
        if self._unread:
            self.loop.call_soon(self._read_on)
        elif self._answering is None and self._last_word:
            self._hang_up(self._last_word)
        else:
            self.flow.resume_reading()
            self.has_read()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGIApp) -> None:  # type: ignore[override] # as uvicorn says
        self._answering = cycle
        super()._start_asgi_task(cycle, partial(in_one_piece, cycle, app))

    def _read(self, data: bytes) -> None:
        """Parse slice after slice until a request has to wait; the rest is kept."""
        rest = data if len(data) <= SLICE else memoryview(data)
        while rest and not self._is_deaf and not self.transport.is_closing():
            if self.pipeline:
                self._unread = bytes(rest)
                break
            rest = rest[self.parse(rest[:SLICE]) :]

    def _read_on(self) -> None:
        data, self._unread = self._unread, b""
        self._read(data)
        self.has_read()
        if self._unread or self._is_deaf or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self._is_half_closed:
            self.end()

    def _decline(self) -> None:
        """Go on in HTTP/1.1 behind a request that offers another protocol (RFC 9110 section 7.8).

        The parser takes its head for all of it. Where a body follows, another parser reads that, and the answer is the
        last of the connection.
        """
        framing = self._framing()
        if not framing or not self._has_cycle or self._is_deaf:
            return
        self.cycle.keep_alive = False
        self.parser = httptools.HttpRequestParser(_Body(self))
        self.parse(b"POST / HTTP/1.1\r\n%b\r\n" % framing)

    def _framing(self) -> bytes:
        """The fields that say where the body ends."""
        fields = [field for field in self.headers if field[0] in {b"content-length", b"transfer-encoding"}]
        return b"".join(b"%b: %b\r\n" % field for field in fields)

    def _hang_up(self, last_word: bytes) -> None:
        if last_word:
            self.transport.write(last_word)
        self.transport.close()


def _with_path(target: bytes) -> bytes:
    """Return a request target in absolute form with a path; any other as it is.

    RFC 9112 section 3.2: "A server MUST accept the absolute-form in requests". Its path may be empty, which is "/" (RFC
    9110 section 4.2.3) and to uvicorn nothing at all.
    """
    scheme, colon, rest = target.partition(b"://")
    authority, mark, query = rest.partition(b"?")
    if not colon or b"/" in authority:
        return target
    return b"%b://%b/%b%b" % (scheme, authority, mark, query)


class _Body:
    """What a parser tells that reads the last body of a connection."""

    def __init__(self, connection: InTurnConnection) -> None:
        self._connection = connection
        self.on_body = connection.on_body

    def on_message_complete(self) -> None:
        self._connection.on_message_complete()
        self._connection.end()


class _InTurn(FlowControl):
    """Reads no further while what was read waits, whoever asks for more."""

    def __init__(self, transport: asyncio.Transport, is_behind: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._is_behind = is_behind

    def resume_reading(self) -> None:
        if self.read_paused and not self._is_behind():
            super().resume_reading()
