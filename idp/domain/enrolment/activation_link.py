"""The link by which a person takes over an account that somebody made or proved to be his or hers: once, in a day."""

from typing import Final

from idp.domain.ids import AccountId, Seconds, TokenHash
from idp.domain.values import dataclass

LIFETIME: Final = 24 * 3600
"""Seconds."""

_MARK: Final = "link-"
"""What references of links begin with, and no request of getting back in does."""


@dataclass(frozen=True, slots=True)
class ActivationLink:
    """What is kept of a link: an account has one at a time, and the token itself only its SHA-256."""

    account_id: AccountId
    token_hash: TokenHash
    created_at: Seconds
    expires_at: Seconds
    claimed_at: Seconds | None = None

    @property
    def reference(self) -> str:
        """What names the link to whoever may stop it: not what it opens with."""
        return f"{_MARK}{self.created_at}-{self.account_id}"

    def is_open(self, now: Seconds) -> bool:
        """Whether the link can still be used."""
        return self.claimed_at is None and now < self.expires_at


def new_link(account_id: AccountId, token_hash: TokenHash, now: Seconds) -> ActivationLink:
    """Return a link that lives from now on."""
    return ActivationLink(account_id, token_hash, now, Seconds(now + LIFETIME))


def link_of_reference(reference: str) -> tuple[AccountId, Seconds] | None:
    """Return whose link it is and when it was made; None for the reference of anything else."""
    made, _, account_id = reference.removeprefix(_MARK).partition("-")
    if not reference.startswith(_MARK) or not (made.isascii() and made.isdigit()):
        return None
    return AccountId(account_id), Seconds(int(made))
