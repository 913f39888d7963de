"""The pages of factors that take something besides the provider: a verifier of faces, authorities that issue cards."""

from starlette.routing import Route

from idp.journeys.biometric_step import LIFETIME, BiometricStep, BiometricStepParts, FaceCheck
from idp.journeys.bound_documents import BoundDocuments
from idp.journeys.certificate_step import CertificateStep, CertificateStepParts
from idp.journeys.own_certificates import OwnCertificates, OwnCertificatesParts
from idp.web.pages.account.add_certificate import ADD_CERTIFICATE, AddCertificatePages
from idp.web.pages.signing_in.biometric import BiometricPages
from idp.web.pages.signing_in.certificate import CertificatePages
from idp.web.pages.site_parts import SiteParts

_START = "/sign-in/{attempt_id}"


def strong_factor_routes(parts: SiteParts) -> tuple[Route, ...]:
    """Return the routes of what this installation has."""
    return (*_biometric_routes(parts), *_certificate_routes(parts))


def own_certificates(parts: SiteParts) -> OwnCertificates | None:
    """Return the journey of whoever looks after the own cards; None where no card signs anybody in."""
    ports = parts.ports
    if ports.person_certificates is None:
        return None
    return OwnCertificates(
        OwnCertificatesParts(
            checks=ports.person_certificates,
            certificates=ports.account_certificates,
            throttling=parts.throttling,
            audit=ports.audit,
            clock=ports.clock,
            entropy=ports.entropy,
        )
    )


def _biometric_routes(parts: SiteParts) -> tuple[Route, ...]:
    ports, portraits = parts.ports, parts.portraits
    if portraits is None:
        return ()
    checks = BoundDocuments(
        "face-check",
        FaceCheck,
        LIFETIME,
        store=ports.short_lived,
        vault=ports.vault,
        clock=ports.clock,
        entropy=ports.entropy,
    )
    step = BiometricStep(
        BiometricStepParts(
            portraits=portraits,
            checks=checks,
            attempts=parts.attempts,
            throttling=parts.throttling,
            devices=parts.devices,
            audit=ports.audit,
            clock=ports.clock,
        )
    )
    pages = BiometricPages(parts.journey, ports.watch(step))
    return (
        parts.route(f"{_START}/biometric", get=pages.show, post=pages.start),
        parts.route(f"{_START}/biometric/return", get=pages.back),
    )


def _certificate_routes(parts: SiteParts) -> tuple[Route, ...]:
    ports, own = parts.ports, own_certificates(parts)
    if ports.person_certificates is None or own is None:
        return ()
    step = CertificateStep(
        CertificateStepParts(
            checks=ports.person_certificates,
            certificates=ports.account_certificates,
            accounts=ports.accounts,
            attempts=parts.attempts,
            throttling=parts.throttling,
            risk=parts.risk,
            floods=parts.floods,
            audit=ports.audit,
            clock=ports.clock,
        )
    )
    pages = CertificatePages(parts.journey, ports.watch(step))
    adding = AddCertificatePages(ports.watch(own), parts.sessions, parts.sign_in, parts.desk)
    return (
        parts.route(f"{_START}/certificate", get=pages.show, post=pages.submit),
        parts.route(ADD_CERTIFICATE, get=adding.show, post=adding.add),
    )
