"""What people are told while somebody gets back into an account; that it was asked and done, alerts tell."""

from typing import Protocol

from idp.domain.accounts.account import Contact


class RecoveryMessages(Protocol):
    """Words and sends messages. Raises `MailError` or `MessageError` when one did not leave."""

    async def recovery_code(self, contact: Contact | None, code: str, locale: str) -> None:
        """The code that proves a verified contact of somebody who wants to get back in.

        Without a contact it is worded as well, and goes nowhere.
        """
        ...

    async def help_asked(self, contact: Contact, owner: str, request_id: str, locale: str) -> None:
        """Somebody (`owner`, by name) who trusts the reader wants to get back in."""
        ...

    async def trust_asked(self, contact: Contact, owner: str, locale: str) -> None:
        """Somebody (`owner`, by name) named the reader as a trusted person."""
        ...
