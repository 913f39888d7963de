"""Personal identification number of a citizen: 12 digits, Decree 137/2015 article 13 and Circular 07/2016/TT-BCA."""

import re
from datetime import date
from typing import Final, Literal, NewType

from idp.domain.people.birthplaces import COUNTRY_CODES_FROM, PROVINCES
from idp.domain.refused_value import InconsistentRecord, RefusedIdentifier
from idp.domain.values import dataclass

PersonalNumber = NewType("PersonalNumber", str)
LegacyPersonalNumber = NewType("LegacyPersonalNumber", str)

Sex = Literal["male", "female"]

_TWELVE_DIGITS: Final = re.compile(r"[0-9]{12}")
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_SEPARATORS: Final = str.maketrans("", "", " .\u00a0")
_LONGEST_INPUT: Final = 32
_LAST_CENTURY_DIGIT: Final = 5
_FIRST_CENTURY: Final = 1900


@dataclass(frozen=True, slots=True)
class PersonalNumberContent:
    """What the digits of a personal number say."""

    birthplace_code: str
    birthplace: str | None
    """Name of the former province; absent for a birth registered abroad."""
    sex: Sex
    birth_year: int


def parse_personal_number(text: str) -> PersonalNumber:
    """Return the 12 digits of `text`, which may be grouped by spaces or dots.

    Raises `RefusedIdentifier` when they are not 12 digits, or name no place of birth or no century.
    """
    if len(text) > _LONGEST_INPUT or not _TWELVE_DIGITS.fullmatch(digits := text.translate(_SEPARATORS)):
        raise RefusedIdentifier("personal_number_form", "A personal number has 12 digits.")
    if digits[:3] not in PROVINCES and digits[:3] < COUNTRY_CODES_FROM:
        raise RefusedIdentifier("personal_number_birthplace", "The personal number names no known place of birth.")
    if int(digits[3]) > _LAST_CENTURY_DIGIT:
        raise RefusedIdentifier("personal_number_century", "The personal number names no century of birth in use.")
    return PersonalNumber(digits)


def parse_legacy_personal_number(text: str) -> LegacyPersonalNumber:
    """Return the old identity-card number of 9 digits, good for looking a person up and for nothing else.

    Raises `RefusedIdentifier` for anything but 9 digits, spaces and dots aside.
    """
    if len(text) > _LONGEST_INPUT or not _NINE_DIGITS.fullmatch(digits := text.translate(_SEPARATORS)):
        raise RefusedIdentifier("legacy_personal_number_form", "An old identity-card number has 9 digits.")
    return LegacyPersonalNumber(digits)


def read_personal_number(number: PersonalNumber) -> PersonalNumberContent:
    """Return place, sex and year of birth as the digits of a parsed number tell them."""
    century_and_sex = int(number[3])
    return PersonalNumberContent(
        birthplace_code=number[:3],
        birthplace=PROVINCES.get(number[:3]),
        sex="female" if century_and_sex % 2 else "male",
        birth_year=_FIRST_CENTURY + 100 * (century_and_sex // 2) + int(number[4:6]),
    )


def is_yet_to_be_born(number: PersonalNumber, birthdate: str | None, today: date) -> bool:
    """Whether the birth lies after `today`: by the claim's day or year, and without a claim by the number's year."""
    if birthdate is None:
        return read_personal_number(number).birth_year > today.year
    return birthdate > today.isoformat()[: len(birthdate)]


def birth_year_of(birthdate: object) -> int | None:
    """Return the year that a claim `birthdate` tells, of a day or a year alone; None for what tells none."""
    told = birthdate[:4] if isinstance(birthdate, str) else ""
    return int(told) if len(told) == 4 and told.isdecimal() else None  # noqa: PLR2004 -- digits of a year


def check_consistency(number: PersonalNumber, *, gender: str | None = None, birth_year: int | None = None) -> None:
    """Raise `InconsistentRecord` when a given gender or year of birth contradicts the number.

    A gender other than male or female says nothing the number could contradict. A number is re-issued when sex or
    birth year are corrected, so a record whose number disagrees is an outdated one.
    """
    content = read_personal_number(number)
    if gender in {"male", "female"} and gender != content.sex:
        raise InconsistentRecord("personal_number_gender", "The gender contradicts the personal number.")
    if birth_year not in {None, content.birth_year}:
        raise InconsistentRecord("personal_number_birth_year", "The birth date contradicts the personal number.")
