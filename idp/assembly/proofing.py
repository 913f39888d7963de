"""What proves who somebody is, where it is set: the population register, the biometric verifier, officers' cards."""

import time
from functools import partial

from idp.adapters.breaker import Breaker
from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.adapters.crypto.person_certificates import X509PersonCertificates
from idp.adapters.foundation import Foundation
from idp.adapters.guarded_stores import FEWEST
from idp.adapters.observability.families import STORE_REFUSED
from idp.adapters.registry.biometric_verifier import HttpBiometricVerifier
from idp.adapters.registry.population_registry import HttpPopulationRegistry
from idp.adapters.registry.service_calls import ServiceCalls
from idp.adapters.registry.verifier_keys import verifier_keys
from idp.ports.biometric_verifier import BiometricVerifier
from idp.ports.person_certificates import PersonCertificates
from idp.ports.population_registry import PopulationRegistry


def population_registry(at: Foundation) -> PopulationRegistry | None:
    """Make what asks the population register; None when none is set."""
    if not at.settings.population_registry:
        return None
    calls = ServiceCalls(at.services, _breaker(at, "population_registry"))
    return at.traces.watch(HttpPopulationRegistry(at.settings.population_registry, calls))


def biometric_verifier(at: Foundation) -> BiometricVerifier | None:
    """Make what asks the biometric verifier; None when none is set. Raises `SettingsError` without its keys."""
    settings = at.settings
    if not settings.biometric_verifier:
        return None
    calls = ServiceCalls(at.services, _breaker(at, "biometric_verifier"), bearer=settings.biometric_verifier_secret)
    keys = verifier_keys(settings.biometric_verifier_keys)
    verifier = HttpBiometricVerifier(
        settings.biometric_verifier,
        settings.issuer,
        calls,
        ForeignJws(),
        keys,
        at.clock,
        name=settings.biometric_verifier_name,
    )
    return at.traces.watch(verifier)


def person_certificates(at: Foundation) -> PersonCertificates | None:
    """Make what checks officers' cards; None where no folder of authorities is set."""
    folder = at.settings.person_ca
    return None if folder is None else X509PersonCertificates(folder)


def _breaker(at: Foundation, service: str) -> Breaker:
    refused = partial(at.metrics.count, STORE_REFUSED.name, service)
    return Breaker(most=FEWEST, refused=refused, monotonic=time.monotonic)
