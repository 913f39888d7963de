"""The outermost application: every request gets its identifier, one log line, its numbers, and an answer.

Whatever goes wrong behind it becomes an answer without detail that carries the request identifier:

    RefusedRequest                          its 4xx, `invalid_request`
    StoreUnavailableError, BusyError, TimeoutError
                                            503 with `Retry-After`, `temporarily_unavailable`
    anything else                           500, `server_error`; reported once
"""

import json
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import BusyError
from idp.web.edge.answers import send_answer
from idp.web.edge.client_certificate import ClientCertificates
from idp.web.edge.context import UNMATCHED, RequestContext, attach
from idp.web.edge.draining import Draining
from idp.web.edge.headers import Headers, SecurityHeaders
from idp.web.edge.proxy import TrustedProxies
from idp.web.edge.refusals import ClientGone, RefusedRequest
from idp.web.edge.request_id import HEADER, RequestIds
from idp.web.edge.trace_parent import trace_parent

_CLOSE = (b"connection", b"close")

CLIENT_GONE = 499
"""The status in logs and numbers of a request whose client did not wait; nothing was sent."""

_PROBES = frozenset({"/livez", "/readyz", "/metrics"})

ErrorPage = Callable[[Scope, str, str], tuple[Headers, bytes]]
"""Gives headers and HTML of an error page for the scope, an error code and the request identifier."""


class Observer(Protocol):
    """Told about every request. Must not raise."""

    def started(self, context: RequestContext, trace_parent: str | None) -> None:
        """A request came that is worth a trace; `trace_parent` is what a proxy that is believed says of its own."""
        ...

    def finished(self, context: RequestContext, method: str, status: int, seconds: float) -> None:
        """One request was answered."""
        ...

    def failed(self, context: RequestContext, failure: Exception) -> None:
        """One request met a failure that nobody expected; `finished` follows with 500."""
        ...


class Exchange:
    """An ASGI application around `app`; lifespan events pass through."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        app: ASGIApp,
        *,
        request_ids: RequestIds,
        proxies: TrustedProxies,
        headers: SecurityHeaders,
        observer: Observer,
        draining: Draining,
        error_page: ErrorPage | None = None,
        machine_paths: AbstractSet[str] = frozenset(),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._request_ids = request_ids
        self._proxies = proxies
        self._certificates = ClientCertificates(proxies)
        self._headers = headers
        self._observer = observer
        self._draining = draining
        self._error_page = error_page
        self._machine_paths = machine_paths
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = self._monotonic()
        context = RequestContext(
            self._request_ids.assign(scope), self._proxies.source(scope), self._certificates.take(scope)
        )
        attach(scope, context)
        if scope["path"] not in _PROBES:
            self._observer.started(context, trace_parent(scope, self._proxies))
        identifier = (HEADER, context.request_id.encode("ascii"))
        status = 0

        async def send_identified(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], identifier]
                if self._draining.begun:
                    # RFC 9112 section 9.6: the last response on this connection.
                    message["headers"].append(_CLOSE)
            await send(message)

        try:
            await self._app(scope, receive, send_identified)
        except ClientGone:
            status = status or CLIENT_GONE
        except Exception as failure:  # noqa: BLE001 -- the last one who can answer
            if status == 0:
                await self._answer_failure(scope, context, failure, send_identified)
            else:
                # Half an answer left: the server closes the connection, and the client knows that it is cut.
                self._observer.failed(context, failure)
        finally:
            if context.route is UNMATCHED:
                context.route = _framework_route(scope)
            self._observer.finished(context, scope["method"], status or CLIENT_GONE, self._monotonic() - started)

    async def _answer_failure(self, scope: Scope, context: RequestContext, failure: Exception, send: Send) -> None:
        status, code, sentence, extra = _translate(failure)
        context.outcome = code
        if status == 500:  # noqa: PLR2004 -- the one status that somebody must look into
            self._observer.failed(context, failure)
        if self._error_page is not None and scope["path"] not in self._machine_paths and _wants_page(scope):
            headers, page = self._error_page(scope, code, context.request_id)
            await send_answer(send, status, (*headers, *extra), page)
            return
        body = {"error": code, "error_description": sentence, "request_id": context.request_id}
        await send_answer(
            send, status, (*self._headers.protocol, *extra), json.dumps(body).encode(), b"application/json"
        )


def _translate(failure: Exception) -> tuple[int, str, str, Headers]:
    """Return status, error code, sentence and further headers for a failure."""
    if isinstance(failure, RefusedRequest):
        return failure.status, _CODES.get(failure.status, "invalid_request"), failure.reason, ()
    if isinstance(failure, StoreUnavailableError | BusyError | TimeoutError):
        retry = ((b"retry-after", str(getattr(failure, "retry_after", 1)).encode()),)
        return 503, "temporarily_unavailable", "The service cannot answer just now.", retry
    return 500, "server_error", "Something went wrong on our side.", ()


_CODES = {413: "request_too_large", 414: "request_too_large", 415: "unsupported_media_type"}


def _wants_page(scope: Scope) -> bool:
    return any(key == b"accept" and b"text/html" in value for key, value in scope["headers"])


def _framework_route(scope: Scope) -> str:
    """Return the template of the route that Starlette matched, which has parameter names instead of values."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) and path else UNMATCHED
