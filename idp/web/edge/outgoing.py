"""What is answered in one round of the event loop leaves at its end, together.

Each packet to a process on the same machine, a proxy say, wakes that process when it sleeps. Where answers leave one by
one, with the work on the next between them, whoever gets them has fallen asleep again each time; waking somebody on
another core of a virtual machine costs the sender more than a small answer. Together they wake it once.

What is held is small and whole, and for a millisecond of work at most; streams and large files pass by.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import Any, Final, cast
from weakref import WeakKeyDictionary, ref

LONGEST_HELD: Final = 16_384
"""Bytes that one connection may have waiting."""

HELD_FOR: Final = 0.001
"""Seconds after which the next answer takes all along, when a round is long."""

LEAVING_SECONDS = 20.0
LEAST_TAKEN: Final = 20_480
"""Bytes that somebody takes in so many seconds of what waits for nobody else, also after we hung up."""


class Outgoing:
    """What waits in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._loop = ref(loop)  # which keeps this one
        self._monotonic = monotonic
        self._waiting: list[HoldingTransport] = []
        self._since = 0.0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, which is running when anybody asks."""
        return cast("asyncio.AbstractEventLoop", self._loop())

    def hold(self, transport: "HoldingTransport") -> None:
        """Have `transport` write at the end of this round, or with the first one that has waited long enough."""
        now = self._monotonic()
        if not self._waiting:
            self._since = now
            self.loop.call_soon(self._write_out)
        self._waiting.append(transport)
        if now - self._since >= HELD_FOR:
            self._write_out()

    def _write_out(self) -> None:
        waiting, self._waiting = self._waiting, []
        for transport in waiting:
            try:
                transport.write_out()
            except Exception as error:  # noqa: BLE001 -- whatever ails one connection, the others get their answers
                transport.abort()
                self.loop.call_exception_handler({"message": "an answer did not leave", "exception": error})


_OF_LOOPS: "WeakKeyDictionary[asyncio.AbstractEventLoop, Outgoing]" = WeakKeyDictionary()


def outgoing_of(loop: asyncio.AbstractEventLoop) -> Outgoing:
    """Return the one of a loop."""
    found = _OF_LOOPS.get(loop)
    if found is None:
        found = _OF_LOOPS[loop] = Outgoing(loop)
    return found


class HoldingTransport(asyncio.Transport):
    """A connection's transport, whose small writes wait for the others of the round; each follows the one before."""

    def __init__(self, transport: asyncio.Transport, outgoing: Outgoing) -> None:
        super().__init__()
        self._transport = transport
        self._outgoing = outgoing
        self._held = b""
        self._watch: asyncio.TimerHandle | None = None

    def write(self, data: Any) -> None:  # noqa: ANN401 -- any buffer, as the standard library has it
        """Send `data` soon: after what is held, and at once together with it where it is large."""
        is_first = not self._held
        self._held += data
        if len(self._held) > LONGEST_HELD:
            self.write_out()
        elif is_first:
            self._outgoing.hold(self)

    def write_out(self) -> None:
        """Send what is held, unless whom it is for has gone."""
        held, self._held = self._held, b""
        if held and not self._transport.is_closing():
            self._transport.write(held)

    def close(self) -> None:
        """Send what is held, then hang up; a receiver that reads nothing is cut off after a while."""
        self.write_out()
        self._transport.close()
        self._outgoing.loop.call_soon(self._see_it_leave)

    def _see_it_leave(self) -> None:
        if self._transport.get_write_buffer_size():
            self.watch()

    def watch(self) -> None:
        """Cut off whoever takes next to nothing of what waits, until `unwatch`."""
        if self._watch is None:
            self._watch = self._outgoing.loop.call_later(LEAVING_SECONDS, self._look, self._left())

    def unwatch(self) -> None:
        """Everything left that had to."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self, before: int) -> None:
        self._watch = None
        left = self._left()
        if left and before - left < LEAST_TAKEN:
            self.abort()
        elif left:
            self.watch()

    def _left(self) -> int:
        """Bytes that were not taken yet: those that wait here, and those that the system has for the other side."""
        waiting, connection = self._transport.get_write_buffer_size(), self._transport.get_extra_info("socket")
        try:
            return waiting + int.from_bytes(ioctl(connection.fileno(), TIOCOUTQ, bytes(4)), sys.byteorder)
        except (AttributeError, OSError, ValueError):
            return waiting

    def abort(self) -> None:
        """Hang up; what is held is lost with the rest."""
        self._held = b""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether somebody hung up."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Read no further."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 -- as the standard library has it
        """Return what is known of the connection."""
        return self._transport.get_extra_info(name, default)
