"""Checks under way, in memory: what was asked, what the person let be pretended, and the signed outcome."""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jose import jwt

from clients.relying_party.bearer_values import new_value

LIFETIME = 15 * 60  # seconds that a person has
MOST = 10_000  # checks kept at a time
TOKEN_TYPE = "biometric-outcome+jwt"
KEY_ID = "outcomes-1"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a comparison found."""

    verdict: str
    score_class: str
    live: bool
    chip_verified: bool


FINDINGS: Mapping[str, Finding] = {
    "match": Finding("match", "high", live=True, chip_verified=True),
    "other_person": Finding("no_match", "low", live=True, chip_verified=True),
    "not_live": Finding("match", "high", live=False, chip_verified=True),
    "unclear": Finding("inconclusive", "medium", live=True, chip_verified=True),
    "chip_unread": Finding("match", "high", live=True, chip_verified=False),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `page` is the person's half of its name, `check_id` the provider's: neither tells the other."""

    check_id: str
    page: str
    portrait: str
    return_to: str
    begun_at: float
    finding: Finding | None = None
    found_at: float = 0


class Checks:
    """Makes, finishes and signs checks."""

    def __init__(self, issuer: str, provider: str, signing_key: Path) -> None:
        self._issuer = issuer
        self._provider = provider
        self._key = signing_key.read_text(encoding="ascii")
        self._by_page: dict[str, Check] = {}

    def begin(self, portrait: str, return_to: str) -> Check:
        self._forget()
        check = Check(new_value(), new_value(), portrait, return_to, time.time())
        self._by_page[check.page] = check
        return check

    def at(self, page: str) -> Check | None:
        """Return the check behind a person's page, while it lives."""
        check = self._by_page.get(page)
        return check if check and check.begun_at + LIFETIME > time.time() else None

    def finish(self, check: Check, finding: Finding) -> None:
        """Keep the first finding: a finished check is not made again."""
        if check.finding is None:
            self._by_page[check.page] = replace(check, finding=finding, found_at=time.time())

    def outcome(self, check_id: str) -> str | None:
        """Return the signed outcome of a check, None while there is none."""
        check = next((each for each in self._by_page.values() if each.check_id == check_id), None)
        if check is None or check.finding is None:
            return None
        found = check.finding
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._provider,
            "sub": check.check_id,
            "iat": int(check.found_at),
            "portrait_digest": _digest(check.portrait),
            "verdict": found.verdict,
            "score_class": found.score_class,
            "live": found.live,
            "chip_verified": found.chip_verified,
            "simulation": True,
        }
        return jwt.encode(claims, self._key, "ES256", headers={"typ": TOKEN_TYPE, "kid": KEY_ID})

    def _forget(self) -> None:
        """Drop what is over, and the oldest beyond what is kept."""
        alive = [check for check in self._by_page.values() if check.begun_at + LIFETIME > time.time()]
        self._by_page = {check.page: check for check in alive[-MOST + 1 :]}


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode("ascii")
