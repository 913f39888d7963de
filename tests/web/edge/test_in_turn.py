"""Whatever a client packs together, each request is read, answered and refused as itself, in its turn."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
import uvicorn
from starlette.types import Receive, Scope, Send

from idp.web.edge import http1, outgoing
from idp.web.edge.answers import send_answer
from idp.web.edge.http1 import BoundedConnection
from idp.web.edge.in_turn import SLICE

CLOSE = b"connection: close\r\n"


def asked(path: bytes, more: bytes = b"", method: bytes = b"GET") -> bytes:
    return b"%b %b HTTP/1.1\r\nhost: x\r\n%b\r\n" % (method, path, more)


@dataclass
class Place:
    """A served application that notes what reaches it and answers `/slow` when it is let."""

    let: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    headers: list[list[tuple[bytes, bytes]]] = field(default_factory=list)
    server: uvicorn.Server = field(init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.heard.append((scope["path"], body))
        self.headers.append(scope["headers"])
        if scope["path"] == "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"piece", "more_body": True})
        if scope["path"] in {"/slow", "/stream"}:
            self.begun.set()
            await self.let.wait()
        if scope["path"] == "/stream":
            await send({"type": "http.response.body", "body": b""})
            return
        content = b"x" * 4_000_000 if scope["path"] == "/large" else b"<%b>" % scope["path"].encode()
        await send_answer(send, 200, [], content, b"text/plain")

    @property
    def port(self) -> int:
        port: int = self.server.servers[0].sockets[0].getsockname()[1]
        return port

    @property
    def connections(self) -> list[BoundedConnection]:
        return list(self.server.server_state.connections)  # type: ignore[arg-type] # of this class, all of them

    def paths(self) -> list[str]:
        return [path for path, _ in self.heard]

    async def say(self, *parts: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send the parts, each in a packet that is read by itself."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await turns()
        return reader, writer

    async def answer(self, *parts: bytes) -> bytes:
        """All that is answered until the server hangs up."""
        reader, writer = await self.say(*parts)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
        return answer


async def turns(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0.001)


async def until(happened: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await happened.wait()


@pytest_asyncio.fixture
async def place() -> AsyncIterator[Place]:
    place = Place()
    config = uvicorn.Config(
        place, port=0, http=BoundedConnection, ws="none", lifespan="off", log_config=None, interface="asgi3",
        loop="none", timeout_graceful_shutdown=1,
    )  # fmt: skip
    place.server = uvicorn.Server(config)
    serving = asyncio.create_task(place.server._serve())
    while not place.server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.005)
    yield place
    place.let.set()
    place.server.should_exit = True
    await serving


CHUNKED = b"transfer-encoding: chunked\r\n"
TRAILERS = b"0\r\nclient-cert: :AAAA:\r\nx-forwarded-for: 6.6.6.6\r\nx-request-id: chosen\r\n\r\n"


async def test_what_comes_behind_a_body_is_no_field_of_the_head(place: Place) -> None:
    post, last = asked(b"/a", CHUNKED, b"POST"), asked(b"/b", CLOSE)
    assert (await place.answer(post + b"1\r\nx\r\n" + TRAILERS + last)).endswith(b"</b>")
    late = asked(b"/a", CHUNKED + CLOSE, b"POST")
    assert (await place.answer(late, b"1\r\nx\r\n", TRAILERS)).endswith(b"</a>")
    assert place.heard == [("/a", b"x"), ("/b", b""), ("/a", b"x")]
    assert {name for headers in place.headers for name, _ in headers} == {b"host", b"transfer-encoding", b"connection"}


async def test_trailers_and_extensions_without_end_are_cut_off(place: Place) -> None:
    for endless in (b"0\r\n" + b"a: b\r\n" * 20_000, b"0\r\na: " + b"b" * 100_000, b"1;a=" + b"b" * 100_000):
        answer = b"HTTP/1.1 400"
        with suppress(ConnectionError):  # we may hear of the end before we hear why
            answer = await place.answer(asked(b"/a", CHUNKED, b"POST"), endless)
        assert answer.startswith(b"HTTP/1.1 400")
    assert (place.connections, place.heard) == ([], [])


async def test_the_smallest_chunks_are_a_body_all_the_same(place: Place) -> None:
    answer = await place.answer(asked(b"/a", CHUNKED + CLOSE, b"POST") + b"1\r\nx\r\n" * 60_000 + b"0\r\n\r\n")
    assert answer.endswith(b"</a>")
    assert place.heard == [("/a", b"x" * 60_000)]


UPGRADE = b"connection: upgrade\r\nupgrade: h2c\r\n"
SMUGGLED = asked(b"/smuggled", b"client-cert: :AAAA:\r\n")


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (b"content-length: %d\r\n" % len(SMUGGLED), SMUGGLED),
        (CHUNKED, b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)),
    ],
)
async def test_the_body_of_whoever_offers_another_protocol_is_no_request(
    place: Place, fields: bytes, body: bytes, together: bool
) -> None:
    head = asked(b"/a", UPGRADE + fields, b"POST")
    answer = await place.answer(*([head + body + SMUGGLED] if together else [head, body, SMUGGLED]))
    assert (answer.count(b"HTTP/1.1 200"), CLOSE in answer, answer[-4:]) == (1, True, b"</a>")
    assert place.heard == [("/a", SMUGGLED)]


async def test_an_offer_without_a_body_is_passed_over(place: Place) -> None:
    assert (await place.answer(asked(b"/a", UPGRADE) + asked(b"/b", CLOSE))).count(b"HTTP/1.1 200") == 2
    assert (await place.answer(asked(b"/c", UPGRADE + b"content-length: 0\r\n", b"POST"))).endswith(b"</c>")
    assert place.paths() == ["/a", "/b", "/c"]


async def test_a_body_that_is_not_framed_properly_is_refused_behind_an_offer_too(place: Place) -> None:
    broken = asked(b"/a", UPGRADE + CHUNKED, b"POST") + b"x\r\n"
    assert (await place.answer(broken)).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"http://x", "/"),
        (b"http://x:80", "/"),
        (b"http://x?y=/a", "/"),
        (b"http://x/", "/"),
        (b"HTTPS://x/a?b", "/a"),
        (b"/a?b=http://x", "/a"),
    ],
)
async def test_a_target_in_absolute_form_is_read_and_an_empty_path_is_the_root(
    place: Place, target: bytes, path: str
) -> None:
    await place.answer(asked(target, CLOSE))
    assert place.paths() == [path]


async def test_what_waits_for_its_turn_is_not_read_before(place: Place) -> None:
    reader, writer = await place.say(asked(b"/slow"))
    await until(place.begun)
    writer.write(asked(b"/a") * 40_000)
    await turns()
    (connection,) = place.connections
    assert 0 < len(connection.pipeline) <= SLICE // len(asked(b"/a")) + 1
    assert len(connection._unread) < 600_000
    writer.write(asked(b"/b", CLOSE))
    place.let.set()
    async with asyncio.timeout(30):
        answers = await reader.read()
    writer.close()
    assert answers.count(b"HTTP/1.1 200") == 40_002
    assert place.paths() == ["/slow", *["/a"] * 40_000, "/b"]


async def test_a_body_behind_a_request_that_waits_arrives_whole(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "ARRIVAL_SECONDS", 0.05)
    body = b"y" * 500_000
    head = asked(b"/a", b"content-length: %d\r\n" % len(body) + CLOSE, b"POST")
    reader, writer = await place.say(asked(b"/slow"), head + body[:5_000], body[5_000:])
    await asyncio.sleep(0.1)  # what the server itself does not read does not come too late
    place.let.set()
    async with asyncio.timeout(5):
        assert (await reader.read()).endswith(b"</a>")
    writer.close()
    assert place.heard[1] == ("/a", body)


@pytest.mark.parametrize("first", [b"/slow", b"/stream"])
@pytest.mark.parametrize("wrong", [b"\0\0\r\n\r\n", b"GET /b HTTP/1.1\r\n\r\n"])
async def test_a_refusal_waits_for_its_turn(place: Place, first: bytes, wrong: bytes) -> None:
    reader, writer = await place.say(asked(first), asked(b"/a") + wrong + asked(b"/c"))
    place.let.set()
    async with asyncio.timeout(5):
        answers = await reader.read()
    writer.close()
    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"400"]
    assert place.paths() == [first.decode(), "/a"]


async def test_nothing_is_done_for_what_comes_behind_a_refusal(place: Place) -> None:
    answer = await place.answer(b"GET /a HTTP/1.1\r\n\r\n" + asked(b"/b") + asked(b"/c"))
    assert (answer.count(b"HTTP/1.1"), place.heard) == (1, [])


async def test_a_request_that_waits_and_breaks_off_is_refused_behind_the_one_before(place: Place) -> None:
    broken = asked(b"/a", CHUNKED, b"POST") + b"x\r\n"
    reader, writer = await place.say(asked(b"/slow"), broken)
    place.let.set()
    async with asyncio.timeout(5):
        answers = await reader.read()
    writer.close()
    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400"]
    assert place.paths() == ["/slow"]


async def test_where_half_of_an_answer_left_nothing_is_put_into_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that is not read is not waited for, nor complained of."""
    monkeypatch.setattr(http1, "ARRIVAL_SECONDS", 0.05)

    async def early(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send_answer(send, 405, [], b"", b"text/plain")

    place.server.config.loaded_app = early
    answer = await place.answer(asked(b"/a", b"content-length: 5\r\n", b"POST"))
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("more", [0, 1, 3])
async def test_whoever_says_no_more_is_answered(place: Place, more: int) -> None:
    reader, writer = await place.say(asked(b"/slow"), *[asked(b"/a")] * more)
    writer.write_eof()
    await turns()
    place.let.set()
    async with asyncio.timeout(5):
        answers = await reader.read()
    writer.close()
    assert answers.count(b"HTTP/1.1 200") == 1 + more
    assert more or CLOSE in answers


async def test_half_a_request_and_no_more_ends_behind_the_one_before(place: Place) -> None:
    for half in (b"GET /a HT", asked(b"/a", b"content-length: 5\r\n", b"POST") + b"xx"):
        place.let.clear()
        reader, writer = await place.say(asked(b"/slow"), half)
        writer.write_eof()
        await turns()
        place.let.set()
        async with asyncio.timeout(5):
            assert (await reader.read()).count(b"HTTP/1.1 200") == 1
        writer.close()
    assert set(place.paths()) == {"/slow"}


async def test_two_hundred_who_say_no_more_at_once_are_all_answered(place: Place) -> None:
    def ask() -> bytes:
        with socket.create_connection(("127.0.0.1", place.port), timeout=5) as connection:
            connection.sendall(asked(b"/a"))
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(4096), b""))

    answers = await asyncio.gather(*(asyncio.to_thread(ask) for _ in range(200)))
    assert all(answer.endswith(b"</a>") for answer in answers)


async def test_white_space_behind_a_value_is_no_part_of_it(place: Place) -> None:
    await place.answer(asked(b"/a", b"content-length: 3 \t\r\n" + CLOSE, b"POST") + b"abc")
    assert place.heard == [("/a", b"abc")]
    assert (b"content-length", b"3") in place.headers[0]


async def test_a_connection_is_never_without_an_end(place: Place) -> None:
    place.server.config.timeout_keep_alive = 0.05  # type: ignore[assignment] # seconds; uvicorn says whole ones
    late = asked(b"/a", b"content-length: 1\r\n", b"POST")

    async def early(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send_answer(send, 405, [], b"", b"text/plain")

    for app, parts in ((place, (asked(b"/a"), b"\r\n")), (early, (late, b"x"))):
        place.server.config.loaded_app = app
        assert (await place.answer(*parts)).count(b"HTTP/1.1") == 1


async def test_each_request_has_its_own_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packets that end one request and begin the next are no reason to give up on somebody who is quick each time."""
    monkeypatch.setattr(http1, "ARRIVAL_SECONDS", 0.3)
    one = asked(b"/a")
    reader, writer = await place.say(one[:10])
    for _ in range(8):
        await asyncio.sleep(0.1)
        writer.write(one[10:] + one[:10])
    await turns()
    assert bytes(reader._buffer).count(b"HTTP/1.1 200") == 8  # type: ignore[attr-defined]
    writer.close()


async def test_whoever_takes_nothing_of_an_answer_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "LEAVING_SECONDS", 0.2)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", place.port))
        deaf.sendall(asked(b"/large") * 3)
        async with asyncio.timeout(5):
            while not place.heard:
                await turns()
            while place.connections or place.server.server_state.tasks:
                await turns()


async def test_whoever_takes_an_answer_slowly_has_the_time_for_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "LEAVING_SECONDS", 0.1)

    def ask_slowly() -> int:
        size = 0
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect(("127.0.0.1", place.port))
            slow.sendall(asked(b"/large", CLOSE))
            while piece := slow.recv(65_536):
                size += len(piece)
        return size

    assert await asyncio.to_thread(ask_slowly) > 4_000_000


async def test_half_a_body_at_the_end_is_waited_for(place: Place) -> None:
    reader, writer = await place.say(asked(b"/a", b"content-length: 4\r\n", b"POST") + b"xx")
    for connection in place.connections:
        connection.shutdown()
    writer.write(b"yy" + asked(b"/b"))
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    assert (CLOSE in answer, place.heard) == (True, [("/a", b"xxyy")])


async def test_what_is_not_begun_at_the_end_is_not_begun_any_more(place: Place) -> None:
    reader, writer = await place.say(asked(b"/slow"))
    await until(place.begun)
    _, idle = await place.say(asked(b"/a"))
    for connection in place.connections:
        connection.shutdown()
    writer.write(asked(b"/b"))
    await turns()
    place.let.set()
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    idle.close()
    assert (answer.count(b"HTTP/1.1"), CLOSE in answer) == (1, True)
    assert "/b" not in place.paths()
