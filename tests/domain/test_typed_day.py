from datetime import date

import pytest

from idp.domain.typed_day import read_typed_day


@pytest.mark.parametrize("typed", ["30/4/2003", "30.04.2003", "30-04-2003", "30 4 2003", " 2003-04-30 "])
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert read_typed_day(typed) == date(2003, 4, 30)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "31/4/2003", "2003-02-29", "0/1/2003", "4/30/2003", "30/4/03", "2003-4-30", "1/1/0000", "2003-W18-3"),
        *("01/01/99999999999999999999", "١/١/٢٠٢٦", "30/4/2003/1", "30//4/2003", "-1/1/2003"),
    ],
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_typed_day(typed) is None
