"""Messages that must arrive: recorded with the fact that causes them, delivered by whichever process claims them."""

from collections.abc import Collection
from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId, ClientId, Seconds, SessionId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class PendingLogout:
    """One back-channel logout token to make and deliver; the token itself is made at delivery, with a fresh `iat`.

    `attempts` counts the one that the message was claimed for, and those that failed for all that was due.
    `session_goes_on`: the client lost the person's consent, while the session lives on and may sign in there again.
    """

    message_id: str
    client_id: ClientId
    account_id: AccountId
    session_id: SessionId
    attempts: int
    created_at: Seconds
    session_goes_on: bool = False


class Outbox(Protocol):
    """Leases: a message is worked on by one process at a time, and comes back when that process dies."""

    async def claim_due(
        self, now: Seconds, lease_until: Seconds, limit: int, busy: Collection[str] = ()
    ) -> tuple[PendingLogout, ...]:
        """Lease at most `limit` due messages until `lease_until`, longest waiting first.

        One message of each client at most, and none of the clients that are `busy`.
        """
        ...

    async def delivered(self, message_id: str, event: Event) -> None:
        """The message arrived; forget it."""
        ...

    async def retry(self, message_id: str, at: Seconds) -> None:
        """Delivery failed; due again at `at`."""
        ...

    async def put_off(self, client_id: ClientId, now: Seconds, at: Seconds) -> None:
        """What is due for a client waits until `at`, and counts one attempt more, as if each had been tried in vain."""
        ...

    async def abandoned(self, message_id: str, event: Event) -> None:
        """Given up; forget it, and leave the audit event."""
        ...

    async def pending(self) -> int:
        """How many messages wait."""
        ...

    async def oldest(self) -> Seconds | None:
        """Since when the message waits that waits longest; None when there is none."""
        ...
