from datetime import date

import pytest

from idp.domain.accounts.records import PersonRecord

TODAY = date(2026, 9, 21)


@pytest.mark.parametrize(
    ("birthdate", "is_yet_to_come"),
    [("2026-09-21", False), ("2026-09-22", True), ("2026", False), ("2027", True), ("1999-01-02", False)],
)
def test_a_birth_lies_in_the_future_from_tomorrow_on(birthdate: str, is_yet_to_come: bool) -> None:
    record = PersonRecord("001226000001", {"birthdate": birthdate})
    assert record.is_yet_to_be_born(TODAY) is is_yet_to_come


@pytest.mark.parametrize(("number", "is_yet_to_come"), [("001226000001", False), ("001227000001", True)])
def test_without_a_day_of_birth_the_personal_number_tells_the_year(number: str, is_yet_to_come: bool) -> None:
    assert PersonRecord(number, {}).is_yet_to_be_born(TODAY) is is_yet_to_come
