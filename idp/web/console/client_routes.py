"""The services room at its addresses."""

from starlette.routing import Route

from idp.domain.offices.administration import Action
from idp.web.console.clients import NEW, PATH, ClientPages
from idp.web.console.parts import ConsoleParts


def client_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes under `/admin/clients`."""
    at, route = parts.administration, parts.frame.route
    pages = ClientPages(at.client_desk, at.clock, parts.frame)
    view, manage = Action.CLIENTS_VIEW, Action.CLIENTS_MANAGE
    return (
        route(PATH, get=(view, pages.listed)),
        route(NEW, get=(manage, pages.new), post=(manage, pages.register)),
        # An identifier may be an address, with slashes in it.
        route(f"{PATH}/{{client_id:path}}/change", get=(manage, pages.edit), post=(manage, pages.change)),
        route(f"{PATH}/{{client_id:path}}", get=(view, pages.show), post=(manage, pages.step)),
    )
