"""HTTP/1.1 answers that leave in one piece (RFC 9112 section 2.1): head and content by one call of the system.

uvicorn writes the head when an answer begins and the content when it comes, which are two packets, and looks at each
field with two patterns. Here the head of an answer whose length is known waits for its content. Everything else about
the connection stays uvicorn's: what is paused, cut off, too long or too short, and the answers of another kind whole.
"""

from collections.abc import Awaitable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_OF_THE_CONNECTION: Final = frozenset({b"connection", b"transfer-encoding"})


class WholeAnswer:
    """Says what an application answers to the request of one cycle."""

    __slots__ = ("_cycle", "_head")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._head = b""

    async def send(self, message: Message) -> None:
        """ASGI's `send`. Raises RuntimeError for what would be no answer, as uvicorn does."""
        cycle = self._cycle
        if self._head:
            head, self._head = self._head, b""
            message = {**message, "body": head + message.get("body", b"")}
            cycle.expected_content_length += len(head)
        elif message["type"] == "http.response.start" and not cycle.response_started:
            self._head = self._begin(message)
            if self._head:
                return
        await cycle.send(message)  # type: ignore[arg-type] # the same messages by another name

    def _begin(self, message: Message) -> bytes:
        """Return the head of an answer that this one writes; nothing where uvicorn does."""
        cycle, fields = self._cycle, message["headers"]
        values = dict(fields)
        length = values.get(b"content-length")
        if length is None or cycle.scope["method"] == "HEAD":
            return b""
        if not cycle.keep_alive or not _OF_THE_CONNECTION.isdisjoint(values):
            return b""
        lines = [b"%b: %b\r\n" % field for field in (*cycle.default_headers, *fields)]
        head = b"".join((STATUS_LINE[message["status"]], *lines, b"\r\n"))
        # RFC 9110 section 5.5: a value with one of these would be read as something else than this field.
        ends = len(lines) + 2
        if head.count(b"\n") != ends or head.count(b"\r") != ends or b"\0" in head:
            raise RuntimeError("Invalid HTTP header.")
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        cycle.chunked_encoding = False
        cycle.expected_content_length = int(length)
        return head


def in_one_piece(
    cycle: RequestResponseCycle, app: ASGIApp, scope: Scope, receive: Receive, _send: Send
) -> Awaitable[None]:
    """Let `app` answer the request of a cycle."""
    return app(scope, receive, WholeAnswer(cycle).send)
