"""Every page of the console at its address."""

from starlette.routing import Route

from idp.domain.administration import Action
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.changes import ChangePages
from idp.web.console.parts import ConsoleParts
from idp.web.console.rooms import CONSOLE


def console_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes under `/admin`; each area adds its own here."""
    return (*_change_routes(parts),)


def _change_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    at, route = parts.administration, parts.frame.route
    pages = ChangePages(at.four_eyes, at.accounts, at.clock, parts.frame)
    return (
        route(CONSOLE, get=(Action.ENTER, pages.home)),
        route(CHANGES, get=(Action.CHANGES_VIEW, pages.listed)),
        route(
            f"{CHANGES}/{{change_id}}",
            get=(Action.CHANGES_VIEW, pages.show),
            post=(Action.CHANGES_VIEW, pages.decide),
        ),
    )
