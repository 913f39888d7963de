"""Changes of contacts: what comes next, and what the former contact may take back."""

from dataclasses import field
from typing import Final

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

HOLD: Final = 72 * 3600
"""Seconds for which the former contact can undo a change, and nobody recovers the account by the new one."""

KEPT: Final = 365 * 24 * 3600
"""Seconds for which a change is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChange:
    """One change. `former` is what stood there before, None when it was the first of its kind."""

    change_id: str
    account_id: AccountId
    kind: ContactKind
    changed_at: Seconds
    held_until: Seconds
    former: Contact | None = field(default=None, repr=False)
    undone_at: Seconds | None = None

    def may_be_undone(self, now: Seconds) -> bool:
        """Whether the former contact still decides."""
        return self.undone_at is None and now < self.held_until
