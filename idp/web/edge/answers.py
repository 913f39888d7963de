"""Send one complete answer: status, headers, body, in two ASGI messages."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Final

from starlette.types import Message, Receive, Scope, Send

NO_CONTENT: Final = 204


async def send_answer(
    send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes = b"", content_type: bytes = b""
) -> None:
    """Send `body` with its length; `content_type` is added when given."""
    # RFC 9110 section 8.6: an answer with 204 (No Content) must not have a length.
    fields = [*headers] if status == NO_CONTENT else [*headers, (b"content-length", b"%d" % len(body))]
    if content_type:
        fields.append((b"content-type", content_type))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def stream_answer(
    send: Send,
    status: int,
    headers: Iterable[tuple[bytes, bytes]],
    pieces: AsyncGenerator[bytes, None],
    content_type: bytes,
) -> None:
    """Send a body while it is made, and end making it when the receiver leaves.

    When making it fails the connection ends short, which the receiver notices.
    """
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, (b"content-type", content_type)]}
    )
    async with aclosing(pieces):
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


class FixedAnswer:
    """An ASGI application that always says the same, made once: discovery, JWKS, a liveness probe."""

    def __init__(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, content_type: bytes) -> None:
        fields = [*headers, (b"content-length", b"%d" % len(body)), (b"content-type", content_type)]
        self._start: Message = {"type": "http.response.start", "status": status, "headers": fields}
        self._body: Message = {"type": "http.response.body", "body": body}

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({**self._start})
        await send({**self._body})
