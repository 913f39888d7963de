"""The link by which a person takes over an account that somebody made or proved to be his or hers: once, in a day."""

from typing import Final

from idp.domain.ids import AccountId, Seconds, TokenHash
from idp.domain.values import dataclass

LIFETIME: Final = 24 * 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class ActivationLink:
    """What is kept of a link: an account has one at a time, and the token itself only its SHA-256."""

    account_id: AccountId
    token_hash: TokenHash
    created_at: Seconds
    expires_at: Seconds
    claimed_at: Seconds | None = None

    def is_open(self, now: Seconds) -> bool:
        """Whether the link can still be used."""
        return self.claimed_at is None and now < self.expires_at


def new_link(account_id: AccountId, token_hash: TokenHash, now: Seconds) -> ActivationLink:
    """Return a link that lives from now on."""
    return ActivationLink(account_id, token_hash, now, Seconds(now + LIFETIME))
