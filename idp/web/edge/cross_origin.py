"""Cross-Origin Resource Sharing (Fetch standard section 3.2) for scripts of registered origins; never with credentials.

A request without an `Origin` header costs one look at its headers. The authorization endpoint is not among these: a
browser is sent there, no script calls it.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from idp.web.edge.answers import NO_CONTENT, send_answer
from idp.web.edge.headers import Headers
from idp.web.edge.router import Route

AllowsOrigin = Callable[[str], Awaitable[bool]]

_VARY: Final = (b"vary", b"Origin")
_KEPT: Final = (b"access-control-max-age", b"600")
_SENT: Final = (b"access-control-allow-headers", b"Authorization, Content-Type, DPoP")
# RFC 9449 section 8: a script that is to use a nonce must be able to read it.
_READABLE: Final = (b"access-control-expose-headers", b"DPoP-Nonce, WWW-Authenticate")


def for_browsers(route: Route, allows: AllowsOrigin, headers: Headers) -> Route:
    """Return the route, its answers readable by scripts of the origins that `allows` knows; `headers` are common."""
    preflight = _preflight(route.handlers, allows, headers)
    opened = {method: _readable(handler, allows) for method, handler in route.handlers.items()}
    return replace(route, handlers={**opened, "OPTIONS": preflight})


def for_everybody(route: Route, headers: Headers) -> Route:
    """Return the route of a public document, whose answers say already that any script may read them."""
    methods = _methods(route.handlers)

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        # `headers` are those of the document, `Access-Control-Allow-Origin: *` among them.
        await send_answer(send, NO_CONTENT, (*headers, methods, _SENT, _KEPT), b"", b"")

    return replace(route, handlers={**route.handlers, "OPTIONS": answer})


def _preflight(methods: Iterable[str], allows: AllowsOrigin, headers: Headers) -> ASGIApp:
    allowed_methods = _methods(methods)

    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        origin = _origin(scope)
        told: Headers = (_VARY,)
        if origin is not None and await allows(origin.decode("latin-1")):
            told = (_VARY, (b"access-control-allow-origin", origin), allowed_methods, _SENT, _KEPT)
        await send_answer(send, NO_CONTENT, (*headers, *told), b"", b"")

    return answer


def _readable(handler: ASGIApp, allows: AllowsOrigin) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        origin = _origin(scope)
        if origin is None or not await allows(origin.decode("latin-1")):
            await handler(scope, receive, send)
            return
        told = (_VARY, (b"access-control-allow-origin", origin), _READABLE)

        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *told]}
            await send(message)

        await handler(scope, receive, send_readable)

    return answer


def _origin(scope: Scope) -> bytes | None:
    """Return the one `Origin` of a request; None without one, and with two."""
    found: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"origin":
            if found is not None:
                return None
            found = value
    return found


def _methods(methods: Iterable[str]) -> tuple[bytes, bytes]:
    return b"access-control-allow-methods", ", ".join(sorted(methods)).encode()
