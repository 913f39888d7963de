import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.chaos.wire import Entrance, Unanswered, Wire


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[Wire]:
    """A server that gives these answers, one a request; an empty one hangs up, and none says nothing."""
    left = list(answers)
    over: list[asyncio.Event] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        over.append(asyncio.Event())
        ended = over[-1]
        while left:
            try:
                await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            if not (given := left.pop(0)):
                break
            writer.write(given)
        else:
            await reader.read()
        writer.close()
        await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wire = Wire(Entrance(f"http://localhost:{port}", "127.0.0.1", port), limit=0.5)
    yield wire
    await wire.hang_up()
    for each in over:
        await each.wait()
    server.close()
    await server.wait_closed()


def given(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok".encode()


REQUEST = b"GET / HTTP/1.1\r\n\r\n"


async def test_an_answer_is_an_answer_even_when_it_refuses() -> None:
    async with answering(given("200 OK"), given("400 Bad Request")) as wire:
        assert [(await wire.ask(REQUEST)).status for _ in range(2)] == [200, 400]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (given("503 Service Unavailable"), "503"),
        (given("500 Internal Server Error"), "500"),
        (given("429 Too Many Requests"), "429"),
        (b"", "connection closed"),
        (b"HTTP/1.1 200 OK\r\n", "no answer in time"),
    ],
)
async def test_what_says_nothing_about_what_was_done_is_no_answer(answer: bytes, why: str) -> None:
    async with answering(answer) as wire:
        with pytest.raises(Unanswered, match=why):
            await wire.ask(REQUEST)


async def test_a_server_that_is_not_there_does_not_answer() -> None:
    wire = Wire(Entrance("http://localhost:1", "127.0.0.1", 1))
    with pytest.raises(Unanswered, match="ConnectionRefusedError"):
        await wire.ask(REQUEST)
