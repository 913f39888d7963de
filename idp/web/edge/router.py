"""A router of exact paths for the protocol endpoints: one dictionary look-up, then the handler.

Every other path goes on to the application behind it (pages, APIs), lifespan events too.
"""

from collections.abc import Callable, Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from idp.domain.values import dataclass
from idp.web.edge.answers import FixedAnswer
from idp.web.edge.context import find_context
from idp.web.edge.headers import Headers


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: its path, the name that logs and metrics show, and its handler by method.

    `GET` answers `HEAD` too, without the body. `always`: it is answered from memory, however busy the process is.
    """

    path: str
    name: str
    handlers: Mapping[str, ASGIApp]
    always: bool = False


class Router:
    """An ASGI application over `routes`; `fallback` gets whatever they do not name."""

    def __init__(
        self,
        routes: Iterable[Route],
        fallback: ASGIApp,
        headers: Headers = (),
        limited: Callable[[ASGIApp], ASGIApp] = lambda handler: handler,
    ) -> None:
        """Raises ValueError when two routes share a path. `headers` go with 405 answers.

        `limited` is put around every handler that is not answered `always`.
        """
        self._fallback = fallback
        self._routes: dict[str, tuple[str, dict[str, ASGIApp], ASGIApp]] = {}
        for route in routes:
            if route.path in self._routes:
                raise ValueError(f"two routes share the path {route.path}")
            handlers = {
                method: handler if route.always else limited(handler) for method, handler in route.handlers.items()
            }
            if "GET" in handlers:
                handlers.setdefault("HEAD", _without_body(handlers["GET"]))
            self._routes[route.path] = (route.name, handlers, _method_not_allowed(handlers, headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._fallback(scope, receive, send)
            return
        name, handlers, refuse = found
        context = find_context(scope)
        if context is not None:
            context.route = name
        await handlers.get(scope["method"], refuse)(scope, receive, send)


def _method_not_allowed(handlers: Iterable[str], headers: Headers) -> ASGIApp:
    # RFC 9110 section 15.5.6: the origin server MUST generate an Allow header field in a 405 response.
    allow = (b"allow", ", ".join(sorted(handlers)).encode())
    body = b'{"error":"invalid_request","error_description":"This endpoint does not answer that method."}'
    return FixedAnswer(405, (*headers, allow), body, b"application/json")


def _without_body(handler: ASGIApp) -> ASGIApp:
    """Return `handler` for HEAD (RFC 9110 section 9.3.2): the same headers, `Content-Length` included, no content."""

    async def answer_head(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_headers(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await handler(scope, receive, send_headers)

    return answer_head
