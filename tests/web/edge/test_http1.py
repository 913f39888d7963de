"""The connection against raw bytes, on a real socket under the real server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn
from starlette.types import Receive, Scope, Send

from idp.web.edge import http1
from idp.web.edge.answers import send_answer
from idp.web.edge.http1 import LONGEST_HEAD, BoundedConnection

GET = b"GET / HTTP/1.1\r\nhost: x\r\n"


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body."""
    size = 0
    while scope["type"] == "http":
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await send_answer(send, 200, [], str(size).encode(), b"text/plain")


LIMIT = 4


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(
        _echo,
        port=0,
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        interface="asgi3",
        loop="none",
        limit_concurrency=LIMIT,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.005)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def _say(port: int, *parts: bytes, wait: float = 0.0) -> bytes:
    """Send the parts and return everything that comes back until the server closes, or answers and waits."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(wait)
        async with asyncio.timeout(1):
            return await reader.read()
    except TimeoutError:
        return await reader.read(65536) if reader._buffer else b""  # type: ignore[attr-defined]
    except ConnectionError:
        return b"closed"
    finally:
        writer.close()


CLOSE = b"connection: close\r\n"


async def test_an_ordinary_request_is_answered(port: int) -> None:
    assert (await _say(port, GET + CLOSE + b"\r\n")).startswith(b"HTTP/1.1 200")


async def test_a_body_may_come_in_pieces_and_with_its_head(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n" + CLOSE + b"\r\n"
    assert (await _say(port, head + b"x" * 60_000)).endswith(b"60000")
    assert (await _say(port, head, b"x" * 30_000, b"x" * 30_000, wait=0.01)).endswith(b"60000")


@pytest.mark.parametrize(
    "head",
    [
        GET + b"x: " + b"a" * LONGEST_HEAD + b"\r\n\r\n",
        GET + b"x: " + b"a" * 200_000 + b"\r\n\r\n",
        GET + b"".join(b"x%d: y\r\n" % number for number in range(101)) + b"\r\n",
        b"GET /" + b"a" * LONGEST_HEAD + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
async def test_a_head_over_the_bounds_is_refused(port: int, head: bytes) -> None:
    assert (await _say(port, head))[:12] in {b"HTTP/1.1 431", b"closed"}


async def test_a_head_without_end_is_cut_off(port: int) -> None:
    answer = await _say(port, GET, *(b"x%d: " % number + b"a" * 8000 + b"\r\n" for number in range(10)), wait=0.005)
    assert answer[:12] in {b"HTTP/1.1 431", b"closed"}


async def test_a_request_that_does_not_arrive_in_time_is_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "ARRIVAL_SECONDS", 0.1)
    assert (await _say(port, GET)).startswith(b"HTTP/1.1 408")
    assert (await _say(port, b"")).startswith(b"HTTP/1.1 408")
    slow_body = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nxx"
    assert (await _say(port, slow_body)).startswith(b"HTTP/1.1 408")


async def test_a_connection_is_not_given_up_between_requests(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "ARRIVAL_SECONDS", 0.05)
    answers = await _say(port, GET + b"\r\n", GET + CLOSE + b"\r\n", wait=0.15)
    assert answers.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +4\r\n\r\nabcd",
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.0\r\nhost: x\r\nhost: y\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nhost: x\r\nfoo: a\r\n b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nfoo: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\nhost: x\n\n",
        b"GET / HTTP/9.9\r\nhost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET /ữ HTTP/1.1\r\nhost: x\r\n\r\n".encode(),
    ],
)
async def test_ambiguous_or_malformed_http_is_refused(port: int, request_bytes: bytes) -> None:
    assert (await _say(port, request_bytes)).startswith(b"HTTP/1.1 400")


async def test_another_version_is_not_spoken(port: int) -> None:
    assert (await _say(port, b"GET / HTTP/2.0\r\nhost: x\r\n\r\n")).startswith(b"HTTP/1.1 505")


async def test_a_request_of_http_1_0_need_not_name_a_host(port: int) -> None:
    assert b" 200 " in (await _say(port, b"GET / HTTP/1.0\r\n\r\n")).partition(b"\r\n")[0]


async def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    post = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
    answers = await _say(port, post + GET + b"\r\n" + post + GET + CLOSE + b"\r\n")
    assert [part[-1:] for part in answers.split(b"HTTP/1.1 200 OK")[1:]] == [b"3", b"0", b"3", b"0"]


Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _ask(pair: Pair) -> bytes:
    """The status line of the next answer on a connection that stays."""
    reader, writer = pair
    writer.write(GET + b"\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(1)
    return head.partition(b"\r\n")[0]


async def test_where_there_is_no_room_new_connections_are_refused_and_those_there_are_answered(port: int) -> None:
    held: list[Pair] = []
    for _ in range(LIMIT - 1):
        held.append(await asyncio.open_connection("127.0.0.1", port))
        assert await _ask(held[-1]) == b"HTTP/1.1 200 OK"
    refused = [await _say(port) for _ in range(2 * LIMIT)]
    assert all(answer.startswith(b"HTTP/1.1 503") and b"retry-after: 5\r\n" in answer for answer in refused)
    assert [await _ask(each) for each in held] == [b"HTTP/1.1 200 OK"] * len(held)
    held.pop()[1].close()
    async with asyncio.timeout(1):
        while (await _say(port, GET + CLOSE + b"\r\n")).startswith(b"HTTP/1.1 503"):
            pass  # the server has not yet seen the end of the other one
    for _, writer in held:
        writer.close()


async def test_in_a_crowd_those_who_came_last_are_told_that_their_answer_is_the_last(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http1, "CROWD", 1)
    first = await asyncio.open_connection("127.0.0.1", port)
    assert await _ask(first) == b"HTTP/1.1 200 OK"
    answer = await _say(port, GET + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.count(CLOSE) == 1
    assert await _ask(first) == b"HTTP/1.1 200 OK"
    first[1].close()


async def test_a_connection_that_came_last_is_kept_once_the_crowd_has_gone(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http1, "CROWD", 0)
    late = await asyncio.open_connection("127.0.0.1", port)
    late[1].write(b"GET / HTTP/1.1\r\n")
    await asyncio.sleep(0.05)
    monkeypatch.setattr(http1, "CROWD", 1)
    late[1].write(b"host: x\r\n\r\n")
    head = await late[0].readuntil(b"\r\n\r\n")
    assert CLOSE not in head
    await late[0].readexactly(1)
    assert await _ask(late) == b"HTTP/1.1 200 OK"
    late[1].close()


async def test_in_a_crowd_the_head_of_the_first_request_must_come_soon_and_its_body_has_the_usual_time(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http1, "CROWD", 0)
    monkeypatch.setattr(http1, "HEAD_IN_A_CROWD", 0.1)
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
    assert (await _say(port)).startswith(b"HTTP/1.1 408")
    assert (await _say(port, GET)).startswith(b"HTTP/1.1 408")
    assert (await _say(port, head + b"xx", b"xx", wait=0.2)).endswith(b"4")
    monkeypatch.setattr(http1, "ARRIVAL_SECONDS", 0.1)
    assert (await _say(port, head + b"xx")).startswith(b"HTTP/1.1 408")
