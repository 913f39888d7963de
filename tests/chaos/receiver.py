"""The relying party's end of back-channel logout: it answers 200 and remembers who was signed out."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs


@dataclass
class LogoutReceiver:
    """Logout tokens by the session that they name."""

    port: int = 0
    sids: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}/backchannel-logout"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            (token,) = parse_qs((await reader.readexactly(length)).decode())["logout_token"]
            payload = token.split(".")[1]
            self.sids.add(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"])
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the node that sent it was stopped in the middle; another one sends it again
        finally:
            writer.close()


@asynccontextmanager
async def logout_receiver(port: int = 0) -> AsyncIterator[LogoutReceiver]:
    """Listen on a port of loopback, a free one unless it is given."""
    receiver = LogoutReceiver()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", port)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()
