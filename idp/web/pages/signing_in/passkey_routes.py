"""The pages of passkeys: used and made within a sign-in, and made on the account's own pages."""

from starlette.routing import Route

from idp.journeys.passkeys.challenges import PasskeyChallenges
from idp.journeys.passkeys.registration import PasskeyRegistration, PasskeyRegistrationParts
from idp.journeys.passkeys.sign_in import PasskeySignIn, PasskeySignInParts
from idp.web.pages.account.new_passkey import NEW_PASSKEY, NewPasskeyPages
from idp.web.pages.account.security import SecurityDesk
from idp.web.pages.signing_in.passkeys import PasskeyPages
from idp.web.pages.site_parts import SiteParts


def passkey_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes."""
    registration = _registration(parts)
    pages = PasskeyPages(parts.journey, passkey_sign_in(parts), registration)
    own = NewPasskeyPages(registration, SecurityDesk(parts.sessions, parts.sign_in, parts.desk))
    start = "/sign-in/{attempt_id}"
    return (
        parts.route(f"{start}/passkey", get=pages.show, post=pages.submit),
        parts.route(f"{start}/enrol-passkey", get=pages.show_new, post=pages.submit_new),
        parts.route(NEW_PASSKEY, get=own.show, post=own.submit),
    )


def passkey_sign_in(parts: SiteParts) -> PasskeySignIn:
    """Make what accepts passkeys."""
    ports = parts.ports
    signs_in = PasskeySignInParts(
        passkeys=ports.passkeys,
        ceremonies=ports.passkey_ceremonies,
        challenges=_challenges(parts),
        accounts=ports.accounts,
        throttling=parts.throttling,
        devices=parts.devices,
        risk=parts.risk,
        floods=parts.floods,
        audit=ports.audit,
        clock=ports.clock,
    )
    return ports.watch(PasskeySignIn(signs_in))


def _registration(parts: SiteParts) -> PasskeyRegistration:
    ports = parts.ports
    makes = PasskeyRegistrationParts(
        passkeys=ports.passkeys,
        ceremonies=ports.passkey_ceremonies,
        challenges=_challenges(parts),
        accounts=ports.accounts,
        authenticators=ports.authenticators,
        attempts=parts.attempts,
        throttling=parts.throttling,
        keys=ports.keys,
        audit=ports.audit,
        clock=ports.clock,
        entropy=ports.entropy,
    )
    return ports.watch(PasskeyRegistration(makes))


def _challenges(parts: SiteParts) -> PasskeyChallenges:
    ports = parts.ports
    return PasskeyChallenges(ports.short_lived, ports.keys, ports.clock, ports.entropy)
