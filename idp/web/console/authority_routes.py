"""The rooms of organisations and guardianships."""

from starlette.routing import Route

from idp.domain.offices.administration import Action
from idp.web.console.authorities import GUARDIANSHIPS, ORGANISATIONS, AuthorityPages
from idp.web.console.parts import ConsoleParts


def authority_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes."""
    at, route = parts.administration, parts.frame.route
    pages = AuthorityPages(at.authorities, at.clock, parts.frame)
    see, ask = Action.GUARDIANSHIPS_VIEW, Action.GUARDIANSHIPS_ASK
    return (
        route(ORGANISATIONS, get=(Action.AUTHORITIES_VIEW, pages.organisations)),
        route(f"{ORGANISATIONS}/{{tax_code}}", get=(Action.AUTHORITIES_VIEW, pages.organisation)),
        route(GUARDIANSHIPS, get=(see, pages.guardianships)),
        route(f"{GUARDIANSHIPS}/{{reference}}", get=(see, pages.guardianship), post=(ask, pages.decide)),
    )
