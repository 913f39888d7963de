from collections.abc import AsyncGenerator

import pytest
from starlette.types import Message, Receive, Scope, Send

from idp.web.edge.answers import FixedAnswer, send_answer, stream_answer
from tests.web.edge.asgi import ask


async def test_an_answer_carries_its_length_and_type() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, 201, [(b"x", b"y")], b"four", b"text/plain")

    answer = await ask(app)
    assert (answer.status, answer.body) == (201, b"four")
    assert answer.headers == {"x": "y", "content-length": "4", "content-type": "text/plain"}


async def test_an_empty_answer_needs_no_type() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, 303, [(b"location", b"/")])

    assert (await ask(app)).headers == {"location": "/", "content-length": "0"}


async def test_an_answer_without_content_has_no_length() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, 204, [(b"x", b"y")])

    assert (await ask(app)).headers == {"x": "y"}


async def test_a_fixed_answer_is_the_same_every_time() -> None:
    app = FixedAnswer(200, [], b"{}", b"application/json")
    first = await ask(app)
    first.messages[0]["status"] = 500
    assert (await ask(app)).status == 200


async def test_what_is_made_while_it_is_sent_ends_when_the_receiver_leaves() -> None:
    ended = False

    async def pieces() -> AsyncGenerator[bytes, None]:
        nonlocal ended
        try:
            while True:
                yield b"x"
        finally:
            ended = True

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    made = pieces()
    with pytest.raises(OSError, match="gone"):
        await stream_answer(send, 200, (), made, b"text/plain")
    assert ended
