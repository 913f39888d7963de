"""An application that is made when it is first asked for: at the server's start, which asks it for its lifespan.

Where there is no server, in a test of one endpoint, what is never asked for is never made; a framework takes longer to
put a hundred routes together than such a test takes.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Deferred:
    """An ASGI application for which `make` is called once."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._made: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._made is None:
            self._made = self._make()
        await self._made(scope, receive, send)
