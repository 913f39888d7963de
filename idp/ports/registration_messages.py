"""What is said by mail to whoever registers, and to whom an identity level was given."""

from typing import Protocol

from idp.domain.accounts.account import Contact


class RegistrationMessages(Protocol):
    """Words and sends messages. Raises `MailError` when a message did not leave."""

    async def reaches(self, contact: Contact) -> bool:
        """Whether messages to this contact can leave: not every mail server takes mailboxes outside of ASCII."""
        ...

    async def registration_code(self, contact: Contact, code: str, locale: str) -> None:
        """The code that proves the contact of somebody whom the register confirmed."""
        ...

    async def registration_refused(self, contact: Contact, locale: str) -> None:
        """What was typed opened no account, for whatever reason."""
        ...

    async def identity_verified(self, contact: Contact, locale: str) -> None:
        """To the person: somebody proved from afar, just now, to be him or her."""
        ...

    async def already_registered(self, contact: Contact, locale: str) -> None:
        """To the holder of an account: somebody tried to register with his or her data or address."""
        ...
