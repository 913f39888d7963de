"""The holder of a DPoP key: makes proofs with joserfc, right ones unless told otherwise."""

import base64
import hashlib
import secrets
from typing import Any

from idp.protocol.senders.possession import Possession
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import ISSUER

TOKEN_URL = f"{ISSUER}/token"
USERINFO_URL = f"{ISSUER}/userinfo"


class Prover(ClientSigner):
    """One key, and proofs under it."""

    def proof(
        self,
        now: int,
        method: str = "POST",
        url: str = TOKEN_URL,
        *,
        access_token: str | None = None,
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """Return a proof made `now`; `changes` and `header` replace members, or remove them (None)."""
        claims: dict[str, Any] = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": now}
        if access_token is not None:
            claims["ath"] = (
                base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()
            )
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return self.sign(claims, **{"kid": None, "typ": "dpop+jwt", "jwk": self.public, **(header or {})})

    def shown(self, now: int, **changes: Any) -> Possession:
        """Return what a token request with such a proof shows."""
        return Possession("POST", TOKEN_URL, (self.proof(now, **changes),))

    def shown_at_userinfo(self, now: int, access_token: str, **changes: Any) -> Possession:
        """Return what a userinfo request with such a proof shows."""
        proof = self.proof(now, "GET", USERINFO_URL, access_token=access_token, **changes)
        return Possession("GET", USERINFO_URL, (proof,))
