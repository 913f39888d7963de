import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.offices.agency_code import parent_code, parse_agency_code
from idp.domain.refused_value import RefusedIdentifier


@pytest.mark.parametrize("text", ["G10", "G10.01", "H26.12.05.ABC1", "A00." + "X" * 31])
def test_a_letter_two_digits_and_dotted_groups_are_an_agency_code(text: str) -> None:
    assert parse_agency_code(text) == text


@pytest.mark.parametrize(
    ("legacy", "present"),
    [
        ("000.00.00.H41", "H41"),
        ("000.00.12.H41", "H41.12"),
        ("000.05.12.h41", "H41.12.05"),
        ("001.00.12.H41", "H41.12.00.001"),
    ],
)
def test_the_reversed_older_form_becomes_the_present_one(legacy: str, present: str) -> None:
    assert parse_agency_code(legacy) == present


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("G10", None),
        ("G10.01", "G10"),
        ("H26.12.05.ABC1", "H26.12.05"),
        ("H41.12.00.001", "H41.12.00"),
    ],
)
def test_the_groups_before_the_last_are_the_code_of_the_unit_above(code: str, above: str | None) -> None:
    assert parent_code(code) == above


@pytest.mark.parametrize(
    "text",
    ["", "Z10", "G1", "10G", "G10.", "G10..01", "G10.đ", "G10 .01", "G10\x00", "A00." + "X" * 32, "0.0.0.H41"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RefusedIdentifier) as refusal:
        parse_agency_code(text)
    assert refusal.value.code == "agency_code_form"


@given(st.text(max_size=40))
def test_arbitrary_text_is_parsed_or_refused(text: str) -> None:
    try:
        code = parse_agency_code(text)
    except RefusedIdentifier:
        return
    assert parse_agency_code(code) == code


@given(st.from_regex(r"\A[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}\Z"))
def test_every_reversed_code_has_a_present_form_that_is_stable(legacy: str) -> None:
    code = parse_agency_code(legacy)
    assert code.startswith(legacy[-3:])
    assert parse_agency_code(code) == code
