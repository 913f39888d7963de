"""The simulated biometric verifier for tests."""

from clients.biometric_verifier.app import build_app
from clients.biometric_verifier.settings import VerifierSettings
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.settings import SiteSettings
from idp.cli.demo_certificates import ServiceKeys

URL = "http://localhost:8006"
ISSUER = "http://localhost:8000"
SECRET = "the provider's secret"


def simulated_verifier(keys: ServiceKeys) -> HttpEdge:
    site = SiteSettings(base_url=URL, host="127.0.0.1", port=8006)
    return build_app(VerifierSettings(site, ISSUER, SECRET, keys.outcomes_key))
