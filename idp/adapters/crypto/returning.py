"""When those who found no room come back: one after the other, as fast as there is room, and not all at once."""

import math
import time
from collections.abc import Callable
from typing import Final

LONGEST: Final = 60
"""Seconds that anybody is told to wait at most: not everybody who was turned away comes back."""

_SMOOTHING: Final = 16


class Returning:
    """The line of those who were turned away. Each piece of work takes about as long as the last ones did."""

    def __init__(self, seconds: float, at_once: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is what a piece of work takes, before others were measured; `at_once` how many run together."""
        self._each = seconds
        self._at_once = at_once
        self._monotonic = monotonic
        self._until = 0.0

    def took(self, seconds: float) -> None:
        """A piece of work took so long."""
        self._each += (seconds - self._each) / _SMOOTHING

    def wait(self) -> int:
        """Take the next place in the line; return whole seconds until it is there, from 1 to `LONGEST`."""
        now = self._monotonic()
        self._until = min(max(self._until, now) + self._each / self._at_once, now + LONGEST)
        return math.ceil(self._until - now)
