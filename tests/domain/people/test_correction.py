from dataclasses import replace
from datetime import date, datetime

import pytest

from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.correction import (
    LONGEST_TEXT,
    CorrectionRequest,
    CorrectionState,
    RefusedCorrection,
    checked_text,
    days_after,
    deadlines,
    wanted_changes,
)
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.refused_value import RefusedValue
from idp.domain.working_days import WorkingDays

RECORD = IdentityRecord(
    PersonId("p"), "001099000001", 2, {"name": "Nguyễn Thị Hoà", "birthdate": "1999-01-02", "gender": "female"}
)
TODAY = date(2026, 11, 23)


def at(text: str) -> Seconds:
    return Seconds(int(datetime.fromisoformat(f"{text}+07:00").timestamp()))


@pytest.mark.parametrize(
    ("asked", "answer", "complete"),
    [
        ("2026-11-23T09:00:00", "2026-11-26T00:00:00", "2026-12-04T00:00:00"),
        ("2026-11-20T23:59:59", "2026-11-25T00:00:00", "2026-12-01T00:00:00"),
        ("2026-11-21T08:00:00", "2026-11-25T00:00:00", "2026-12-02T00:00:00"),
        ("2026-04-24T08:00:00", "2026-04-30T00:00:00", "2026-05-05T00:00:00"),
    ],
)
def test_an_answer_takes_two_working_days_and_the_correction_ten_of_the_calendar(
    asked: str, answer: str, complete: str
) -> None:
    assert deadlines(at(asked), WorkingDays()) == (at(answer), at(complete))


def test_a_term_of_days_ends_with_its_last_day_in_the_country() -> None:
    assert days_after(at("2026-11-22T00:00:00"), 20) == days_after(at("2026-11-22T23:59:59"), 20)


def test_only_what_differs_is_asked_for_in_canonical_form() -> None:
    typed = {"name": "  Nguyễn  Thị Hòa ", "birthdate": "1999-01-02", "gender": "male", "personal_number": "1"}
    assert wanted_changes(RECORD, typed, TODAY) == {"name": "Nguyễn Thị Hòa", "gender": "male"}


def test_a_birth_today_may_be_asked_for() -> None:
    assert wanted_changes(RECORD, {"birthdate": "2026-11-23"}, TODAY) == {"birthdate": "2026-11-23"}


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"name": "Nguyễn Thị Hoà"},
        {"name": " Nguyễn  Thị  Hoà "},
        {"birthdate": "02/01/1999"},
        {"birthdate": "2026-11-24"},
        {"birthdate": "1999-02-30"},
        {"gender": "unknown"},
        {"name": "a" * 300},
        {"personal_number": "001099000002"},
    ],
)
def test_what_is_no_correction_is_refused(typed: dict[str, str]) -> None:
    with pytest.raises(RefusedValue):
        wanted_changes(RECORD, typed, TODAY)


def test_a_reason_is_some_text_of_bounded_length() -> None:
    assert checked_text(" Sai dấu\r\ntrong tên ") == "Sai dấu\ntrong tên"
    assert checked_text("Sai\0dấu\u202e\ntrong tên") == "Sai dấu\ntrong tên"
    for text in ("", "  ", "x" * (LONGEST_TEXT + 1)):
        with pytest.raises(RefusedCorrection):
            checked_text(text)


def test_a_request_is_late_by_the_clock_of_what_comes_next() -> None:
    asked = CorrectionRequest(
        request_id="r",
        account_id=AccountId("a"),
        person_id=PersonId("p"),
        wanted={},
        reason="x",
        state=CorrectionState.WAITING,
        asked_at=Seconds(0),
        answer_due=Seconds(10),
        complete_due=Seconds(20),
    )
    accepted = replace(asked, state=CorrectionState.ACCEPTED)
    done = replace(asked, state=CorrectionState.DONE)
    late = [[each.is_late(Seconds(now)) for now in (9, 10, 20)] for each in (asked, accepted, done)]
    assert late == [[False, True, True], [False, False, True], [False, False, False]]
