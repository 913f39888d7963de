"""A router of paths with parameters for the pages: the first part of a path names the few routes that are looked at.

Every other path goes on to the application behind it, lifespan events too. Among routes with the same first part the
earlier one counts, as in Starlette, whose router tries all of them, one after the other, and FastAPI's at a price that
was a quarter of what a sign-in costs besides its hash.
"""

from collections.abc import Iterable

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send


class PageRoutes:
    """An ASGI application over `routes`; `fallback` gets whatever they do not name.

    `nothing` answers a path with NUL in it, of pages and APIs alike: no name has one, and not every database takes it.
    """

    def __init__(self, routes: Iterable[Route], fallback: ASGIApp, nothing: ASGIApp) -> None:
        """Raises ValueError for a route whose first part is a parameter: it would have to be looked at every time."""
        self._fallback = fallback
        self._nothing = nothing
        self._routes: dict[str, list[Route]] = {}
        for route in routes:
            first = _first_part(route.path)
            if "{" in first:
                raise ValueError(f"the first part of a page's path is fixed: {route.path}")
            self._routes.setdefault(first, []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if "\0" in scope["path"]:
                await self._nothing(scope, receive, send)
                return
            for route in self._routes.get(_first_part(scope["path"]), ()):
                match, found = route.matches(scope)
                if match is not Match.NONE:
                    scope.update(found)
                    await route.handle(scope, receive, send)
                    return
        await self._fallback(scope, receive, send)


def _first_part(path: str) -> str:
    return path[1:].partition("/")[0]
