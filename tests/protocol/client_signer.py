"""A relying party that signs: its key, and tokens under it, made with joserfc so that two libraries must agree."""

import json
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode


class ClientSigner:
    """One key pair for one algorithm (ES256, PS256, RS256, EdDSA, Ed25519 or HS256)."""

    def __init__(self, kid: str = "key-1", algorithm: str = "ES256", *, secret: str = "") -> None:
        self.kid = kid
        self.algorithm = algorithm
        self.key = _generate(algorithm, secret)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as it is registered."""
        return {**self.public, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    @property
    def public(self) -> dict[str, Any]:
        """The public key, key material only."""
        return dict(self.key.as_dict(private=False))

    @property
    def thumbprint(self) -> str:
        """Its SHA-256 thumbprint (RFC 7638)."""
        return str(self.key.thumbprint())

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        """Return a compact JWS; `header` adds to, replaces or (with None) removes members of the header."""
        members = {"alg": self.algorithm, "kid": self.kid, **header}
        protected = {name: value for name, value in members.items() if value is not None}
        signing_input = b".".join(urlsafe_b64encode(json.dumps(part).encode()) for part in (protected, claims))
        # Not by joserfc's serializer, which refuses to write many of the headers that a provider must refuse.
        signature = JWSRegistry.algorithms[self.algorithm].sign(signing_input, self.key)
        return (signing_input + b"." + urlsafe_b64encode(signature)).decode()


def _generate(algorithm: str, secret: str) -> Key:
    match algorithm:
        case "ES256":
            return ECKey.generate_key("P-256")
        case "PS256" | "RS256":
            return RSAKey.generate_key(2048)
        case "EdDSA" | "Ed25519":
            return OKPKey.generate_key("Ed25519")
        case _:
            return OctKey.import_key(secret)
