"""RFC 7591 section 1.2: an initial access token, by which somebody whom an operator trusts may register clients."""

from dataclasses import dataclass, field
from typing import Final

from idp.domain.ids import Seconds, TokenHash

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

    def is_live(self, now: Seconds) -> bool:
        """Whether a client may be registered by it now."""
        return self.revoked_at is None and self.uses_left > 0 and now < self.expires_at
