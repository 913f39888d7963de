import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.accounts.phone_number import parse_phone_number
from idp.domain.refused_value import RefusedIdentifier


@pytest.mark.parametrize(
    "text",
    [
        "+84912345678",
        "84912345678",
        "0912345678",
        "0912 345 678",
        "+84 912.345.678",
        "(0912) 345-678",
        "+84\u00a0912345678",
    ],
)
def test_every_way_of_writing_becomes_the_international_form(text: str) -> None:
    assert parse_phone_number(text) == "+84912345678"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "912345678",
        "+840912345678",
        "+85912345678",
        "091234567",
        "09123456789",
        "0912345678\x00",
        "٠٩١٢٣٤٥٦٧٨",
        "0" * 10_000,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RefusedIdentifier) as refusal:
        parse_phone_number(text)
    assert refusal.value.code == "phone_number_form"


@given(st.integers(100_000_000, 999_999_999), st.sampled_from(["0", "84", "+84", "+84 "]))
def test_nine_digits_after_any_prefix_are_one_number(digits: int, prefix: str) -> None:
    assert parse_phone_number(f"{prefix}{digits}") == f"+84{digits}"


@given(st.text(max_size=40))
def test_arbitrary_text_is_parsed_or_refused(text: str) -> None:
    try:
        number = parse_phone_number(text)
    except RefusedIdentifier:
        return
    assert parse_phone_number(number) == number
