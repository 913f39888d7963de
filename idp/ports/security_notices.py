"""Wording and sending alerts to their owners, by e-mail and by message."""

from typing import Protocol

from idp.domain.accounts.account import Contact
from idp.domain.accounts.security_alert import SecurityAlert


class SecurityNotices(Protocol):
    """A contact's kind decides the way. Raises `MailError` or `MessageError` when nothing left."""

    async def alert(self, contact: Contact, alert: SecurityAlert, locale: str) -> None:
        """Tell the owner what happened and what to do about it; never a code."""
        ...


class ContactMessages(Protocol):
    """What is said while somebody changes a contact. Raises `MailError` or `MessageError` likewise."""

    async def reaches(self, contact: Contact) -> bool:
        """Whether messages to this contact can leave: not every mail server takes mailboxes outside of ASCII."""
        ...

    async def contact_code(self, contact: Contact, code: str, locale: str) -> None:
        """The code that proves a contact, the present one or the new one; it stands alone on a line."""
        ...

    async def contact_taken(self, contact: Contact, locale: str) -> None:
        """To whoever holds the contact: somebody wanted it, and it signs in to another account already."""
        ...
