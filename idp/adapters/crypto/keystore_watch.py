"""When a process looks at a keystore that others may have changed: once in each second in which somebody asks.

Besides, a token or a value that names an unknown key is reason to look at once; anybody can send such a token, so that
there is a bound to how often that counts within one second.
"""

from typing import Final

from idp.domain.ids import Seconds
from idp.ports.clock import Clock

LOOKS_A_SECOND: Final = 20


class KeystoreWatch:
    """Counts the looks of one reader of the keystore, which has just read it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = LOOKS_A_SECOND
        self.looked_at: Seconds = clock.now()

    def is_due(self) -> bool:
        """Whether nobody has looked in this second yet; a caller that is told so must look."""
        now = self._clock.now()
        if now == self.looked_at:
            return False
        self.looked_at = now
        self._left = LOOKS_A_SECOND
        return True

    def may_look_again(self) -> bool:
        """Whether one more look may be had in this second; it is counted."""
        if not self._left:
            return False
        self._left -= 1
        return True
