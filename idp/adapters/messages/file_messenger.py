"""Messages as files: one `.txt` a message, for development, the demo's mailbox, and gateways that collect a folder."""

import asyncio
from pathlib import Path

from idp.adapters.durable_file import replace_file
from idp.ports.clock import Clock, Entropy
from idp.ports.messages import MessageError, ShortMessage


class FileMessenger:
    """`Messenger` into a folder; names sort by time, and a file appears whole, readable by its owner only.

    The first line is `To: ` and the number, then comes an empty line and the text.
    """

    def __init__(self, folder: Path, clock: Clock, entropy: Entropy) -> None:
        self._folder = folder
        self._clock = clock
        self._entropy = entropy

    async def send(self, message: ShortMessage) -> None:
        name = f"{self._clock.milliseconds():013d}-{self._entropy.identifier()}.txt"
        await asyncio.to_thread(self._write, name, f"To: {message.recipient}\n\n{message.text}\n".encode())

    def _write(self, name: str, content: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._folder / name, content)
        except OSError as error:
            raise MessageError(f"the folder of messages cannot be written ({error.strerror})") from error
