"""Electronic identification code of an agency (Decision 20/2020/QĐ-TTg) and its reversed older form (QCVN 102:2016)."""

import re
from typing import Final, NewType

from idp.domain.refused_value import RefusedIdentifier

AgencyCode = NewType("AgencyCode", str)

_LONGEST: Final = 35
_FORM: Final = re.compile(r"[A-Y][0-9]{2}(?:\.[A-Z0-9]+)*")
_LEGACY_FORM: Final = re.compile(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}")


def parse_agency_code(text: str) -> AgencyCode:
    """Return the code in upper case and in its present form, whichever of the two was given.

    Raises `RefusedIdentifier` for anything else.
    """
    if len(text) > _LONGEST or not text.isascii():
        raise _refused()
    code = text.strip().upper()
    if _LEGACY_FORM.fullmatch(code):
        return _from_legacy(code)
    if not _FORM.fullmatch(code):
        raise _refused()
    return AgencyCode(code)


def parent_code(code: str) -> str | None:
    """The code of the unit one level above, by the groups of this one; None for a topmost unit."""
    return code.rpartition(".")[0] or None


def _from_legacy(code: str) -> AgencyCode:
    """Turn `000.00.12.H41` round into `H41.12`: groups of zeros at the end name no unit."""
    groups = code.split(".")[::-1]
    while not groups[-1].strip("0"):
        groups.pop()
    return AgencyCode(".".join(groups))


def _refused() -> RefusedIdentifier:
    return RefusedIdentifier(
        "agency_code_form",
        "An agency code has a letter from A to Y, two digits and groups after dots, at most 35 characters.",
    )
