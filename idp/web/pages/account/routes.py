"""The pages under `/account`: what a person sees and decides about the own account."""

from starlette.routing import Route

from idp.journeys.remote_proofing import VERIFY
from idp.web.pages.account.overview import AccountDirectory, AccountPages
from idp.web.pages.site_parts import SiteParts


def account_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes under `/account`."""
    ports = parts.ports
    directory = AccountDirectory(
        accounts=ports.accounts,
        authenticators=ports.authenticators,
        clients=ports.clients,
        consents=ports.consents,
        verify_href=VERIFY if parts.portraits else None,
    )
    pages = AccountPages(directory, parts.sessions, parts.sign_in, parts.consent, parts.desk)
    return (
        parts.route("/account", get=pages.show),
        parts.route("/account/second-factor", get=pages.enrol),
        parts.route("/account/always-ask", post=pages.prefer),
        parts.route("/account/services/withdraw", post=pages.withdraw),
    )
