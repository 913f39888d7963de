"""What a page handler returns: one complete HTTP answer, sent by the endpoint around it."""

from collections.abc import AsyncGenerator
from dataclasses import replace

from idp.domain.values import dataclass
from idp.web.edge.headers import Headers

HTML = b"text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers, body; or `pieces` of a body that is made while it is sent."""

    status: int
    headers: Headers
    body: bytes = b""
    content_type: bytes = b""
    pieces: AsyncGenerator[bytes, None] | None = None

    def with_headers(self, *headers: tuple[bytes, bytes]) -> "Answer":
        """The same answer with more headers (cookies, as a rule)."""
        return replace(self, headers=(*self.headers, *headers))

    def streaming(self, pieces: AsyncGenerator[bytes, None]) -> "Answer":
        """The same answer with a body in pieces."""
        return replace(self, pieces=pieces)
