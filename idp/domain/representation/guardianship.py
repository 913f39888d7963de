"""Guardians of minors and of wards: registered, confirmed by an office, and over when the child has grown up.

Decree 69/2024: a guardian registers children under 14 and wards; reviewed when the child turns 6 and 14. From 14 on
people have an account of their own, so that a guardianship of a minor is over then, by itself and at that moment.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from idp.domain.country_time import beginning_of
from idp.domain.ids import PersonId, Seconds
from idp.domain.representation.principal import Principal, PrincipalKind
from idp.domain.values import dataclass

REVIEW_AGE: Final = 6
END_AGE: Final = 14
GUARDIAN_LEVEL: Final = 2
"""The identity level that a guardian, and whoever acts for an organisation, was proved at."""

LOOK_AGAIN: Final = 30 * 86400
"""Seconds after which one of a minor is looked at again, though nobody has a birthday: a release before this one may
run beside it, and changes birthdates without saying so.
"""


class GuardianshipKind(StrEnum):
    """Whose guardian."""

    MINOR = "minor"
    """Of a child, until it turns 14."""
    WARD = "ward"
    """Of somebody without full capacity, until an office or the guardian ends it."""


class ChildStage(StrEnum):
    """Which rules hold for a child's account."""

    UNDER_SIX = "under_six"
    """Level 1, on request."""
    SIX_TO_THIRTEEN = "six_to_thirteen"
    """Level 1; level 2 on request."""
    FROM_FOURTEEN = "from_fourteen"
    """An account of one's own."""


class GuardianshipEnd(StrEnum):
    """Why a guardianship ended, or never began."""

    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """By the guardian."""
    GROWN_UP = "grown_up"
    """The child turned 14."""
    ENDED_BY_OFFICE = "ended_by_office"


@dataclass(frozen=True, slots=True)
class Guardianship:
    """One guardianship. It counts from `confirmed_at` on, when the office knew who the ward is.

    `reviewed_age` is the last of the ages 6 and 14 that its guardian was told about; 0 before.
    """

    guardianship_id: str
    kind: GuardianshipKind
    guardian: PersonId
    asked_at: Seconds
    ward: PersonId | None = None
    confirmed_at: Seconds | None = None
    ended_at: Seconds | None = None
    end: GuardianshipEnd | None = None
    reviewed_age: int = 0

    @property
    def principal(self) -> Principal:
        """Whom its guardian acts for."""
        return Principal(PrincipalKind.WARD, self.guardianship_id)

    def ends_by_itself_at(self, birthdate: date | None) -> Seconds | None:
        """When it is over without anybody's doing; None for never, which no minor's is."""
        if self.kind is GuardianshipKind.WARD:
            return None
        return Seconds(0) if birthdate is None else beginning_of(birthday(birthdate, END_AGE))

    def is_in_force(self, birthdate: date | None, now: Seconds) -> bool:
        """Whether it counts at `now`, for a ward born on `birthdate`."""
        if self.confirmed_at is None or self.ended_at is not None:
            return False
        end = self.ends_by_itself_at(birthdate)
        return end is None or now < end

    def review_due(self, birthdate: date | None, now: Seconds) -> int | None:
        """The age that the guardian has to be told about at `now`; None when there is nothing to tell."""
        if self.confirmed_at is None or birthdate is None or self.end not in {None, GuardianshipEnd.GROWN_UP}:
            return None
        if self.kind is GuardianshipKind.WARD:
            return None
        for age in (END_AGE, REVIEW_AGE):
            turned = beginning_of(birthday(birthdate, age))
            # A child who was older already when the office confirmed it was reviewed then.
            if self.reviewed_age < age and self.confirmed_at < turned <= now:
                return age
        return None

    def look_again_at(self, birthdate: date | None, now: Seconds) -> Seconds | None:
        """When there may be something to do next, after a look at `now` that found nothing; None for never."""
        is_over = self.end not in {None, GuardianshipEnd.GROWN_UP} or self.reviewed_age >= END_AGE
        if is_over or self.kind is GuardianshipKind.WARD:
            return None
        latest = Seconds(now + LOOK_AGAIN)
        if birthdate is None:
            return latest
        turns = (beginning_of(birthday(birthdate, age)) for age in (REVIEW_AGE, END_AGE))
        return min([latest, *(at for at in turns if at > now)])


def birthday(birthdate: date, age: int) -> date:
    """Return the day on which somebody turns `age`; who was born on 29 February does so on 1 March in other years."""
    try:
        return birthdate.replace(year=birthdate.year + age)
    except ValueError:
        return date(birthdate.year + age, 3, 1)


def stage_of(birthdate: date, now: Seconds) -> ChildStage:
    """Return which rules hold at `now` for somebody born on `birthdate`."""
    if now >= beginning_of(birthday(birthdate, END_AGE)):
        return ChildStage.FROM_FOURTEEN
    if now >= beginning_of(birthday(birthdate, REVIEW_AGE)):
        return ChildStage.SIX_TO_THIRTEEN
    return ChildStage.UNDER_SIX


def day_of_birth(claim: object) -> date | None:
    """Return the birthdate of a claim; None when it does not name a whole day."""
    try:
        return date.fromisoformat(claim) if isinstance(claim, str) else None
    except ValueError:
        return None
