from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.ids import Seconds
from idp.domain.people.predicates import AGES, PREDICATES, answer


def at(text: str) -> Seconds:
    return Seconds(int(datetime.fromisoformat(f"{text}+07:00").timestamp()))


@pytest.mark.parametrize(
    ("birthdate", "moment", "expected"),
    [
        ("2007-11-22", "2025-11-21T23:59:59", False),
        ("2007-11-22", "2025-11-22T00:00:00", True),
        ("2008-02-29", "2026-02-28T12:00:00", False),
        ("2008-02-29", "2026-03-01T00:00:00", True),
        ("2004-02-29", "2022-02-28T23:00:00", False),
    ],
)
def test_a_year_is_complete_from_the_birthday_on_as_days_go_in_the_country(
    birthdate: str, moment: str, expected: bool
) -> None:
    assert answer("age_over_18", {"birthdate": birthdate}, at(moment), None) is expected


@pytest.mark.parametrize(("year", "expected"), [("2006", True), ("2007", None), ("2008", False)])
def test_a_birth_year_alone_answers_where_the_day_would_not_matter(year: str, expected: bool | None) -> None:
    assert answer("age_over_18", {"birthdate": year}, at("2025-11-22T12:00:00"), None) is expected


@pytest.mark.parametrize("birthdate", [None, "", "0000", "0000-05-01", "May 1990", "1990-05", 1990])
def test_what_is_no_birthdate_answers_nothing(birthdate: object) -> None:
    assert answer("age_over_14", {"birthdate": birthdate}, at("2025-11-22T12:00:00"), None) is None


@given(st.dates(date(1900, 1, 1), date(2050, 12, 31)), st.integers(0, 2_500_000_000))
def test_who_is_over_one_age_is_over_every_lower_one(born: date, now: int) -> None:
    told = [answer(name, {"birthdate": born.isoformat()}, Seconds(now), None) for name in AGES]
    assert None not in told
    assert told == sorted(told, key=bool, reverse=True)


@pytest.mark.parametrize(
    ("residence", "asked", "expected"),
    [
        ({"province": "01", "commune": "00004"}, {"01"}, True),
        ({"province": "01", "commune": "00004"}, {"00004"}, True),
        ({"province": "01", "commune": "00004"}, {"79", "26734"}, False),
        ({"province": "01"}, {"00004"}, False),
        ({}, {"01"}, None),
        (None, {"01"}, None),
        ("01", {"01"}, None),
        ({"province": "01"}, None, None),
    ],
)
def test_a_residence_lies_in_its_province_and_in_its_commune(
    residence: object, asked: set[str] | None, expected: bool | None
) -> None:
    accepts = asked.__contains__ if asked is not None else None
    assert answer("resident_of", {"residence": residence}, at("2025-11-22T12:00:00"), accepts) is expected


def test_every_predicate_names_the_claim_that_it_tells_a_part_of() -> None:
    assert set(PREDICATES.values()) == {"birthdate", "address"}
