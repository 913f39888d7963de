"""How clients prove who they are."""

from idp.adapters.crypto.client_certificates import X509ClientCertificates
from idp.adapters.foundation import Foundation
from idp.ports.foreign_tokens import ForeignTokens
from idp.protocol import discovery
from idp.protocol.ciba import authentication
from idp.protocol.clients.client_assertion import ClientAssertions
from idp.protocol.clients.client_authentication import ClientAuthentication
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.clients.client_secrets import ClientSecrets
from idp.protocol.clients.mutual_tls import CertificateAuthentication
from idp.protocol.decoupled import device_authorization
from idp.protocol.replay_marks import ReplayMarks

_ADDRESSED: tuple[str, ...] = (
    discovery.TOKEN_PATH,
    discovery.PUSHED_AUTHORIZATION_PATH,
    discovery.INTROSPECTION_PATH,
    discovery.REVOCATION_PATH,
    device_authorization.PATH,
    authentication.PATH,
)
"""Endpoints that clients may name in place of the issuer."""


def client_authentication(
    at: Foundation, tokens: ForeignTokens, keys: ClientKeys, marks: ReplayMarks
) -> ClientAuthentication:
    """Make the verification of every method."""
    issuer = at.settings.issuer
    assertions = ClientAssertions(
        issuer=issuer,
        audiences={issuer + path for path in _ADDRESSED},
        tokens=tokens,
        keys=keys,
        secrets=ClientSecrets(at.vault),
        marks=marks,
        clock=at.clock,
    )
    certificates = CertificateAuthentication(X509ClientCertificates(at.settings.client_ca), keys, at.clock)
    return ClientAuthentication(at.stores.clients, assertions, certificates, at.clock)
