"""The pages under `/account/security`."""

from starlette.routing import Route

from idp.journeys.account_security.fresh_codes import FreshRecoveryCodes
from idp.journeys.account_security.one_time_codes import OneTimeCodeDevices
from idp.journeys.account_security.own_authenticators import OwnAuthenticators
from idp.journeys.account_security.own_sessions import OwnSessions
from idp.journeys.account_security.removals import Removals
from idp.journeys.passkeys.own_passkeys import OwnPasskeys
from idp.web.pages.account.authenticators import FRESH_CODES, NEW_DEVICE, OwnAuthenticatorPages
from idp.web.pages.account.security import (
    AUTHENTICATORS,
    HISTORY,
    PATH,
    SESSIONS,
    TRUSTED,
    SafetyParts,
    SecurityDesk,
    SecurityPages,
)
from idp.web.pages.signing_in.strong_factor_routes import own_certificates
from idp.web.pages.site_parts import SiteParts


def account_security_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes."""
    ports = parts.ports
    desk = SecurityDesk(parts.sessions, parts.sign_in, parts.desk)
    devices = _devices(parts)
    codes = FreshRecoveryCodes(ports.authenticators, ports.keys, ports.short_lived, ports.clock, ports.entropy)
    own = OwnAuthenticators(
        devices, OwnPasskeys(ports.passkeys), own_certificates(parts), ports.passkey_ceremonies.is_trusted, ports.clock
    )
    safety = SafetyParts(
        authenticators=own,
        codes=codes,
        sessions=OwnSessions(ports.session_records, ports.short_lived, ports.grants, ports.clock),
        trust=parts.trust,
        alerts=ports.security_alerts,
        history=ports.security_history,
        clients=ports.clients,
        clock=ports.clock,
    )
    pages = SecurityPages(safety, desk)
    changes = OwnAuthenticatorPages(
        own=own,
        removals=Removals(own, ports.short_lived, ports.clock),
        devices=devices,
        codes=codes,
        desk=desk,
        clock=ports.clock,
        entropy=ports.entropy,
    )
    return (
        parts.route(PATH, get=pages.show),
        parts.route(HISTORY, get=pages.show_history),
        parts.route(f"{SESSIONS}/end-others", post=pages.end_others),
        parts.route(f"{SESSIONS}/{{session_id}}/end", post=pages.end_session),
        parts.route(TRUSTED, post=pages.trust),
        parts.route(f"{TRUSTED}/revoke-all", post=pages.distrust_all),
        parts.route(f"{TRUSTED}/{{browser_id}}/revoke", post=pages.distrust),
        *_authenticator_routes(parts, changes),
    )


def _authenticator_routes(parts: SiteParts, changes: OwnAuthenticatorPages) -> tuple[Route, ...]:
    one = f"{AUTHENTICATORS}/{{kind}}/{{identifier}}"
    return (
        parts.route(NEW_DEVICE, get=changes.show_new, post=changes.submit_new),
        parts.route(FRESH_CODES, get=changes.show_codes, post=changes.submit_codes),
        parts.route(one, get=changes.show),
        parts.route(f"{one}/rename", post=changes.rename),
        parts.route(f"{one}/remove", post=changes.remove),
    )


def _devices(parts: SiteParts) -> OneTimeCodeDevices:
    return OneTimeCodeDevices(parts.code_device, parts.ports.authenticators)
