"""Short messages to telephones."""

from dataclasses import field
from typing import Final, Protocol

from idp.domain.values import dataclass

LONGEST: Final = 480
"""Characters: four parts of a message in UCS-2 with their headers cut off (3GPP TS 23.040), some left over."""


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """One message to a number of ITU-T E.164. A code in it stands alone on a line."""

    recipient: str = field(repr=False)
    text: str = field(repr=False)


class Messenger(Protocol):
    """Hands messages over to whoever sends them."""

    async def send(self, message: ShortMessage) -> None:
        """Return when the message was handed over. Raises `MessageError` when it was not."""
        ...


class MessageError(Exception):
    """The message did not leave. Never tells the number."""
