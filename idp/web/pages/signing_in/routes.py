"""The pages of signing in: password, one-time and recovery code, consent, enrolment."""

from starlette.routing import Route

from idp.journeys.abuse.challenges import Challenges
from idp.journeys.abuse.guard import PasswordGuard
from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.enrolment import EnrolmentSteps
from idp.journeys.password import PasswordStep
from idp.journeys.second_factor import SecondFactorStep
from idp.web.pages.signing_in.consent import ConsentPages
from idp.web.pages.signing_in.enrolment import EnrolmentPages
from idp.web.pages.signing_in.passkey_routes import passkey_sign_in
from idp.web.pages.signing_in.principal import PrincipalPages
from idp.web.pages.signing_in.sign_in import SignInPages
from idp.web.pages.site_parts import SiteParts


def sign_in_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes of everything under `/sign-in/{attempt_id}`."""
    ports = parts.ports
    guard = ports.watch(_guard(parts))
    pages = SignInPages(
        parts.journey,
        ports.watch(_password(parts, guard)),
        guard,
        ports.watch(_second_factor(parts)),
        passkey_sign_in(parts),
        ports.register_href,
        ports.methods,
    )
    consent = ConsentPages(
        parts.journey,
        parts.authorize,
        parts.consent,
        parts.sessions,
        ports.accounts,
        parts.principal,
        ports.clock,
    )
    principal = PrincipalPages(parts.journey, parts.principal, parts.sessions, ports.accounts, ports.clock)
    start = "/sign-in/{attempt_id}"
    return (
        parts.route(start, get=pages.show_sign_in, post=pages.submit_sign_in),
        parts.route(f"{start}/code", get=pages.show_code, post=pages.submit_code),
        parts.route(f"{start}/recovery-code", get=pages.show_recovery, post=pages.submit_recovery),
        parts.route(f"{start}/methods", get=pages.show_methods, post=pages.choose_method),
        parts.route(f"{start}/done", get=parts.journey.done),
        parts.route(f"{start}/principal", get=principal.show, post=principal.choose),
        parts.route(f"{start}/consent", get=consent.show, post=consent.decide),
        *_enrolment_routes(parts, start),
    )


def _guard(parts: SiteParts) -> PasswordGuard:
    ports = parts.ports
    return PasswordGuard(
        parts.throttling,
        parts.meters,
        Challenges(ports.short_lived, ports.keys, ports.clock, ports.entropy),
        ports.audit,
        parts.floods,
        ports.clock,
    )


def _password(parts: SiteParts, guard: PasswordGuard) -> PasswordStep:
    ports = parts.ports
    return PasswordStep(
        accounts=ports.accounts,
        hasher=ports.hasher,
        guard=guard,
        devices=parts.devices,
        audit=ports.audit,
        floods=parts.floods,
        clock=ports.clock,
        trust=parts.trust,
        risk=parts.risk,
    )


def _second_factor(parts: SiteParts) -> SecondFactorStep:
    ports = parts.ports
    return SecondFactorStep(
        authenticators=ports.authenticators,
        throttling=parts.throttling,
        devices=parts.devices,
        keys=ports.keys,
        audit=ports.audit,
        clock=ports.clock,
    )


def _enrolment_routes(parts: SiteParts, start: str) -> tuple[Route, ...]:
    ports = parts.ports
    steps = EnrolmentSteps(
        attempts=parts.attempts,
        contacts=ports.own_contacts,
        authenticators=ports.authenticators,
        recoveries=ports.recoveries,
        codes=ActivationCodes(ports.short_lived, ports.keys, ports.clock, ports.entropy),
        device=parts.code_device,
        throttling=parts.throttling,
        keys=ports.keys,
        notifications=parts.notices,
        audit=ports.audit,
        clock=ports.clock,
    )
    pages = EnrolmentPages(parts.journey, ports.watch(steps))
    return (
        parts.route(f"{start}/activate", get=pages.show_activate, post=pages.submit_activate),
        parts.route(f"{start}/activate/resend", post=pages.resend),
        parts.route(f"{start}/enrol", get=pages.show_enrol, post=pages.submit_enrol),
        parts.route(f"{start}/recovery-codes", get=pages.show_codes, post=pages.submit_codes),
    )
