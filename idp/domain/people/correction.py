"""A person says that something recorded about him or her is wrong: what is asked, and by when the law wants an answer.

Two working days to answer, ten days to carry it out, and at most twenty where that takes longer (Law on Personal Data
Protection, in force from 1 January 2026).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from idp.domain.country_time import day_of, end_of
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.invisible_characters import legible
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.names import parse_name
from idp.domain.refused_value import RefusedValue
from idp.domain.values import dataclass
from idp.domain.working_days import WorkingDays

ANSWER_DAYS: Final = 2
"""Working days."""
COMPLETE_DAYS: Final = 10
LATEST_DAYS: Final = 20
"""Days of the calendar."""

MOST_WAITING: Final = 3
"""Requests of one person that wait at the same time."""

LONGEST_TEXT: Final = 1_000
"""Characters of a reason."""

CORRECTABLE: Final = ("name", "family_name", "middle_name", "given_name", "birthdate", "gender")
"""Claims of the record that a person may ask to be corrected; a personal number is the population register's affair."""

GENDERS: Final = ("male", "female")


class CorrectionState(StrEnum):
    """How far a request has come."""

    WAITING = "waiting"
    """Nobody answered yet."""
    ACCEPTED = "accepted"
    """Answered; the record changes once a second administrator agrees."""
    REJECTED = "rejected"
    DONE = "done"
    """The record was changed."""
    WITHDRAWN = "withdrawn"
    """The person took it back."""


OPEN: Final = (CorrectionState.WAITING, CorrectionState.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRequest:
    """One request, with what was typed: personal data, decrypted for one request.

    `wanted` maps claims to the values that the person says are right; `reason` is why. `answer` is what the office
    wrote; `change_id` the change that a second administrator decides.
    """

    request_id: str
    account_id: AccountId
    person_id: PersonId
    wanted: Mapping[str, str]
    reason: str
    state: CorrectionState
    asked_at: Seconds
    answer_due: Seconds
    complete_due: Seconds
    answered_by: AccountId | None = None
    answered_at: Seconds | None = None
    answer: str = ""
    change_id: str | None = None
    completed_at: Seconds | None = None

    def is_late(self, now: Seconds) -> bool:
        """Whether the law's time for what comes next has run out."""
        if self.state is CorrectionState.WAITING:
            return now >= self.answer_due
        return self.state is CorrectionState.ACCEPTED and now >= self.complete_due


class RefusedCorrection(RefusedValue):
    """What was asked cannot be a correction."""


def deadlines(asked_at: Seconds, calendar: WorkingDays) -> tuple[Seconds, Seconds]:
    """Return until when a request is to be answered, and carried out."""
    return calendar.due(asked_at, ANSWER_DAYS), days_after(asked_at, COMPLETE_DAYS)


def days_after(moment: Seconds, days: int) -> Seconds:
    """Return the end of so many days of the calendar after the day of a moment."""
    return end_of(day_of(moment + days * 24 * 3600))


def wanted_changes(record: IdentityRecord, typed: Mapping[str, str], today: date) -> dict[str, str]:
    """Return the claims that would change, each in canonical form.

    Raises `RefusedCorrection` for a value that cannot be, a birth after `today` among them, or when nothing would
    change.
    """
    wanted = {}
    for name in CORRECTABLE:
        text = typed.get(name, "").strip()
        if text and text != record.claims.get(name):
            wanted[name] = _canonical(name, text, today)
    wanted = {name: value for name, value in wanted.items() if value != record.claims.get(name)}
    if not wanted:
        raise RefusedCorrection("nothing_changes", "Nothing would change.")
    return wanted


def checked_text(text: str) -> str:
    """Return a reason or an answer as it is kept. Raises `RefusedCorrection` for an empty or overlong one."""
    kept = legible(text, lines=True)
    if not kept or len(kept) > LONGEST_TEXT:
        raise RefusedCorrection("reason", "A reason has 1 to 1000 characters.")
    return kept


def _canonical(name: str, text: str, today: date) -> str:
    try:
        if name == "birthdate":
            born = date.fromisoformat(text)
            if born > today:
                raise RefusedCorrection("birthdate", "A birth that is yet to come is none.")
            return born.isoformat()
        if name == "gender":
            if text not in GENDERS:
                raise RefusedCorrection("gender", "The sex of a record is male or female.")
            return text
        return parse_name(text)
    except RefusedValue:
        raise
    except ValueError as error:
        raise RefusedCorrection(name, "This value cannot be.") from error
