"""The outermost layer: security headers, a size limit, and one log line a request without personal data."""

import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 65536  # bytes
SERVER_ERROR = 500
logger = logging.getLogger("clients.access")


class HttpEdge:
    """Pure ASGI around everything, failures included. `form_targets` are origins that forms may end up at."""

    def __init__(self, app: App, *, application: str, is_https: bool, form_targets: tuple[str, ...]) -> None:
        self.app = app
        self.application = application
        self._headers = _security_headers(is_https=is_https, form_targets=form_targets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, request_id = time.perf_counter(), secrets.token_hex(8)
        status = SERVER_ERROR
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise HTTPException(413)
            return message

        async def hardened_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                extra = [(name, value) for name, value in self._headers if name not in present]
                message["headers"] = [*message["headers"], *extra, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, limited_receive, hardened_send)
        finally:
            self._log(scope, request_id, status, time.perf_counter() - started)

    def _log(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = scope.get("route")
        line = {
            "application": self.application,
            "request_id": request_id,
            "method": scope["method"],
            # The route, not the path: paths name dossiers and payments.
            "route": getattr(route, "path", None),
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
        }
        logger.info(json.dumps(line, ensure_ascii=False))


def _security_headers(*, is_https: bool, form_targets: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    policy = "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self'",
            # Chromium applies form-action to the redirects that follow: signing out ends at the provider.
            " ".join(("form-action", "'self'", *form_targets)),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "cache-control": "no-store",
    }
    if is_https:
        headers["strict-transport-security"] = "max-age=63072000; includeSubDomains"
    return [(name.encode(), value.encode()) for name, value in headers.items()]
