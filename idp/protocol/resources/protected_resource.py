"""RFC 9728 section 2: metadata of the one protected resource that is the provider's own, userinfo."""

from typing import Final

import msgspec

from idp.ports.keys import TokenSigner
from idp.protocol.claims.scopes import PROVIDER_SCOPES
from idp.protocol.discovery import JWKS_PATH
from idp.protocol.senders.dpop import SIGNING_ALGORITHMS

PROTECTED_RESOURCE_PATH: Final = "/.well-known/oauth-protected-resource"


class ProtectedResourceMetadata:
    """The document; made again only when a new kind of key appears."""

    def __init__(self, issuer: str, signer: TokenSigner) -> None:
        self._issuer = issuer
        self._signer = signer
        self._algorithms: tuple[str, ...] = ()
        self._document = b""

    def document(self) -> bytes:
        """Return the JSON document."""
        algorithms = self._signer.algorithms()
        if algorithms != self._algorithms:
            self._document = msgspec.json.encode(self._members(algorithms))
            self._algorithms = algorithms
        return self._document

    def _members(self, algorithms: tuple[str, ...]) -> dict[str, object]:
        return {
            # Section 3.3: "The "resource" value returned MUST be identical to the protected resource's resource
            # identifier"; userinfo takes tokens whose audience is the issuer.
            "resource": self._issuer,
            "authorization_servers": [self._issuer],
            "jwks_uri": self._issuer + JWKS_PATH,
            "scopes_supported": PROVIDER_SCOPES,
            # Section 2: "header", "body", "query"; RFC 9700 section 4.3.2 leaves the last one out.
            "bearer_methods_supported": ["header", "body"],
            "resource_signing_alg_values_supported": algorithms,
            "dpop_signing_alg_values_supported": SIGNING_ALGORITHMS,
            "tls_client_certificate_bound_access_tokens": True,
        }
