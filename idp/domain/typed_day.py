"""A day as people type it: day, month and year, or as a date field of a browser sends it (ISO 8601)."""

import re
from datetime import date
from typing import Final

_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def read_typed_day(text: str) -> date | None:
    """Return the day that was typed; None for what is none."""
    typed = text.strip()[:32]
    day_first, year_first = _DAY_FIRST.fullmatch(typed), _YEAR_FIRST.fullmatch(typed)
    if day_first:
        day, month, year = map(int, day_first.groups())
    elif year_first:
        year, month, day = map(int, year_first.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
