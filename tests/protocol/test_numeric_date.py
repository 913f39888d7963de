import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.numeric_date import END_OF_TIME, MalformedNumericDateError, read_numeric_date


@pytest.mark.parametrize("value", [1, 0.5, 1_700_000_000, 1_700_000_000.25, END_OF_TIME - 1])
def test_a_moment_is_an_integer_or_a_fraction_of_seconds(value: float) -> None:
    assert read_numeric_date({"exp": value}, "exp") == value


@pytest.mark.parametrize("claims", [{}, {"exp": None}])
def test_a_claim_that_is_not_there_names_no_moment(claims: dict[str, None]) -> None:
    assert read_numeric_date(claims, "exp") is None


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        -1000.5,
        -(10**30),
        -(10**400),
        10**400,
        END_OF_TIME,
        math.inf,
        -math.inf,
        math.nan,
        True,
        False,
        "1700000000",
        [],
        {},
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_no_clock_can_show_is_refused_by_the_name_of_its_claim(value: object) -> None:
    with pytest.raises(MalformedNumericDateError, match="malformed nbf") as refused:
        read_numeric_date({"nbf": value}, "nbf")
    assert refused.value.claim == "nbf"


@given(st.one_of(st.integers(), st.floats(), st.booleans(), st.text(), st.just(10**4000)))
def test_with_what_is_taken_anybody_can_count(value: object) -> None:
    try:
        moment = read_numeric_date({"exp": value}, "exp")
    except MalformedNumericDateError:
        return
    assert moment is not None
    assert 0 <= int(moment) < END_OF_TIME
    assert math.isfinite(moment - 0.5)
