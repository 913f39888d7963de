"""RFC 7591 section 1.2: an initial access token, by which somebody whom an operator trusts may register clients."""

from dataclasses import field
from typing import Final

from idp.domain.ids import Seconds, TokenHash
from idp.domain.values import dataclass

LONGEST_LIFE: Final = 90 * 24 * 3600
"""Seconds."""

MOST_USES: Final = 1000


@dataclass(frozen=True, slots=True)
class InitialAccessToken:
    """One token as it is kept: a hash of its 256 random bits, and how often it may still be used, until when.

    `note` says for whom it was made; no person's name belongs there.
    """

    token_id: str
    token_hash: TokenHash = field(repr=False)
    note: str
    created_at: Seconds
    expires_at: Seconds
    uses_left: int
    revoked_at: Seconds | None = None

    def state(self, now: Seconds) -> str:
        """Say in a word or two what it is good for."""
        if self.revoked_at is not None:
            return "revoked"
        if not self.uses_left:
            return "used up"
        return "usable" if self.is_live(now) else "expired"

    def is_live(self, now: Seconds) -> bool:
        """Whether a client may be registered by it now."""
        return self.revoked_at is None and self.uses_left > 0 and now < self.expires_at
