"""What leaves a connection, write by write, with uvicorn's own cycle behind it."""

import asyncio
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from idp.web.edge.answers import send_answer, stream_answer
from idp.web.edge.http1 import BoundedConnection

LENGTH_5 = (b"content-length", b"5")


class Wire(asyncio.Transport):
    """Keeps each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def resume_reading(self) -> None:
        """Nothing is read here."""


async def said(app: ASGIApp, method: str = "GET", version: str = "1.1", more: str = "") -> Wire:
    """What `app` answers to one request."""
    config = uvicorn.Config(app, http=BoundedConnection, interface="asgi3", lifespan="off", log_config=None, ws="none")
    config.load()
    state, wire = ServerState(), Wire()
    state.default_headers = [(b"date", b"Mon, 23 Nov 2026 00:00:00 GMT")]
    connection = BoundedConnection(config, state, {}, asyncio.get_running_loop())
    connection.connection_made(wire)
    connection.data_received(f"{method} / HTTP/{version}\r\nhost: x\r\n{more}\r\n".encode())
    await asyncio.gather(*state.tasks)
    await asyncio.sleep(0)  # the round ends
    hung_up = wire.closed
    connection.connection_lost(None)
    wire.closed = hung_up
    return wire


def saying(*messages: dict[str, Any]) -> ASGIApp:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def start(*fields: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(fields)}


def piece(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


HEAD = b"HTTP/1.1 200 OK\r\ndate: Mon, 23 Nov 2026 00:00:00 GMT\r\n"


async def test_an_answer_leaves_in_one_piece() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send_answer(send, 200, ((b"x-a", b"1"), (b"x-a", b"2")), b"hello", b"text/plain")

    wire = await said(app)
    expected = HEAD + b"x-a: 1\r\nx-a: 2\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\r\nhello"
    assert wire.writes == [expected]
    assert not wire.closed


async def test_content_in_pieces_of_a_known_length_leaves_with_each() -> None:
    wire = await said(saying(start(LENGTH_5), piece(b"he", more=True), piece(b"llo")))
    assert b"".join(wire.writes) == HEAD + b"content-length: 5\r\n\r\nhello"
    assert not wire.closed


async def test_an_answer_without_content_has_a_head() -> None:
    wire = await said(saying(start((b"content-length", b"0"), status=204), piece(b"")))
    (only,) = wire.writes
    assert only.endswith(b"content-length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("app", "method", "version", "expected"),
    [
        (saying(start(LENGTH_5), piece(b"hello")), "HEAD", "1.1", b"content-length: 5\r\n\r\n"),
        (
            saying(start(LENGTH_5), piece(b"hello")),
            "GET", "1.0", b"content-length: 5\r\nconnection: close\r\n\r\nhello",
        ),
        (saying(start(), piece(b"hello")), "GET", "1.1", b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        (
            saying(start(LENGTH_5, (b"connection", b"close")), piece(b"hello")),
            "GET", "1.1", b"content-length: 5\r\nconnection: close\r\n\r\nhello",
        ),
    ],
)  # fmt: skip
async def test_answers_of_another_kind_are_as_uvicorn_writes_them(
    app: ASGIApp, method: str, version: str, expected: bytes
) -> None:
    wire = await said(app, method, version)
    assert b"".join(wire.writes) == HEAD + expected
    assert wire.closed is (b"close" in expected)


async def test_a_stream_is_sent_while_it_is_made() -> None:
    async def pieces() -> Any:
        for part in (b"one", b"two"):
            yield part
            await asyncio.sleep(0)  # as when it comes from a store
            await asyncio.sleep(0)

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await stream_answer(send, 200, (), pieces(), b"text/plain")

    wire = await said(app)
    assert wire.writes[0].endswith(b"\r\n\r\n3\r\none\r\n")
    assert wire.writes[1:] == [b"3\r\ntwo\r\n", b"0\r\n\r\n"]


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: x=1", b"a\nb", b"a\rb", b"a\0b"])
async def test_a_value_that_would_be_another_field_never_leaves(value: bytes) -> None:
    wire = await said(saying(start(LENGTH_5, (b"location", value)), piece(b"hello")))
    sent = b"".join(wire.writes)
    assert sent.startswith(b"HTTP/1.1 500")
    assert value not in sent
    assert wire.closed


@pytest.mark.parametrize("content", [b"hell", b"hello!"])
async def test_content_of_another_length_ends_the_connection(content: bytes) -> None:
    wire = await said(saying(start(LENGTH_5), piece(content)))
    assert wire.closed


async def test_an_answer_that_ends_before_its_content_is_none() -> None:
    wire = await said(saying(start(LENGTH_5)))
    assert wire.writes == []
    assert wire.closed


async def test_nobody_is_told_to_go_on_after_the_answer() -> None:
    more = "content-length: 5\r\nexpect: 100-continue\r\n"
    wire = await said(saying(start(LENGTH_5), piece(b"hello")), "POST", more=more)
    assert [part[:12] for part in wire.writes] == [b"HTTP/1.1 200"]
