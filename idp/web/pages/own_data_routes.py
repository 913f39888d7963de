"""The pages under `/account` about a person's own data."""

from starlette.routing import Route

from idp.web.pages import own_activity, own_identity, own_services
from idp.web.pages.own_activity import ActivityPages
from idp.web.pages.own_data import OwnDataDesk
from idp.web.pages.own_identity import IdentityPages
from idp.web.pages.own_services import ServicesPages
from idp.web.pages.site_parts import SiteParts


def own_data_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes."""
    ports, data = parts.ports, parts.ports.own_data
    desk = OwnDataDesk(parts.sessions, parts.sign_in, ports.clock, parts.desk)
    identity = IdentityPages(data.identity_records, ports.authenticators, desk)
    activity = ActivityPages(data.releases, data.clients, desk)
    services = ServicesPages(data, desk)
    return (
        parts.route(own_identity.PATH, get=identity.show),
        parts.route(own_activity.PATH, get=activity.show),
        parts.route(own_services.PATH, get=services.show),
        parts.route(f"{own_services.RECEIPTS}/{{receipt_id}}", get=services.receipt),
        parts.route(f"{own_services.RECEIPTS}/{{receipt_id}}/record", get=services.record),
    )
