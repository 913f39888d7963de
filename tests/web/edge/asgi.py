"""Speak ASGI to an application without a server."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Scope


def scope_of(
    method: str = "GET",
    path: str = "/",
    *,
    query: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    client: tuple[str, int] | None = ("192.0.2.1", 40000),
    scheme: str = "http",
) -> Scope:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": list(headers),
        "client": client,
        "scheme": scheme,
        "server": ("localhost", 8000),
        "root_path": "",
        "http_version": "1.1",
        "state": {},
    }


@dataclass
class Inbound:
    """Hands out body chunks, then a disconnect."""

    chunks: list[bytes]
    received: int = 0

    async def __call__(self) -> Message:
        self.received += 1
        if not self.chunks:
            return {"type": "http.disconnect"}
        chunk = self.chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(self.chunks)}


@dataclass
class Outbound:
    """Keeps what was sent."""

    messages: list[Message] = field(default_factory=list)

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {key.decode(): value.decode() for key, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


async def ask(
    app: ASGIApp, scope: Scope | None = None, body: bytes = b"", method: str = "GET", path: str = "/"
) -> Outbound:
    outbound = Outbound()
    await app(scope or scope_of(method, path), Inbound([body]), outbound)
    return outbound
