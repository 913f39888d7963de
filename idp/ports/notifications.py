"""What people are told outside the pages, in their own language."""

from typing import Protocol

from idp.domain.accounts.account import Contact
from idp.domain.ids import Seconds


class Notifications(Protocol):
    """Words and sends messages. Raises `MailError` when a message did not leave."""

    async def reaches(self, contact: Contact) -> bool:
        """Whether messages to it can leave at all. Raises `MailError` when nobody tells."""
        ...

    async def activation_code(self, contact: Contact, code: str, locale: str) -> None:
        """The code that proves a verified contact before a first second factor is enrolled."""
        ...

    async def idle_account(self, contact: Contact, locks_at: Seconds, locale: str) -> None:
        """Nobody has used the account for long; it will be locked at `locks_at` unless somebody does."""
        ...

    async def identity_ages(self, contact: Contact, ends_at: Seconds, locale: str) -> None:
        """A proof of the person's identity ends at `ends_at`."""
        ...

    async def account_closes(self, contact: Contact, closes_at: Seconds, locale: str) -> None:
        """The owner asked to close the account; it does so at `closes_at`."""
        ...

    async def ward_turned(self, contact: Contact, age: int, locale: str) -> None:
        """A child in the person's care has turned 6 or 14."""
        ...

    async def approval_waits(self, contact: Contact, service: str, approval_id: str, locale: str) -> None:
        """A service, told by its name, waits for the person's approval."""
        ...
