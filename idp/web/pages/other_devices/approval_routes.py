"""The pages under `/account/approvals`, and those of the phone that lead there."""

from starlette.routing import Route

from idp.web.pages.other_devices.approvals import APPROVALS, ApprovalPages
from idp.web.pages.other_devices.phone_routes import phone_approval_pages, phone_routes
from idp.web.pages.site_parts import SiteParts


def approval_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes."""
    ports = parts.ports
    of_phone = phone_approval_pages(parts)
    pages = ApprovalPages(
        ports.approvals,
        of_phone,
        ports.clients,
        ports.accounts,
        parts.sessions,
        parts.sign_in,
        parts.desk,
        clock=ports.clock,
    )
    return (
        *phone_routes(parts, of_phone),
        parts.route(APPROVALS, get=pages.show_list),
        parts.route(f"{APPROVALS}/{{approval}}", get=pages.show, post=pages.decide),
    )
