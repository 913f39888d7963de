"""The pages of signing in on another device."""

from starlette.routing import Route

from idp.journeys.device_visit import DeviceVisits
from idp.protocol.decoupled.device_authorization import VERIFICATION_PATH
from idp.protocol.decoupled.user_codes import UserCodes
from idp.web.pages.other_devices.device import ALLOWED_PATH, DENIED_PATH, DevicePages, DeviceParts
from idp.web.pages.site_parts import SiteParts


def device_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes under `/device`."""
    ports = parts.ports
    pages = DevicePages(
        DeviceParts(
            issuer=ports.issuer,
            user_codes=UserCodes(ports.short_lived, ports.keys, ports.entropy),
            visits=DeviceVisits(ports.short_lived, ports.clock, ports.entropy),
            decisions=ports.decisions,
            sessions=parts.sessions,
            sign_in=parts.sign_in,
            throttling=parts.throttling,
            floods=parts.floods,
            clients=ports.clients,
            accounts=ports.accounts,
            clock=ports.clock,
        ),
        parts.desk,
    )
    return (
        parts.route(VERIFICATION_PATH, get=pages.show_code, post=pages.submit_code),
        parts.route(ALLOWED_PATH, get=pages.show_allowed),
        parts.route(DENIED_PATH, get=pages.show_denied),
        parts.route(f"{VERIFICATION_PATH}/{{visit}}", get=pages.show_question, post=pages.decide),
    )
