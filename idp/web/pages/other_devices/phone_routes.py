"""The pages of signing in on a computer with the yes of a phone: the computer's, and where the picture leads."""

from starlette.routing import Route

from idp.journeys.phone_sign_in.computer import Owners, PhoneSignIn
from idp.journeys.phone_sign_in.phone import PhoneApprovals
from idp.journeys.phone_sign_in.requests import PhoneRequests
from idp.web.pages.other_devices.phone import OPEN_PATH, PhonePages
from idp.web.pages.other_devices.phone_approvals import PhoneApprovalPages
from idp.web.pages.site_parts import SiteParts

LIST_PATH = "/account/approvals"


def phone_routes(parts: SiteParts, approvals: PhoneApprovalPages) -> tuple[Route, ...]:
    """Return the routes; the question itself stands among everything that waits for a person."""
    ports = parts.ports
    computer = PhoneSignIn(
        parts.attempts,
        Owners(ports.accounts, ports.session_records),
        PhoneRequests(ports.short_lived, ports.vault),
        parts.throttling,
        parts.risk,
        ports.audit,
        ports.clock,
        ports.entropy,
    )
    pages = PhonePages(parts.journey, ports.watch(computer), ports.clock, ports.issuer)
    start = "/sign-in/{attempt_id}/phone"
    return (
        parts.route(start, get=pages.show, post=pages.submit),
        parts.route(f"{start}/state", get=pages.state),
        parts.route(f"{OPEN_PATH}/{{picture}}", get=approvals.open, post=approvals.open_asked),
    )


def phone_approval_pages(parts: SiteParts) -> PhoneApprovalPages:
    """Return the phone's side."""
    ports = parts.ports
    approvals = PhoneApprovals(
        PhoneRequests(ports.short_lived, ports.vault),
        parts.throttling,
        ports.audit,
        parts.floods,
        ports.clock,
        ports.entropy,
        ports.phone_closeness,
    )
    return PhoneApprovalPages(
        ports.watch(approvals),
        ports.clients,
        parts.sessions,
        parts.sign_in,
        parts.desk,
        issuer=ports.issuer,
        list_path=LIST_PATH,
    )
