"""The page of activation links."""

from starlette.routing import Route

from idp.journeys.activation import PATH, Activation
from idp.web.pages.new_accounts.activation import ActivationPages
from idp.web.pages.site_parts import SiteParts


def activation_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the route of `/activate/{token}`."""
    ports = parts.ports
    activation = Activation(
        ports.activation_links, parts.attempts, ports.accounts, parts.passwords, parts.floods, ports.clock
    )
    pages = ActivationPages(ports.watch(activation), parts.sign_in, parts.desk)
    return (parts.route(f"{PATH}/{{token}}", get=pages.show, post=pages.submit),)
