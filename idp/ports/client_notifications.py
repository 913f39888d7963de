"""Messages that tell clients that somebody decided: durable, delivered by whichever process claims them."""

from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import ClientId, Seconds
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class PendingNotification:
    """One message. What it says lies under `reference` in the short-lived store; here is nothing of it.

    `attempts` counts the one that the message was claimed for.
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

    async def claim_due(self, now: Seconds, lease_until: Seconds, limit: int) -> tuple[PendingNotification, ...]:
        """Lease at most `limit` due messages until `lease_until`."""
        ...

    async def retry(self, message_id: str, at: Seconds) -> None:
        """Due again at `at`."""
        ...

    async def finished(self, message_id: str, event: Event) -> None:
        """Delivered or given up; forget it, and leave the audit event."""
        ...
