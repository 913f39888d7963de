"""The people room at its addresses."""

from starlette.routing import Route

from idp.domain.offices.administration import Action
from idp.web.console.parts import ConsoleParts
from idp.web.console.people import FOUND, PATH, PeoplePages


def people_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes under `/admin/people`."""
    pages, route, find = PeoplePages(parts.administration.people, parts.frame), parts.frame.route, Action.PEOPLE_FIND
    return (
        route(PATH, get=(find, pages.ask), post=(find, pages.find)),
        route(f"{FOUND}/{{ticket}}", get=(find, pages.listed), post=(find, pages.pick)),
        route(f"{PATH}/{{ticket}}", get=(find, pages.person)),
    )
