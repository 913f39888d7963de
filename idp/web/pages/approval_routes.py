"""The pages under `/account/approvals`."""

from starlette.routing import Route

from idp.protocol.ciba.approvals import Approvals
from idp.protocol.ciba.waiting import WaitingRequests
from idp.protocol.decoupled.decision import DecoupledDecisions
from idp.protocol.decoupled.requests import DecoupledRequests
from idp.web.pages.approvals import APPROVALS, ApprovalPages
from idp.web.pages.site_parts import SiteParts


def approval_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes."""
    ports = parts.ports
    requests = DecoupledRequests(ports.short_lived, ports.vault)
    decisions = DecoupledDecisions(requests, ports.consents, ports.audit, ports.clock, ports.entropy)
    approvals = Approvals(
        WaitingRequests(ports.short_lived), decisions, ports.client_notifications, parts.throttling, ports.clock
    )
    pages = ApprovalPages(
        ports.watch(approvals), ports.clients, ports.accounts, parts.sessions, parts.sign_in, parts.desk
    )
    return (
        parts.route(APPROVALS, get=pages.show_list),
        parts.route(f"{APPROVALS}/{{approval}}", get=pages.show, post=pages.decide),
    )
