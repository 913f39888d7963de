"""Messages to people."""

from typing import Protocol

from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """One plain-text message. A code in it stands alone on a line."""

    recipient: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends mail."""

    async def send(self, mail: Mail) -> None:
        """Return when the message was handed over. Raises `MailError` when it was not.

        `RecipientRefusedError` when it never will be: the server knows nobody of this address, or does not take it.
        """
        ...

    async def reaches_beyond_ascii(self) -> bool:
        """Whether it takes mailboxes outside of ASCII. Raises `MailError` when nobody tells."""
        ...


class MailError(Exception):
    """The message did not leave."""


class RecipientRefusedError(MailError):
    """The mail server refused the address for good (RFC 5321 section 4.2.1: a reply of 5yz)."""
