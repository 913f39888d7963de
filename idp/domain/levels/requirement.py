"""What has to be proved before a request is answered, and whether a session did."""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from idp.domain.ids import Seconds
from idp.domain.levels.assurance import (
    Level,
    Proof,
    Reach,
    Resistance,
    authentication_time,
    level_of,
    resistance_of,
)
from idp.domain.values import dataclass

FRESHNESS: Final = (300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400)
"""Seconds that a sign-in may be asked to be younger than. Only these: so a sign-in that is over can be judged exactly,
by the smallest of them that it was younger than."""


class Need(Enum):
    """What a session lacks."""

    NOTHING = auto()
    STEP_UP = auto()
    """More proofs inside the session."""
    SIGN_IN = auto()
    """Everything anew: nobody is signed in, somebody who does not count here, or too long ago."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """`level` to be reached by a sign-in younger than `fresh_within` seconds (None: of any age).

    `resistance` is asked apart from the level, `wished` of whoever has enrolled a method that proves it: a requirement
    is met without (`strengthened` makes it asked). What a request itself asks of age (`prompt=login`, `max_age`) is not
    in it.
    """

    level: Level = Level.ONE
    fresh_within: int | None = None
    resistance: Resistance = Resistance.NONE
    wished: Resistance = Resistance.NONE

    def is_within(self, reach: Reach) -> bool:
        """Whether the methods that there are can prove it at all."""
        return self.level <= reach.level and self.resistance <= reach.resistance

    def strengthened(self, possible: Resistance) -> "Requirement":
        """What is asked of somebody whose methods withstand phishing so well: what was wished, as far as possible."""
        return replace(self, resistance=max(self.resistance, min(self.wished, possible)), wished=Resistance.NONE)

    def is_met_by(self, proofs: Iterable[Proof]) -> bool:
        """Whether `proofs` prove enough, however old; none at all never do."""
        done = tuple(proofs)
        reached = level_of(done)
        return reached is not Level.NONE and reached >= self.level and resistance_of(done) >= self.resistance

    def is_fresh(self, authenticated_at: Seconds, now: Seconds) -> bool:
        """Whether a sign-in of `authenticated_at` is young enough; whole seconds hide one more, so equal is too old."""
        return self.fresh_within is None or now < authenticated_at + self.fresh_within

    def need(self, proofs: tuple[Proof, ...], now: Seconds) -> Need:
        """What a session lacks that proved this."""
        if not proofs or not self.is_fresh(authentication_time(proofs), now):
            return Need.SIGN_IN
        return Need.NOTHING if self.is_met_by(proofs) else Need.STEP_UP

    def joined(self, other: "Requirement") -> "Requirement":
        """What meets both, and no more."""
        ages = [age for age in (self.fresh_within, other.fresh_within) if age is not None]
        return Requirement(
            max(self.level, other.level),
            min(ages, default=None),
            max(self.resistance, other.resistance),
            max(self.wished, other.wished),
        )


def youth(age: int) -> int | None:
    """The smallest step of `FRESHNESS` that a sign-in of `age` seconds is younger than; None when it is older than all.

    It is fresh within any step exactly when that is this one or a greater one.
    """
    return next((step for step in FRESHNESS if age < step), None)
