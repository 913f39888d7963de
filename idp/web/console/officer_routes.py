"""The rooms of agencies and officers."""

from starlette.routing import Route

from idp.domain.offices.administration import Action
from idp.web.console.agencies import PATH as AGENCIES
from idp.web.console.agencies import AgencyPages
from idp.web.console.officer import OfficerPages
from idp.web.console.officer_find import FindOfficerPages
from idp.web.console.officers import FIND, OfficerListPages
from idp.web.console.officers import PATH as OFFICERS
from idp.web.console.parts import ConsoleParts


def officer_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes under `/admin/agencies` and `/admin/officers`."""
    return (*_agency_routes(parts), *_officer_routes(parts))


def _agency_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    at, route = parts.administration, parts.frame.route
    pages = AgencyPages(at.agencies, at.clock, parts.frame)
    view, manage = Action.AGENCIES_VIEW, Action.AGENCIES_MANAGE
    return (
        route(AGENCIES, get=(view, pages.top)),
        route(f"{AGENCIES}/new", get=(manage, pages.new), post=(manage, pages.found)),
        route(f"{AGENCIES}/{{code}}", get=(view, pages.show)),
        route(f"{AGENCIES}/{{code}}/change", get=(manage, pages.edit), post=(manage, pages.change)),
        route(f"{AGENCIES}/{{code}}/end", post=(manage, pages.end)),
    )


def _officer_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    at, route, issuer = parts.administration, parts.frame.route, parts.administration.issuer
    everybody = OfficerListPages(at.officers, issuer, at.clock, parts.frame)
    pages = OfficerPages(at.officers, at.role_requests, at.safety_reviews, issuer, at.clock, parts.frame)
    finding = FindOfficerPages(at.officer_search, at.clock, parts.frame)
    view, manage = Action.OFFICERS_VIEW, Action.OFFICERS_MANAGE
    one = f"{OFFICERS}/{{account_id}}"
    return (
        route(OFFICERS, get=(view, everybody.listed)),
        route(FIND, get=(view, finding.ask), post=(view, finding.find)),
        route(f"{OFFICERS}/join", get=(manage, everybody.show_join), post=(manage, everybody.join)),
        route(one, get=(view, pages.show)),
        route(f"{one}/move", post=(manage, pages.move)),
        route(f"{one}/end", post=(manage, pages.end)),
        route(f"{one}/roles", post=(Action.ROLES_ASK, pages.ask_roles)),
        route(f"{one}/wide-roles", post=(Action.WIDE_ROLES_ASK, pages.ask_roles)),
        route(f"{one}/roles/taken", post=(manage, pages.take_roles)),
        route(f"{one}/suspension", post=(manage, pages.suspension)),
        route(f"{one}/link", post=(manage, pages.reset)),
    )
