import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.refused_value import RefusedIdentifier
from idp.domain.representation.tax_code import parse_tax_code


@pytest.mark.parametrize(
    ("text", "code"),
    [("0100109106", "0100109106"), ("0314409058-002", "0314409058002"), ("01.00.112.437", "0100112437")],
)
def test_ten_digits_or_thirteen_with_a_branch_are_a_tax_code(text: str, code: str) -> None:
    assert parse_tax_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "tax_code_form"),
        ("010010910", "tax_code_form"),
        ("0314409058-000", "tax_code_form"),
        ("01001091O6", "tax_code_form"),
        ("0100109106\x00", "tax_code_form"),
        ("٠١٠٠١٠٩١٠٦", "tax_code_form"),
        ("0" * 1_000_000, "tax_code_form"),
        ("0100109107", "tax_code_check_digit"),
    ],
)
def test_anything_else_is_refused(text: str, code: str) -> None:
    with pytest.raises(RefusedIdentifier) as refusal:
        parse_tax_code(text)
    assert refusal.value.code == code


def test_nine_digits_whose_check_would_be_ten_have_no_valid_tax_code() -> None:
    # 31 * 0 + 29 * 1 + 23 * 0 + … : a weighted sum that is a multiple of 11 asks for the check "digit" 10.
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    stem = next(
        digits
        for digits in (f"01{serial:07}" for serial in range(1, 1000))
        if sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0
    )
    for check in range(10):
        with pytest.raises(RefusedIdentifier):
            parse_tax_code(f"{stem}{check}")


@given(st.text(max_size=40))
def test_arbitrary_text_is_parsed_or_refused(text: str) -> None:
    try:
        code = parse_tax_code(text)
    except RefusedIdentifier:
        return
    assert code.isascii()
    assert len(code) in {10, 13}
    assert parse_tax_code(code) == code
