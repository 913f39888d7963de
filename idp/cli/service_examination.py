"""What `idp doctor` says of services of the state: what is shown to them, what they are believed by, who answers."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from idp.adapters.breaker import Breaker
from idp.adapters.foundation import SERVICE_SECONDS
from idp.adapters.http.outgoing import GuardedHttp
from idp.adapters.registry.population_registry import HttpPopulationRegistry
from idp.adapters.registry.service_calls import ServiceCalls
from idp.adapters.registry.service_tls import service_tls
from idp.adapters.registry.verifier_keys import verifier_keys
from idp.cli.finding import Finding, failure, warning, well
from idp.ports.clock import Clock
from idp.ports.population_registry import RegistryUnavailableError
from idp.settings import Settings, SettingsError

SOON: Final = 30 * 24 * 3600
"""Seconds before its end at which a certificate is pointed out."""

LIST_SOON: Final = 24 * 3600
"""Seconds before its end at which a list of withdrawn certificates is pointed out."""

_NOBODY: Final = "000000000000"
"""A number that the register gives to nobody."""


async def examine_services(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Yield what there is to say; nothing where no service is set."""
    try:
        tls = service_tls(settings)
        if settings.biometric_verifier:
            found = len(verifier_keys(settings.biometric_verifier_keys))
            yield well("biometric verifier", f"is believed by {found} key{'s' * (found > 1)}")
    except SettingsError as error:
        yield failure("services", error.problem, error.remedy)
        return
    if settings.service_certificate is not None:
        for finding in _certificate(settings.service_certificate, clock):
            yield finding
    if settings.person_ca is not None:
        for finding in _cards(settings.person_ca, clock):
            yield finding
    if settings.population_registry:
        http = GuardedHttp(settings.outbound_allow, tls=tls, total_seconds=SERVICE_SECONDS)
        breaker = Breaker(most=1, refused=lambda: None, monotonic=time.monotonic)
        yield await _register(HttpPopulationRegistry(settings.population_registry, ServiceCalls(http, breaker)))
        await http.close()


def _certificate(path: Path, clock: Clock) -> Iterator[Finding]:
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    ends = certificate.not_valid_after_utc
    told = f"the certificate shown to services holds until {ends:%Y-%m-%d}"
    left = ends - datetime.fromtimestamp(clock.now(), UTC)
    remedy = "let its authority sign a new one and put it where IDP_SERVICE_CERTIFICATE points; then restart"
    if left.total_seconds() <= 0:
        yield failure("service certificate", told.replace("holds until", "ended on"), remedy)
    elif left.total_seconds() < SOON:
        yield warning("service certificate", told, remedy)
    else:
        yield well("service certificate", told)


def _cards(folder: Path, clock: Clock) -> Iterator[Finding]:
    """Look at the authorities of officers' cards: without a current list of theirs nobody signs in by a card."""
    from idp.adapters.crypto.person_certificates import X509PersonCertificates

    check, remedy = "officers' cards", f"put the authority's newest list of withdrawn certificates into {folder}"
    found = list(X509PersonCertificates(folder).lists(clock.now()))
    if not found:
        yield failure(
            check, f"{folder} has no authority", "put its certificate there as a PEM file, or unset IDP_PERSON_CA"
        )
    for authority, until in found:
        if until is None or until <= clock.now():
            yield failure(check, f"{authority} has no current list: its cards are refused", remedy)
        elif until < clock.now() + LIST_SOON:
            yield warning(check, f"the list of {authority} ends within a day", remedy)
        else:
            yield well(check, f"{authority} is trusted, its list is current")


async def _register(registry: HttpPopulationRegistry) -> Finding:
    try:
        await registry.find(_NOBODY)
    except RegistryUnavailableError:
        return failure(
            "population register",
            "does not answer, or not in its form",
            "see that IDP_POPULATION_REGISTRY is right, that IDP_OUTBOUND_ALLOW names it where it is not public, and "
            "that both sides believe each other's certificates",
        )
    return well("population register", "answers")
