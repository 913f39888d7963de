"""Connections are shared evenly by the processes that listen together, whoever takes them."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.connection import Connection
from bench.installation import Installation
from bench.spreading import is_even, spread

_ANSWERING = """
import os, socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
os.fork()
import asyncio
async def answer(reader, writer):
    while await reader.readuntil(b"\\r\\n\\r\\n"):
        body = str(os.getpid()).encode()
        writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\n\\r\\n" % len(body) + body)
async def main():
    await (await asyncio.start_server(answer, sock=listener)).serve_forever()
asyncio.run(main())
"""


@contextmanager
def _two_processes() -> Iterator[Installation]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [sys.executable, "-c", _ANSWERING, str(listener.fileno())],
            pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            yield Installation((listener.getsockname()[1],), (process.pid,), workers=2)
        finally:
            os.killpg(process.pid, 9)
            process.wait()


async def test_each_process_has_its_share_and_is_the_one_that_answers_there() -> None:
    with _two_processes() as installation:
        async with spread(installation, 6) as held:
            assert [len(mine) for mine in held.values()] == [3, 3]
            for pid, mine in held.items():
                for connection in mine:
                    assert (await connection.ask(b"GET / HTTP/1.1\r\n\r\n")).body == str(pid).encode()
        assert all(connection.closed for mine in held.values() for connection in mine)


@pytest.mark.parametrize(("held", "even"), [([2, 2], True), ([2], False), ([2, 1], False), ([], False)])
def test_even_means_every_process_and_as_many_for_each(held: list[int], even: bool) -> None:
    assert is_even([[Connection()] * number for number in held], processes=2, each=2) is even
