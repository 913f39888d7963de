"""The pages under `/account/approvals`."""

from starlette.routing import Route

from idp.web.pages.approvals import APPROVALS, ApprovalPages
from idp.web.pages.site_parts import SiteParts


def approval_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes."""
    ports = parts.ports
    pages = ApprovalPages(
        ports.approvals, ports.clients, ports.accounts, parts.sessions, parts.sign_in, parts.desk, clock=ports.clock
    )
    return (
        parts.route(APPROVALS, get=pages.show_list),
        parts.route(f"{APPROVALS}/{{approval}}", get=pages.show, post=pages.decide),
    )
