"""A clock that does not follow the machine's when that jumps, so that what this node writes is right for the others.

Between two looks as much time passes as the monotonic clock says, or the machine's clock was moved by hand, by a
hypervisor or by a faulty time server. Who is right then, only the stores' clock can tell, which all nodes share.
"""

from collections.abc import Callable
from typing import Final

from idp.adapters.crypto.system import SystemClock, seconds_since_boot
from idp.adapters.sql.url import is_postgresql
from idp.domain.ids import Seconds
from idp.ports.clock import CLOCK_TOLERANCE, Clock

_TOLERANCE: Final = CLOCK_TOLERANCE * 1000


class SteadyClock:
    """`wall` as long as it moves on as `monotonic` (seconds) does; then `monotonic` from there, until `settle`."""

    def __init__(self, wall: Clock, monotonic: Callable[[], float] = seconds_since_boot) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._ahead = wall.milliseconds() - self._passed()
        self._jumped = False

    def now(self) -> Seconds:
        return Seconds(self.milliseconds() // 1000)

    def milliseconds(self) -> int:
        passed = self._passed()
        ahead = self._wall.milliseconds() - passed
        self._jumped = abs(ahead - self._ahead) > _TOLERANCE
        if not self._jumped:
            self._ahead = ahead
        return passed + self._ahead

    @property
    def is_doubted(self) -> bool:
        """Whether the machine's clock jumped, and is not followed."""
        return self._jumped

    def settle(self, told: Seconds) -> None:
        """Follow the machine's clock again if it shows what the stores' clock told."""
        if self._jumped and abs(self._wall.milliseconds() - told * 1000) <= _TOLERANCE:
            self._ahead = self._wall.milliseconds() - self._passed()
            self._jumped = False

    def _passed(self) -> int:
        return int(self._monotonic() * 1000)


def node_clock(database_url: str) -> Clock:
    """The machine's clock, steady where a database server can tell who is right."""
    return SteadyClock(SystemClock()) if is_postgresql(database_url) else SystemClock()
