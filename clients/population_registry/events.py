"""Events that the register pushes: Security Event Tokens (RFC 8417) to the provider's endpoint (RFC 8935)."""

import secrets
from pathlib import Path
from typing import Any, Literal

import httpx
from jose import jwt
from pydantic import BaseModel

PATH = "/api/registry-events"
PREFIX = "urn:vn:register:event:"
PEOPLE = "urn:vn:register:population"
ENTERPRISES = "urn:vn:register:enterprises"
KEY_ID = "events-1"

Kind = Literal[
    "card-locked",
    "card-unlocked",
    "card-expired",
    "card-issued",
    "death",
    "death-annulled",
    "residence-expired",
    "residence-renewed",
    "organisation-dissolved",
    "organisation-restored",
    "personal-number-changed",
]


class Notice(BaseModel):
    """What happened, to whom: a personal number, or the tax code of an organisation."""

    kind: Kind
    subject: str
    payload: dict[str, str] = {}


class EventPush:
    """Signs and sends; `provider` is the issuer of whoever listens."""

    def __init__(self, provider: str, client_id: str, key: Path, http: httpx.AsyncClient) -> None:
        self._provider = provider
        self._client_id = client_id
        self._key = key.read_text(encoding="ascii")
        self._http = http

    def token(self, notice: Notice, now: float) -> str:
        """Return the token that says it happened at `now` (seconds since the epoch)."""
        register = ENTERPRISES if notice.kind.startswith("organisation-") else PEOPLE
        claims: dict[str, Any] = {
            "iss": self._client_id,
            "aud": self._provider,
            "iat": int(now),
            "toe": now,
            "jti": secrets.token_urlsafe(16),
            "sub_id": {"format": "iss_sub", "iss": register, "sub": notice.subject},
            "events": {PREFIX + notice.kind: notice.payload},
        }
        return jwt.encode(claims, self._key, "ES256", headers={"typ": "secevent+jwt", "kid": KEY_ID})

    async def send(self, notice: Notice, now: float) -> tuple[int, str]:
        """Push one event; status and text of the provider's answer. Raises httpx.HTTPError."""
        answer = await self._http.post(
            f"{self._provider}{PATH}",
            content=self.token(notice, now),
            headers={"Content-Type": "application/secevent+jwt", "Accept": "application/json"},
        )
        return answer.status_code, answer.text
