"""Time and randomness of the operating system."""

import os
import secrets
import time

from idp.domain.ids import Seconds

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


class SystemClock:
    """The machine's time of day."""

    def now(self) -> Seconds:
        return Seconds(int(time.time()))

    def milliseconds(self) -> int:
        return time.time_ns() // 1_000_000


def seconds_since_boot() -> float:
    """Seconds that no change of the time of day moves; machines that sleep and processes that are stopped age too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SystemEntropy:
    """The operating system's generator."""

    def token(self, size: int = 32) -> str:
        return secrets.token_urlsafe(size)

    def identifier(self) -> str:
        """Return a UUID version 7 (RFC 9562 section 5.7) as 32 hexadecimal digits.

        Its 12 bits after the milliseconds are their fraction (section 6.2, method 3), so that what one process made
        one after the other sorts in that order, to a quarter of a microsecond.
        """
        milliseconds, rest = divmod(time.time_ns(), 1_000_000)
        fraction = (rest << 12) // 1_000_000
        moment = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | fraction << 64
        return f"{moment | _VERSION_7 | _VARIANT | int.from_bytes(os.urandom(8)) >> 2:032x}"

    def digits(self, length: int) -> str:
        return f"{secrets.randbelow(10**length):0{length}d}"
