"""Messages to people."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """One plain-text message. A code in it stands alone on a line."""

    recipient: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends mail."""

    async def send(self, mail: Mail) -> None:
        """Return when the message was handed over. Raises `MailError` when it was not."""
        ...


class MailError(Exception):
    """The message did not leave."""
