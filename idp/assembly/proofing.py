"""Services that prove who somebody is: the population register and the biometric verifier, where they are set."""

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

from idp.adapters.breaker import Breaker
from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.adapters.foundation import Foundation
from idp.adapters.guarded_stores import FEWEST
from idp.adapters.observability.families import STORE_REFUSED
from idp.adapters.registry.biometric_verifier import HttpBiometricVerifier
from idp.adapters.registry.population_registry import HttpPopulationRegistry
from idp.adapters.registry.service_calls import ServiceCalls
from idp.ports.biometric_verifier import BiometricVerifier
from idp.ports.population_registry import PopulationRegistry
from idp.settings import SettingsError


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
    keys = _keys(settings.biometric_verifier_keys)
    verifier = HttpBiometricVerifier(settings.biometric_verifier, settings.issuer, calls, ForeignJws(), keys, at.clock)
    return at.traces.watch(verifier)


def _breaker(at: Foundation, service: str) -> Breaker:
    refused = partial(at.metrics.count, STORE_REFUSED.name, service)
    return Breaker(most=FEWEST, refused=refused, monotonic=time.monotonic)


def _keys(path: Path | None) -> tuple[dict[str, Any], ...]:
    """The public keys of a JWK set (RFC 7517 section 5)."""
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))["keys"] if path else None
        if keys and all(isinstance(key, dict) and "kty" in key for key in keys):
            return tuple(keys)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise SettingsError(
        "IDP_BIOMETRIC_VERIFIER is set without keys to believe it by",
        "let IDP_BIOMETRIC_VERIFIER_KEYS name a JWK set with the verifier's public keys",
    )
