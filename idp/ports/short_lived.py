"""The short-lived store: codes, sessions, sign-in attempts, counters and throttles.

Losing it makes people sign in again and nothing else. Every method is one round trip and atomic (`take` and
`give_back`, in a cluster, for each bucket). Keys are `kind:identifier`, where the identifier of a bearer value is its
hash. An expired entry is never returned, whether or not it was swept.
"""

from typing import Protocol

from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Throttle:
    """A leaky bucket: `burst` free tries, then one each `interval` seconds (generic cell rate algorithm)."""

    key: str
    burst: int
    interval: int

    def used(self, emptied_at: int, now: Seconds) -> int:
        """How many tries are out of the bucket that is empty again at `emptied_at`, from 0 to `burst`."""
        return min(max(0, -(-(emptied_at - now) // self.interval)), self.burst)


class ShortLivedStore(Protocol):
    """Atomic operations on values that expire."""

    async def put(self, key: str, value: bytes, expires_at: Seconds, *, tombstone: str = "") -> None:
        """Store `value` until `expires_at`; `tombstone` is what a second claim is told."""
        ...

    async def get(self, key: str, now: Seconds) -> bytes | None:
        """The live, unclaimed value, or None."""
        ...

    async def replace(self, key: str, expected: bytes, value: bytes, expires_at: Seconds) -> bool:
        """Put `value` where `expected` still stands; False when somebody else changed, claimed or deleted it.

        What expired since it was read, and was not swept yet, lives again with `value`: callers read a moment before.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget the value; nothing happens when there is none."""
        ...

    async def claim(self, key: str, now: Seconds, *, keep_until: Seconds) -> Claimed | AlreadyUsed | Unknown:
        """Take the value for good. Exactly one of any number of concurrent callers gets `Claimed`.

        The tombstone stands until `keep_until`, so that a replay is known as one.
        """
        ...

    async def increment(self, key: str, now: Seconds, expires_at: Seconds) -> int:
        """Add one to a counter that lives until the `expires_at` of its first increment; the new count."""
        ...

    async def mark(self, key: str, now: Seconds, expires_at: Seconds) -> tuple[int, Seconds]:
        """What `increment` answers, and what `remembers_since` answers after that; at once where the store can."""
        ...

    async def take(self, throttles: tuple[Throttle, ...], now: Seconds) -> int:
        """Take one try from every bucket, or from none: 0 when taken, else the seconds to wait."""
        ...

    async def give_back(self, throttles: tuple[Throttle, ...]) -> None:
        """Return the try taken from each bucket, after a success."""
        ...

    async def used(self, throttles: tuple[Throttle, ...], now: Seconds) -> tuple[int, ...]:
        """How many tries are out of each bucket, from 0 to its `burst`; nothing is taken."""
        ...

    async def sweep(self, now: Seconds, limit: int) -> int:
        """Delete at most `limit` expired entries; how many went. Engines that expire by themselves answer 0."""
        ...

    async def remembers_since(self, now: Seconds) -> Seconds:
        """The moment since which the store has forgotten nothing; `now` when it has just been found to have.

        A mark made before that moment may be gone. So whoever keeps single-use marks here and nowhere else asks after
        having made his own (`mark`), and refuses what was issued before the answer (clocks that run ahead allowed for).
        """
        ...
