"""A request before it is bytes: its parts can be changed one by one, and none of them has to be well formed."""

from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote_plus

FORM = "application/x-www-form-urlencoded"
Pairs = tuple[tuple[str, str], ...]


class Raw(str):
    """A value that is written as it stands, escaped or not."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Request:
    """`fields` make a form; `body` is sent instead of them where it is not None."""

    name: str
    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    fields: Pairs | None = None
    body: bytes | None = None
    closes: bool = False
    """Whether the server may hang up instead of answering."""

    def but(self, **changes: object) -> Self:
        return replace(self, **changes)  # type: ignore[arg-type] # checked by the fields themselves

    def encoded(self, host: str) -> bytes:
        """The bytes that go out; a header keeps what it is given but for line ends, which would make two of it."""
        target = self.path + ("?" + _joined(self.query) if self.query else "")
        body = self.body if self.body is not None else _joined(self.fields).encode() if self.fields is not None else b""
        lines = [f"{self.method} {target} HTTP/1.1"]
        given = {name.lower() for name, _ in self.headers}
        if "host" not in given:
            lines.append(f"host: {host}")
        if self.fields is not None and "content-type" not in given:
            lines.append(f"content-type: {FORM}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if body or self.method in {"POST", "PUT", "PATCH"}:
            lines.append(f"content-length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body


def _joined(pairs: Pairs | None) -> str:
    return "&".join(f"{_written(name)}={_written(value)}" for name, value in pairs or ())


def _written(text: str) -> str:
    return text if isinstance(text, Raw) else quote_plus(text, errors="surrogatepass")
