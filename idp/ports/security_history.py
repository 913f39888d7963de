"""What happened to the safety of accounts: stored by whoever reads the audit trail, read by the person."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.accounts.security_event import SecurityEvent
from idp.domain.ids import AccountId, Seconds


class SecurityHistory(Protocol):
    """Stores and lists events."""

    async def position(self, stream: str) -> int:
        """The sequence of the last record of `stream` that was read; 0 before the first."""
        ...

    async def add(self, stream: str, seen: int, reached: int, events: Sequence[SecurityEvent]) -> bool:
        """Store the events made of the records behind `seen` up to `reached`, and move the position there.

        One transaction. False, and nothing stored, when the position is not at `seen` any more: somebody else reads.
        """
        ...

    async def of_account(self, account_id: AccountId, after: str, limit: int) -> tuple[SecurityEvent, ...]:
        """At most `limit` events, the latest first; `after`: go on behind this `event_id`, empty at first."""
        ...

    async def named(
        self, account_id: AccountId, names: frozenset[str], since: Seconds, limit: int
    ) -> tuple[SecurityEvent, ...]:
        """At most `limit` events with one of these names from the moment `since` on, the latest first."""
        ...
