"""Vietnamese telephone number in the international form of ITU-T E.164: +84 and 9 digits."""

import re
from typing import Final, NewType

from idp.domain.refused_value import RefusedIdentifier

PhoneNumber = NewType("PhoneNumber", str)

_LONGEST_INPUT: Final = 32
_SEPARATORS: Final = str.maketrans("", "", " .\u00a0-()")
_FORM: Final = re.compile(r"(?:\+84|84|0)([1-9][0-9]{8})")


def parse_phone_number(text: str) -> PhoneNumber:
    """Return `+84` and 9 digits for a number written with `0`, `84` or `+84` in front, separators aside.

    Raises `RefusedIdentifier` for anything else.
    """
    if len(text) > _LONGEST_INPUT or not (match := _FORM.fullmatch(text.translate(_SEPARATORS))):
        raise RefusedIdentifier("phone_number_form", "A phone number has +84 or 0 and 9 more digits.")
    return PhoneNumber("+84" + match[1])
