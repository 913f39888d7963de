"""How many sign-ins were begun and completed, by what people came with: numbers only, nobody in them."""

from enum import StrEnum
from typing import Final

from idp.domain.ids import Seconds
from idp.domain.values import dataclass

HOUR: Final = 3600
KEPT: Final = 92 * 24 * HOUR
"""Seconds that counts are kept, as long as the facts of sign-ins."""


class JourneyStage(StrEnum):
    """Two moments of a sign-in for a service."""

    BEGUN = "begun"
    COMPLETED = "completed"


class FormFactor(StrEnum):
    """What a browser says of the machine that it runs on."""

    PHONE = "phone"
    COMPUTER = "computer"
    UNKNOWN = "unknown"


class Way(StrEnum):
    """How somebody got through: the usual way, or with one of the helps that are there for who needs them."""

    USUAL = "usual"
    RECOVERY_CODE = "recovery_code"
    FIRST_ENROLMENT = "first_enrolment"
    """A second factor was enrolled on the way, by a code that was sent or handed over at a counter."""


@dataclass(frozen=True, slots=True)
class JourneyKey:
    """What is counted apart. `hour` is the moment at which the hour begins; the way is known at the end only."""

    hour: Seconds
    stage: JourneyStage
    form_factor: FormFactor
    locale: str
    way: Way = Way.USUAL


def hour_of(moment: Seconds) -> Seconds:
    """Return the beginning of the hour that a moment lies in."""
    return Seconds(moment - moment % HOUR)
