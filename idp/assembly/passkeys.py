"""What verifies passkeys, for the domain of the issuer."""

from idp.adapters.foundation import Foundation
from idp.adapters.webauthn.ceremonies import WebAuthnCeremonies
from idp.adapters.webauthn.trusted_models import TrustedModels
from idp.ports.passkey_ceremonies import PasskeyCeremonies
from idp.web.pages.site_parts import ISSUER_NAME


def passkey_ceremonies(at: Foundation) -> PasskeyCeremonies:
    """Make the verifier; which models of authenticators it trusts is read when somebody asks."""
    return WebAuthnCeremonies(at.settings.issuer, ISSUER_NAME, TrustedModels(at.settings.passkey_metadata))
