"""Tells whether somebody is trying stolen passwords, and what each try costs from where it is made.

A meter is a bucket of the short-lived store: every failed try puts one in, and one runs out each `interval` seconds.
Each person counts once in ten minutes, so that many people tried in vain are told from one who forgot a password; a
sign-in that succeeds takes one out again, once an hour for each person, so that a guesser cannot empty a meter with an
account of his own. Every threshold of the protection stands here; `docs/abuse.md` says what they come to.
"""

from enum import IntEnum
from typing import Final

from idp.domain.values import dataclass

ACCOUNT_ALARM: Final = 50
"""Failed tries at one account, wherever they come from: the next one costs work. One is forgiven each 30 s."""

SOURCE_ALARM: Final = 15
"""People tried in vain from one address: the next try from there costs work. One is forgiven each 5 min."""

NETWORK_ALARM: Final = 60
"""People tried in vain from one network (/24, /48): tries from there cost work. One is forgiven each minute."""

OVERALL_ALARM: Final = 16
"""Failed tries in one share of the whole, above what is usual: everybody's tries cost work. See `Meters`."""

SOURCE_SHARE: Final = 5
"""People tried in vain from one address under attack: then it waits until one is forgiven."""

EASIEST_WORK: Final = 17
"""Leading zero bits: 130,000 hashes on average, a tenth of a second in a browser."""

HARDEST_WORK: Final = 22
"""Four million hashes on average: two seconds in a browser, several on a slow phone."""

SHORTEST_WAIT: Final = 15
"""Seconds that somebody without script waits instead."""


class AttackLevel(IntEnum):
    """`SUSPECTED`: an address, a network or an account; `ATTACKED`: everybody."""

    CALM = 0
    SUSPECTED = 1
    ATTACKED = 2


@dataclass(frozen=True, slots=True)
class Readings:
    """What the meters say about one try: failed tries that are not forgiven yet."""

    account: int = 0
    source: int = 0
    network: int = 0
    overall: int = 0

    @property
    def level(self) -> AttackLevel:
        """The level at which this try stands."""
        if self.overall >= OVERALL_ALARM:
            return AttackLevel.ATTACKED
        return AttackLevel.SUSPECTED if self.grounds else AttackLevel.CALM

    @property
    def grounds(self) -> tuple[str, ...]:
        """Which meters are past their alarm."""
        alarms = (
            ("account", self.account, ACCOUNT_ALARM),
            ("source", self.source, SOURCE_ALARM),
            ("network", self.network, NETWORK_ALARM),
            ("overall", self.overall, OVERALL_ALARM),
        )
        return tuple(ground for ground, reading, alarm in alarms if reading >= alarm)

    @property
    def exhausted(self) -> bool:
        """Whether this address had its share of failures while everybody is attacked."""
        return self.level is AttackLevel.ATTACKED and self.source >= SOURCE_SHARE


@dataclass(frozen=True, slots=True)
class Price:
    """What a try costs: `bits` of work, or for whoever has no script `wait` seconds from the page to the form."""

    bits: int
    wait: int


def price_of(readings: Readings) -> Price | None:
    """What this try costs; None in calm times. An address that has failed before pays more, a quiet one the least."""
    if readings.level is AttackLevel.CALM:
        return None
    failed = max(readings.source, readings.network // 4)
    return Price(min(EASIEST_WORK + readings.level + failed.bit_length(), HARDEST_WORK), SHORTEST_WAIT)
