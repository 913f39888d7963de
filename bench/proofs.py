"""A client that proves itself by keys: assertions (private_key_jwt) and DPoP proofs, as cheaply as they can be made."""

import base64
import hashlib
import json
import secrets
import time
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_COORDINATE: Final = 32


class ProvingClient:
    """One key for both. It is derived, so that the records and the load agree on it, and worth nothing elsewhere."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self._key = ec.derive_private_key(int.from_bytes(hashlib.sha256(client_id.encode()).digest()), ec.SECP256R1())
        point = self._key.public_key().public_numbers()
        x, y = (_encoded(number.to_bytes(_COORDINATE)) for number in (point.x, point.y))
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        self._assertion_header = _part({"alg": "ES256"})
        self._proof_header = _part({"alg": "ES256", "typ": "dpop+jwt", "jwk": self.jwk})

    def assertion(self, issuer: str) -> dict[str, str]:
        """Return the form fields that authenticate the client."""
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": issuer, "iat": now, "exp": now + 60}
        token = self._sign(self._assertion_header, {**claims, "jti": secrets.token_urlsafe(16)})
        return {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": token}

    def proof(self, method: str, url: str) -> str:
        """Return the value of a `DPoP` header."""
        claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": secrets.token_urlsafe(16)}
        return self._sign(self._proof_header, claims)

    def _sign(self, header: str, claims: dict[str, object]) -> str:
        signing_input = f"{header}.{_part(claims)}"
        r, s = decode_dss_signature(self._key.sign(signing_input.encode(), ec.ECDSA(SHA256())))
        return f"{signing_input}.{_encoded(r.to_bytes(_COORDINATE) + s.to_bytes(_COORDINATE))}"


def _part(content: dict[str, object]) -> str:
    return _encoded(json.dumps(content, separators=(",", ":")).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
