"""A relying party that listens for logout tokens, and the application's own jobs that send them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Message


class RelyingParty:
    """A server on loopback that keeps the bodies it is sent, and answers 200."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[str] = asyncio.Queue()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        self.received.put_nowait((await reader.readexactly(length)).decode())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def background_jobs(app: ASGIApp) -> AsyncIterator[None]:
    """Run the application's lifespan, as a server does."""
    inbound: asyncio.Queue[Message] = asyncio.Queue()
    outbound: asyncio.Queue[Message] = asyncio.Queue()

    async def live() -> None:
        await app({"type": "lifespan", "state": {}}, inbound.get, outbound.put)

    lifespan = asyncio.create_task(live())
    inbound.put_nowait({"type": "lifespan.startup"})
    assert (await outbound.get())["type"] == "lifespan.startup.complete"
    yield
    inbound.put_nowait({"type": "lifespan.shutdown"})
    assert (await outbound.get())["type"] == "lifespan.shutdown.complete"
    await lifespan
