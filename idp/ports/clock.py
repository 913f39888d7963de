"""Time and randomness, so that tests decide both."""

from typing import Protocol

from idp.domain.ids import Seconds


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
