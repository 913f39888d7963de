"""What a page handler returns: one complete HTTP answer, sent by the endpoint around it."""

from dataclasses import dataclass, replace

from idp.web.edge.headers import Headers

HTML = b"text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers, body."""

    status: int
    headers: Headers
    body: bytes = b""
    content_type: bytes = b""

    def with_headers(self, *headers: tuple[bytes, bytes]) -> "Answer":
        """The same answer with more headers (cookies, as a rule)."""
        return replace(self, headers=(*self.headers, *headers))
