"""Mail as files: one `.eml` a message, for development, the demo's mailbox, and relays that collect from a folder."""

import asyncio
from pathlib import Path

from idp.adapters.durable_file import replace_file
from idp.adapters.mail.message import compose
from idp.ports.clock import Clock, Entropy
from idp.ports.mail import Mail, MailError


class FileMailer:
    """`Mailer` into a folder; names sort by time, and a file appears whole, readable by its owner only."""

    def __init__(self, folder: Path, sender: str, clock: Clock, entropy: Entropy) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock
        self._entropy = entropy

    async def send(self, mail: Mail) -> None:
        identifier = self._entropy.identifier()
        message = compose(mail, sender=self._sender, message_id=identifier, now=self._clock.now())
        name = f"{self._clock.milliseconds():013d}-{identifier}.eml"
        await asyncio.to_thread(self._write, name, message.as_bytes())

    async def reaches_beyond_ascii(self) -> bool:
        return True

    def _write(self, name: str, content: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._folder / name, content)
        except OSError as error:
            raise MailError(f"the mail folder cannot be written ({error.strerror})") from error
