"""Contacts that people change themselves."""

from typing import Protocol

from idp.domain.accounts.account import Contact
from idp.domain.accounts.contact_change import ContactChange
from idp.domain.accounts.security_alert import SecurityAlert
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds


class OwnContacts(Protocol):
    """Changes contacts with the identifiers that they sign in with, in one transaction with alert and event."""

    async def change(self, change: ContactChange, contact: Contact, alert: SecurityAlert, event: Event) -> bool:
        """Put `contact` in the place of the one of its kind; False when it changed meanwhile.

        `change.former` is what is expected to stand there. Raises `ContactTakenError` when somebody else signs in with
        the new one.
        """
        ...

    async def get(self, change_id: str) -> ContactChange | None:
        """One change, or None."""
        ...

    async def of_account(self, account_id: AccountId) -> tuple[ContactChange, ...]:
        """Changes that are remembered, latest first."""
        ...

    async def undo(self, change: ContactChange, now: Seconds, alert: SecurityAlert, event: Event) -> bool:
        """Put the former contact back, for good: later changes of the same kind are undone too.

        False when it was undone already or the time is over. Raises `ContactTakenError` when somebody else has it now.
        """
        ...

    async def settled(self, account_id: AccountId, now: Seconds) -> tuple[Contact, ...]:
        """Contacts that an account may be recovered by, e-mail first.

        While a change is held, the contact that stood there before it, if there was one, and never the new one.
        """
        ...


class ContactTakenError(Exception):
    """Another account signs in with this contact."""
