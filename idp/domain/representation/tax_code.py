"""Tax code of an organisation: 10 digits with a check digit, or 13 with a branch (Circular 86/2024/TT-BTC)."""

from typing import Final, NewType

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.vn import mst

from idp.domain.refused_value import RefusedIdentifier

TaxCode = NewType("TaxCode", str)

_LONGEST_INPUT: Final = 32


def parse_tax_code(text: str) -> TaxCode:
    """Return the 10 or 13 digits of `text` without separators.

    Raises `RefusedIdentifier` for another length, a wrong check digit or a branch 000.
    """
    if len(text) > _LONGEST_INPUT or not text.isascii():
        raise RefusedIdentifier("tax_code_form", "A tax code has 10 digits, or 13 with a branch.")
    try:
        return TaxCode(mst.validate(text))
    except InvalidChecksum as error:
        raise RefusedIdentifier("tax_code_check_digit", "The check digit of the tax code is wrong.") from error
    except ValidationError as error:
        raise RefusedIdentifier("tax_code_form", "A tax code has 10 digits, or 13 with a branch.") from error
