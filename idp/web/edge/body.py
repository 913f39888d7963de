"""Bodies and query strings as OAuth wants them read: RFC 6749 appendix B, strictly.

What comes out is text without NUL, decoded from valid UTF-8; a parameter without a value counts as absent (RFC 6749
section 3.1), and one sent twice is refused.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from idp.web.edge.refusals import (
    BodyTooLarge,
    ClientGone,
    MalformedRequest,
    QueryTooLong,
    RepeatedParameter,
    UnsupportedMediaType,
)

LONGEST_BODY = 65_536
LONGEST_QUERY = 16_384
MOST_PARAMETERS = 100
_LONGEST_NUMBER = 20
FORM_TYPE = b"application/x-www-form-urlencoded"

_NONE: frozenset[str] = frozenset()
_DIGITS = "0123456789abcdefABCDEF"
_OCTETS = {high + low: bytes((int(high + low, 16),)) for high in _DIGITS for low in _DIGITS}


class Parameters(dict[str, str]):
    """Parameters by name. `all` gives every value of one that may be repeated (`resource`, RFC 8707)."""

    __slots__ = ("_repeated",)

    def __init__(self) -> None:
        super().__init__()
        self._repeated: dict[str, list[str]] = {}

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of `name` in the order sent; empty when absent."""
        if name in self._repeated:
            return tuple(self._repeated[name])
        return (self[name],) if name in self else ()

    def add_another(self, name: str, value: str) -> None:
        """Keep one more value of a parameter that may be repeated; the first one is what `[name]` gives."""
        if name in self:
            self._repeated.setdefault(name, [self[name]]).append(value)
        else:
            self[name] = value


def header(scope: Scope, name: bytes) -> str | None:
    """Return the one value of a request header (`name` in lower case), or None; raises `RepeatedParameter` on two.

    Octets beyond ASCII stay as Latin-1 characters, so that they match nothing we issued.
    """
    found: bytes | None = None
    for key, value in scope["headers"]:
        if key == name:
            if found is not None:
                raise RepeatedParameter("A header was sent more than once.")
            found = value
    return None if found is None else found.decode("latin-1")


def list_header(scope: Scope, name: bytes) -> str:
    """Return a request header that holds a list, all of its lines as one; empty when there is none.

    RFC 9110 section 5.3: several lines of such a field are one list, in the order in which they came.
    """
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """Return the whole body, at most `LONGEST_BODY`. Raises `BodyTooLarge`, before reading on, and `ClientGone`."""
    announced = header(scope, b"content-length")
    if announced is not None:
        if not (announced.isascii() and announced.isdecimal()):
            raise MalformedRequest("The length of the request body is malformed.")
        if len(announced) > _LONGEST_NUMBER or int(announced) > LONGEST_BODY:
            raise BodyTooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LONGEST_BODY:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


class ReadFirst:
    """An application that gets the whole body of a request, at most `LONGEST_BODY`: frameworks read without end.

    Raises `BodyTooLarge`, `MalformedRequest` and `ClientGone` in place of what it would say.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body: Message | None = {"type": "http.request", "body": await read_body(scope, receive)}

        async def again() -> Message:
            nonlocal body
            told, body = body, None
            return told or await receive()

        await self._app(scope, again, send)


async def read_form(scope: Scope, receive: Receive, *, repeatable: AbstractSet[str] = _NONE) -> Parameters:
    """Return the parameters of a form body.

    Raises `UnsupportedMediaType`, `BodyTooLarge`, `MalformedRequest`, `RepeatedParameter` and `ClientGone`.
    """
    require_form(scope)
    return parse_form(await read_body(scope, receive), repeatable=repeatable)


def require_form(scope: Scope) -> None:
    """Raise `UnsupportedMediaType` unless the body is a form; a `charset` may only be UTF-8."""
    given = header(scope, b"content-type") or ""
    if given.encode("latin-1") == FORM_TYPE:
        return
    kind, _, rest = given.partition(";")
    charset = rest.strip().lower().replace('"', "")
    if kind.strip().lower().encode("latin-1") != FORM_TYPE or charset not in {"", "charset=utf-8"}:
        raise UnsupportedMediaType


def read_query(scope: Scope, *, repeatable: AbstractSet[str] = _NONE) -> Parameters:
    """Return the parameters of the query string, read by the same rules.

    Raises `QueryTooLong`, `MalformedRequest` and `RepeatedParameter`.
    """
    raw: bytes = scope["query_string"]
    if len(raw) > LONGEST_QUERY:
        raise QueryTooLong
    return parse_form(raw, repeatable=repeatable)


def parse_form(raw: bytes, *, repeatable: AbstractSet[str] = _NONE) -> Parameters:
    """Return the parameters of `raw`; raises `MalformedRequest` and `RepeatedParameter`."""
    parameters = Parameters()
    seen = set()
    for name, value in _pairs(raw):
        if name in repeatable:
            if value:
                parameters.add_another(name, value)
            continue
        # RFC 6749 section 3.1: "Request and response parameters MUST NOT be included more than once."
        if name in seen:
            raise RepeatedParameter
        seen.add(name)
        # RFC 6749 section 3.1: "Parameters sent without a value MUST be treated as if they were omitted".
        if value:
            parameters[name] = value
    return parameters


def _pairs(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield names and values, escapes undone; what has no name is no parameter."""
    if not raw:
        return
    pairs = _text(raw).split("&")
    if len(pairs) > MOST_PARAMETERS:
        raise MalformedRequest("There are too many parameters.")
    for pair in pairs:
        name, _, value = pair.partition("=")
        if "%" in name or "+" in name:
            name = _unescape(name)
        if "%" in value or "+" in value:
            value = _unescape(value)
        if name:
            yield name, value


def _text(octets: bytes) -> str:
    """Decode UTF-8 without NUL, or raise `MalformedRequest`."""
    if b"\0" in octets:
        raise MalformedRequest
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise MalformedRequest from None


def _unescape(escaped: str) -> str:
    """Undo `+` and percent escapes; a broken escape is refused rather than guessed."""
    first, *parts = escaped.replace("+", " ").split("%")
    if not parts:
        return first
    try:
        decoded = [_OCTETS[part[:2]] + part[2:].encode() for part in parts]
    except KeyError:
        raise MalformedRequest from None
    return _text(b"".join((first.encode(), *decoded)))
