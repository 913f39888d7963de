"""The pages under `/account` about a person's own data."""

from starlette.routing import Route

from idp.web.pages.account import activity, closing, corrections, export, identity, looks, services
from idp.web.pages.account.activity import ActivityPages
from idp.web.pages.account.closing import ClosingPages
from idp.web.pages.account.corrections import CorrectionsPages
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.account.export import ExportPages
from idp.web.pages.account.identity import IdentityPages
from idp.web.pages.account.looks import LooksPages
from idp.web.pages.account.services import ServicesPages
from idp.web.pages.site_parts import SiteParts


def own_data_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes."""
    ports, data = parts.ports, parts.ports.own_data
    desk = OwnDataDesk(parts.sessions, ports.authenticators, parts.sign_in, ports.clock, parts.desk)
    identity_pages = IdentityPages(data.identity_records, ports.authenticators, ports.clock, desk)
    activity_pages = ActivityPages(data.releases, data.clients, desk)
    services_pages = ServicesPages(data, desk)
    corrections_pages = CorrectionsPages(data.corrections, desk)
    export_pages = ExportPages(data.export, desk)
    closing_pages = ClosingPages(data.closing, parts.notices, ports.clock, desk)
    return (
        parts.route(identity.PATH, get=identity_pages.show),
        parts.route(activity.PATH, get=activity_pages.show),
        parts.route(looks.PATH, get=LooksPages(data.record_accesses, desk).show),
        parts.route(services.PATH, get=services_pages.show),
        parts.route(f"{services.RECEIPTS}/{{receipt_id}}", get=services_pages.receipt),
        parts.route(f"{services.RECEIPTS}/{{receipt_id}}/record", get=services_pages.record),
        parts.route(corrections.PATH, get=corrections_pages.show, post=corrections_pages.ask),
        parts.route(f"{corrections.PATH}/{{request_id}}/take-back", post=corrections_pages.take_back),
        parts.route(export.PATH, get=export_pages.show, post=export_pages.save),
        parts.route(closing.PATH, get=closing_pages.show, post=closing_pages.ask),
        parts.route(f"{closing.PATH}/keep", post=closing_pages.keep),
    )
