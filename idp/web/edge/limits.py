"""How much one process works on at once (RFC 9110 section 15.6.4): what comes beyond is told so before it costs much.

A request counts from the moment it is complete until it is answered. While its body is awaited it does not: whoever
sends slowly holds a connection (`idp.web.edge.http1` bounds that) and takes nobody's place. What is answered from
memory (probes, numbers, style sheets, published documents) stands outside and is never turned away. Pages have half of
the room and no more: whatever storm of sign-ins comes, services find a place to refresh and check their tokens.
"""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from idp.ports.keys import BusyError

WORKER: Final = "worker"
PAGES: Final = "pages"
"""Why a request was turned away, in the numbers: everything together was too much, or the pages were."""

_WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})


class RequestLimit:
    """Counts the requests in progress of this process. `shed` hears of every one turned away; it must not raise."""

    def __init__(self, limit: int, reason: str, shed: Callable[[str], None]) -> None:
        self._limit = limit
        self._reason = reason
        self._shed = shed
        self.in_progress = 0
        """Requests that are worked on now."""

    def around(self, app: ASGIApp, *, always: str | None = None) -> ASGIApp:
        """Return `app` for as many requests as there is room for; the others raise `BusyError`.

        Paths that begin with `always` are let through uncounted, and so is what is no request.
        """

        async def limited(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or (always is not None and scope["path"].startswith(always)):
                await app(scope, receive, send)
                return
            if self.in_progress >= self._limit:
                self._turn_away()
            self.in_progress += 1
            try:
                await app(scope, receive if scope["method"] in _WITHOUT_BODY else self._uncounted(receive), send)
            finally:
                self.in_progress -= 1

        return limited

    def _uncounted(self, receive: Receive) -> Receive:
        """Return `receive` for a request that gives its place away while it waits for its body."""

        async def receive_uncounted() -> Message:
            self.in_progress -= 1
            try:
                message = await receive()
            finally:
                self.in_progress += 1
            if self.in_progress > self._limit and message["type"] == "http.request":
                self._turn_away()
            return message

        return receive_uncounted

    def _turn_away(self) -> None:
        self._shed(self._reason)
        raise BusyError
