"""Messages that tell clients that somebody decided: durable, delivered by whichever process claims them."""

from collections.abc import Collection
from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import ClientId, Seconds
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class PendingNotification:
    """One message. What it says lies under `reference` in the short-lived store; here is nothing of it.

    `attempts` counts the one that the message was claimed for, and those that failed for all that was due.
    """

    message_id: str
    client_id: ClientId
    reference: str
    attempts: int
    created_at: Seconds


class ClientNotifications(Protocol):
    """Leases: a message is worked on by one process at a time, and comes back when that process dies."""

    async def queue(self, message_id: str, client_id: ClientId, reference: str, now: Seconds) -> None:
        """Queue a message, due at once; nothing happens when it is there already."""
        ...

    async def claim_due(
        self, now: Seconds, lease_until: Seconds, limit: int, busy: Collection[str] = ()
    ) -> tuple[PendingNotification, ...]:
        """Lease at most `limit` due messages until `lease_until`, longest waiting first.

        One message of each client at most, and none of the clients that are `busy`.
        """
        ...

    async def retry(self, message_id: str, at: Seconds) -> None:
        """Due again at `at`."""
        ...

    async def put_off(self, client_id: ClientId, now: Seconds, at: Seconds) -> None:
        """What is due for a client waits until `at`, and counts one attempt more, as if each had been tried in vain."""
        ...

    async def finished(self, message_id: str, event: Event) -> None:
        """Delivered or given up; forget it, and leave the audit event."""
        ...
