"""Time and randomness, so that tests decide both."""

from typing import Final, Protocol

from idp.domain.ids import Seconds

CLOCK_TOLERANCE: Final = 15
"""Seconds by which the clocks of nodes may differ, and by which one may be put right at once. Codes live for a minute,
and one-time codes for half of one."""


class Clock(Protocol):
    """The time of day."""

    def now(self) -> Seconds:
        """Whole seconds since the epoch."""
        ...

    def milliseconds(self) -> int:
        """Milliseconds since the epoch, for audit events."""
        ...


class Entropy(Protocol):
    """Cryptographically secure randomness."""

    def token(self, size: int = 32) -> str:
        """`size` random bytes, base64url without padding: for everything that is a bearer secret."""
        ...

    def identifier(self) -> str:
        """A unique identifier, roughly ordered by time so that indexes stay compact; not a secret."""
        ...

    def digits(self, length: int) -> str:
        """A uniform decimal code of `length` digits."""
        ...
