"""Closing an account: asked for, thought over, and then done for good."""

from typing import Final

from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

COOLING_OFF: Final = 14 * 24 * 3600
"""Seconds in which the person may think better of it; the law gives twenty days for erasing on request."""


@dataclass(frozen=True, slots=True)
class AccountClosure:
    """An account that its owner asked to close: it does so at `due_at`, and did at `closed_at`."""

    account_id: AccountId
    asked_at: Seconds
    due_at: Seconds
    closed_at: Seconds | None = None
