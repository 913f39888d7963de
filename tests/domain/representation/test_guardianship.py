from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.country_time import beginning_of
from idp.domain.ids import PersonId, Seconds
from idp.domain.representation.guardianship import (
    LOOK_AGAIN,
    ChildStage,
    Guardianship,
    GuardianshipEnd,
    GuardianshipKind,
    birthday,
    day_of_birth,
    stage_of,
)

BORN = date(2015, 3, 4)
SIX, FOURTEEN = beginning_of(date(2021, 3, 4)), beginning_of(date(2029, 3, 4))
MINOR = Guardianship(
    "g", GuardianshipKind.MINOR, PersonId("guardian"), Seconds(0), PersonId("child"), confirmed_at=Seconds(SIX - 100)
)


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.sampled_from([6, 14]))
def test_nobody_turns_an_age_before_the_day(born: date, age: int) -> None:
    day = birthday(born, age)
    assert day.year == born.year + age
    assert (day.month, day.day) in {(born.month, born.day), (3, 1)}


def test_who_was_born_on_29_february_turns_on_1_march_in_other_years() -> None:
    assert birthday(date(2016, 2, 29), 6) == date(2022, 3, 1)
    assert birthday(date(2016, 2, 29), 4) == date(2020, 2, 29)


@pytest.mark.parametrize(
    ("at", "stage"),
    [
        (SIX - 1, ChildStage.UNDER_SIX),
        (SIX, ChildStage.SIX_TO_THIRTEEN),
        (FOURTEEN - 1, ChildStage.SIX_TO_THIRTEEN),
        (FOURTEEN, ChildStage.FROM_FOURTEEN),
    ],
)
def test_stages_change_as_the_birthday_begins_in_the_country(at: int, stage: ChildStage) -> None:
    assert stage_of(BORN, Seconds(at)) is stage


def test_a_minor_s_guardianship_is_over_as_the_fourteenth_birthday_begins() -> None:
    assert MINOR.is_in_force(BORN, Seconds(FOURTEEN - 1))
    assert not MINOR.is_in_force(BORN, FOURTEEN)
    assert not MINOR.is_in_force(None, SIX)


def test_a_ward_s_goes_on_until_somebody_ends_it() -> None:
    ward = replace(MINOR, kind=GuardianshipKind.WARD)
    assert ward.is_in_force(None, Seconds(FOURTEEN * 2))
    ended = replace(ward, ended_at=SIX, end=GuardianshipEnd.WITHDRAWN)
    assert not ended.is_in_force(BORN, SIX)


def test_nothing_counts_before_an_office_confirmed_it() -> None:
    assert not replace(MINOR, confirmed_at=None).is_in_force(BORN, SIX)


def test_the_guardian_is_to_be_told_at_six_and_at_fourteen_once() -> None:
    assert MINOR.review_due(BORN, Seconds(SIX - 1)) is None
    assert MINOR.review_due(BORN, SIX) == 6
    assert replace(MINOR, reviewed_age=6).review_due(BORN, SIX) is None
    assert replace(MINOR, reviewed_age=6).review_due(BORN, FOURTEEN) == 14
    assert MINOR.review_due(BORN, FOURTEEN) == 14
    assert replace(MINOR, reviewed_age=14).review_due(BORN, FOURTEEN) is None


def test_who_was_guardian_until_fourteen_is_still_to_be_told() -> None:
    over = replace(MINOR, reviewed_age=6, ended_at=FOURTEEN, end=GuardianshipEnd.GROWN_UP)
    assert over.review_due(BORN, FOURTEEN) == 14
    assert replace(over, reviewed_age=14).review_due(BORN, FOURTEEN) is None


def test_a_child_who_was_six_when_it_was_confirmed_is_not_reviewed_for_that() -> None:
    later = replace(MINOR, confirmed_at=Seconds(SIX + 1))
    assert later.review_due(BORN, Seconds(SIX + 2)) is None


def test_wards_and_what_is_not_in_force_are_not_reviewed() -> None:
    assert replace(MINOR, kind=GuardianshipKind.WARD).review_due(BORN, FOURTEEN) is None
    assert replace(MINOR, ended_at=SIX, end=GuardianshipEnd.WITHDRAWN).review_due(BORN, FOURTEEN) is None
    assert replace(MINOR, confirmed_at=None).review_due(BORN, FOURTEEN) is None
    assert MINOR.review_due(None, FOURTEEN) is None


@pytest.mark.parametrize(("claim", "day"), [("2015-03-04", BORN), ("2015", None), (None, None), (2015, None)])
def test_only_a_whole_day_is_a_birthdate(claim: object, day: date | None) -> None:
    assert day_of_birth(claim) == day


@pytest.mark.parametrize(
    ("at", "next_look"),
    [
        (SIX - LOOK_AGAIN - 1, SIX - 1),
        (SIX - LOOK_AGAIN, SIX),
        (SIX - 1, SIX),
        (SIX, SIX + LOOK_AGAIN),
        (FOURTEEN - 1, FOURTEEN),
        (FOURTEEN, FOURTEEN + LOOK_AGAIN),
    ],
)
def test_a_minor_s_is_looked_at_again_on_the_next_birthday_that_counts_or_after_a_month(
    at: int, next_look: int
) -> None:
    assert MINOR.look_again_at(BORN, Seconds(at)) == next_look
    assert MINOR.look_again_at(None, Seconds(at)) == at + LOOK_AGAIN


def test_a_ward_s_and_one_that_has_nothing_left_to_do_are_never_looked_at_again() -> None:
    for changes in (
        {"kind": GuardianshipKind.WARD},
        {"reviewed_age": 14},
        {"ended_at": SIX, "end": GuardianshipEnd.WITHDRAWN},
    ):
        assert replace(MINOR, **changes).look_again_at(BORN, SIX) is None
    grown_up = replace(MINOR, ended_at=FOURTEEN, end=GuardianshipEnd.GROWN_UP)
    assert grown_up.look_again_at(BORN, FOURTEEN) is not None


@given(
    st.dates(date(2010, 1, 1), date(2030, 12, 31)), st.integers(SIX - 10**8, FOURTEEN + 10**8), st.integers(0, 10**8)
)
def test_nothing_falls_due_before_the_next_look(born: date, at: int, later: int) -> None:
    now, then = Seconds(at), Seconds(at + later)
    next_look = MINOR.look_again_at(born, now)
    if MINOR.review_due(born, now) is None and next_look is not None and then < next_look:
        assert MINOR.review_due(born, then) is None
