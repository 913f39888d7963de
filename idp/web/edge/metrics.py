"""`/metrics` in the text format of Prometheus, for loopback and for the networks named as trusted.

A request that some proxy forwarded is the outside world, whatever address it arrives from; strangers get 404.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from starlette.types import Receive, Scope, Send

from idp.web.edge.answers import send_answer
from idp.web.edge.headers import Headers
from idp.web.edge.proxy import TrustedProxies

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_FORWARDING = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})


class MetricsEndpoint:
    """The handler of `/metrics`; `exposition` gives the whole text."""

    def __init__(self, exposition: Callable[[], Awaitable[bytes]], proxies: TrustedProxies, headers: Headers) -> None:
        self._exposition = exposition
        self._proxies = proxies
        self._headers = headers

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if not self._may_read(scope):
            await send_answer(send, 404, self._headers, b'{"error":"not_found"}', b"application/json")
            return
        await send_answer(send, 200, self._headers, await self._exposition(), CONTENT_TYPE)

    def _may_read(self, scope: Scope) -> bool:
        if any(name in _FORWARDING for name, _ in scope["headers"]):
            return False
        return self._proxies.trusts(scope) or _is_loopback(scope)


def _is_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False
