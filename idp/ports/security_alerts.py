"""Alerts to the owners of accounts: read from the audit trail, listed, and delivered."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.accounts.security_alert import AlertMessage, SecurityAlert
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds


class SecurityAlerts(Protocol):
    """What the owner sees; alerts expire, and go when the account is closed."""

    async def position(self, stream: str) -> int:
        """The last record of an audit stream that alerts were made from; 0 before the first."""
        ...

    async def add(self, stream: str, seen: int, reached: int, alerts: Sequence[SecurityAlert]) -> bool:
        """Keep alerts and queue their messages, and move the position from `seen` to `reached`.

        False, and nothing kept, when the position is elsewhere. Of one kind `MOST_TOLD` leave within `TOLD_WITHIN`,
        and all that are not limited.
        """
        ...

    async def of_account(self, account_id: AccountId, before: str, limit: int) -> tuple[SecurityAlert, ...]:
        """Alerts of an account, latest first; `before`: go on behind the alert of this identifier."""
        ...

    async def unseen(self, account_id: AccountId) -> int:
        """How many the owner has not looked at."""
        ...

    async def mark_seen(self, account_id: AccountId, now: Seconds) -> None:
        """The owner looked at them."""
        ...


class AlertMessages(Protocol):
    """Messages that must arrive. Leases: one process at a time works on a message, and it comes back when that dies."""

    async def claim_due(self, now: Seconds, lease_until: Seconds, limit: int) -> tuple[AlertMessage, ...]:
        """Lease at most `limit` due messages until `lease_until`."""
        ...

    async def finished(self, message_id: str) -> None:
        """The message arrived, or there is nowhere to send it: forget it."""
        ...

    async def given_up(self, message_id: str, event: Event) -> None:
        """The message never will arrive: forget it, with the event in one transaction."""
        ...

    async def retry(self, message_id: str, at: Seconds) -> None:
        """Due again at `at`."""
        ...
