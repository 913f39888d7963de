"""By which methods people can prove themselves on this installation: some take a service or a file that is set."""

from idp.domain.assurance import EVERYWHERE, Method
from idp.settings import Settings


def available_methods(settings: Settings) -> frozenset[Method]:
    """Return what the settings make possible."""
    given = {
        # A face is compared with a portrait that the register has.
        Method.BIOMETRIC: settings.biometric_verifier and settings.population_registry,
        Method.CERTIFICATE: settings.person_ca,
    }
    return EVERYWHERE | {method for method, setting in given.items() if setting}
