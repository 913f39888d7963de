"""By which methods people can prove themselves on this installation: some take a service or a file that is set."""

from idp.domain.authenticators.phone_sign_in import Closeness
from idp.domain.levels.assurance import EVERYWHERE, Method
from idp.settings import Settings


def available_methods(settings: Settings) -> frozenset[Method]:
    """Return what the settings make possible."""
    given = {
        # A face is compared with a portrait that the register has.
        Method.BIOMETRIC: settings.biometric_verifier and settings.population_registry,
        Method.CERTIFICATE: settings.person_ca,
        # Nobody's word is taken for a key's protection without the metadata that says whose to take.
        Method.SECURITY_KEY: any(settings.passkey_metadata.glob("*.jwt")),
    }
    everywhere = EVERYWHERE if settings.phone_sign_in != "off" else EVERYWHERE - {Method.PHONE}
    return everywhere | {method for method, setting in given.items() if setting}


def demanded_closeness(settings: Settings) -> Closeness:
    """Return how close a phone has to be to the computer that it signs in."""
    demanded = {"same-country": Closeness.SAME_COUNTRY, "same-connection": Closeness.SAME_CONNECTION}
    return demanded.get(settings.phone_sign_in, Closeness.ANY)
