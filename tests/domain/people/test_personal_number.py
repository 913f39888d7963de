from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.birthplaces import PROVINCES
from idp.domain.people.personal_number import (
    PersonalNumber,
    birth_year_of,
    check_consistency,
    is_yet_to_be_born,
    parse_legacy_personal_number,
    parse_personal_number,
    read_personal_number,
)
from idp.domain.refused_value import InconsistentRecord, RefusedIdentifier


def test_the_digits_tell_place_sex_and_year_of_birth() -> None:
    content = read_personal_number(parse_personal_number("001099000001"))

    assert (content.birthplace_code, content.birthplace) == ("001", "Hà Nội")
    assert (content.sex, content.birth_year) == ("male", 1999)


@pytest.mark.parametrize(
    ("number", "sex", "year"),
    [
        ("079000000001", "male", 1900),
        ("079199000001", "female", 1999),
        ("079200000001", "male", 2000),
        ("079315000001", "female", 2015),
        ("079401000001", "male", 2101),
        ("079599000001", "female", 2199),
    ],
)
def test_the_fourth_digit_is_century_and_sex(number: str, sex: str, year: int) -> None:
    content = read_personal_number(parse_personal_number(number))

    assert (content.sex, content.birth_year) == (sex, year)


@pytest.mark.parametrize("text", ["001 099 000 001", "001.099.000.001", " 001099000001 "])
def test_spaces_and_dots_are_no_part_of_the_number(text: str) -> None:
    assert parse_personal_number(text) == "001099000001"


def test_a_birth_registered_abroad_has_a_country_code_and_no_province() -> None:
    assert read_personal_number(parse_personal_number("101099000001")).birthplace is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "personal_number_form"),
        ("00109900000", "personal_number_form"),
        ("0010990000011", "personal_number_form"),
        ("00109900000x", "personal_number_form"),
        ("00109900000\x00", "personal_number_form"),
        ("00109900000\n1", "personal_number_form"),
        ("٠٠١٠٩٩٠٠٠٠٠١", "personal_number_form"),
        ("0" * 100_000, "personal_number_form"),
        ("003099000001", "personal_number_birthplace"),
        ("000099000001", "personal_number_birthplace"),
        ("001699000001", "personal_number_century"),
        ("001999000001", "personal_number_century"),
    ],
)
def test_anything_else_is_refused_with_a_code_and_without_repeating_it(text: str, code: str) -> None:
    with pytest.raises(RefusedIdentifier) as refusal:
        parse_personal_number(text)

    assert refusal.value.code == code
    assert not text or text not in str(refusal.value)


@given(st.text(max_size=40))
def test_arbitrary_text_is_parsed_or_refused(text: str) -> None:
    try:
        number = parse_personal_number(text)
    except RefusedIdentifier:
        return
    assert parse_personal_number(number) == number


@given(
    place=st.sampled_from(sorted(PROVINCES)),
    century_and_sex=st.integers(0, 5),
    year=st.integers(0, 99),
    rest=st.integers(0, 999_999),
)
def test_every_well_formed_number_is_consistent_with_what_it_says(
    place: str, century_and_sex: int, year: int, rest: int
) -> None:
    number = parse_personal_number(f"{place}{century_and_sex}{year:02}{rest:06}")
    content = read_personal_number(number)

    check_consistency(number, gender=content.sex, birth_year=content.birth_year)


def test_a_contradicting_gender_is_named_as_the_reason() -> None:
    with pytest.raises(InconsistentRecord) as refusal:
        check_consistency(PersonalNumber("001099000001"), gender="female")
    assert refusal.value.code == "personal_number_gender"


def test_a_contradicting_birth_year_is_named_as_the_reason() -> None:
    with pytest.raises(InconsistentRecord) as refusal:
        check_consistency(PersonalNumber("001099000001"), gender="male", birth_year=1998)
    assert refusal.value.code == "personal_number_birth_year"


def test_what_is_not_told_or_neither_male_nor_female_contradicts_nothing() -> None:
    check_consistency(PersonalNumber("001099000001"))
    check_consistency(PersonalNumber("001099000001"), gender="other")


def test_an_old_number_has_nine_digits() -> None:
    assert parse_legacy_personal_number("012 345 678") == "012345678"


@pytest.mark.parametrize("text", ["", "01234567", "0123456789", "01234567a", "1" * 100])
def test_an_old_number_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(RefusedIdentifier) as refusal:
        parse_legacy_personal_number(text)
    assert refusal.value.code == "legacy_personal_number_form"


@pytest.mark.parametrize(
    ("birthdate", "is_yet_to_come"),
    [("2026-09-21", False), ("2026-09-22", True), ("2026", False), ("2027", True), ("1999-01-02", False)],
)
def test_a_birth_lies_in_the_future_from_tomorrow_on(birthdate: str, is_yet_to_come: bool) -> None:
    assert is_yet_to_be_born(PersonalNumber("001226000001"), birthdate, date(2026, 9, 21)) is is_yet_to_come


@pytest.mark.parametrize(("number", "is_yet_to_come"), [("001226000001", False), ("001227000001", True)])
def test_without_a_day_of_birth_the_personal_number_tells_the_year(number: str, is_yet_to_come: bool) -> None:
    assert is_yet_to_be_born(PersonalNumber(number), None, date(2026, 9, 21)) is is_yet_to_come


@pytest.mark.parametrize(
    ("birthdate", "year"),
    [("1999-01-02", 1999), ("1999", 1999), ("199", None), ("born", None), (None, None)],
)
def test_a_birthdate_tells_a_year_whether_it_is_a_day_or_not(birthdate: object, year: int | None) -> None:
    assert birth_year_of(birthdate) == year
