"""The pages under `/account` about a person's own data."""

from starlette.routing import Route

from idp.web.pages import own_activity, own_closing, own_corrections, own_export, own_identity, own_looks, own_services
from idp.web.pages.own_activity import ActivityPages
from idp.web.pages.own_closing import ClosingPages
from idp.web.pages.own_corrections import CorrectionsPages
from idp.web.pages.own_data import OwnDataDesk
from idp.web.pages.own_export import ExportPages
from idp.web.pages.own_identity import IdentityPages
from idp.web.pages.own_looks import LooksPages
from idp.web.pages.own_services import ServicesPages
from idp.web.pages.site_parts import SiteParts


def own_data_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes."""
    ports, data = parts.ports, parts.ports.own_data
    desk = OwnDataDesk(parts.sessions, parts.sign_in, ports.clock, parts.desk)
    identity = IdentityPages(data.identity_records, ports.authenticators, ports.clock, desk)
    activity = ActivityPages(data.releases, data.clients, desk)
    services = ServicesPages(data, desk)
    corrections = CorrectionsPages(data.corrections, desk)
    export = ExportPages(data.export, desk)
    closing = ClosingPages(data.closing, parts.notices, ports.clock, desk)
    return (
        parts.route(own_identity.PATH, get=identity.show),
        parts.route(own_activity.PATH, get=activity.show),
        parts.route(own_looks.PATH, get=LooksPages(data.record_accesses, desk).show),
        parts.route(own_services.PATH, get=services.show),
        parts.route(f"{own_services.RECEIPTS}/{{receipt_id}}", get=services.receipt),
        parts.route(f"{own_services.RECEIPTS}/{{receipt_id}}/record", get=services.record),
        parts.route(own_corrections.PATH, get=corrections.show, post=corrections.ask),
        parts.route(f"{own_corrections.PATH}/{{request_id}}/take-back", post=corrections.take_back),
        parts.route(own_export.PATH, get=export.show, post=export.save),
        parts.route(own_closing.PATH, get=closing.show, post=closing.ask),
        parts.route(f"{own_closing.PATH}/keep", post=closing.keep),
    )
