"""Moments that are kept: of the years 1970 to 9998, which every calendar and time zone can write.

Personnel systems write the last day that there is, 9999-12-31, where something has no end.
"""

from datetime import date, datetime
from typing import Final

from idp.domain.country_time import beginning_of
from idp.domain.ids import Seconds

EARLIEST: Final = beginning_of(date(1970, 1, 1))
LATEST: Final = Seconds(beginning_of(date(9999, 1, 1)) - 1)
LATEST_TOLD: Final = Seconds(253_402_300_799)
"""9999-12-31T23:59:59Z."""
_NO_END: Final = beginning_of(date.max)


def check_moment(told: int) -> Seconds:
    """Return a moment that was told. Raises `ValueError` for one outside the years that are kept."""
    if not EARLIEST <= told <= LATEST:
        raise ValueError("must lie in the years 1970 to 9998")
    return Seconds(told)


def check_end(told: int) -> Seconds | None:
    """Return when something ends, None for the last day that there is. Raises `ValueError` as `check_moment` does."""
    return None if _NO_END <= told <= LATEST_TOLD else check_moment(told)


def check_end_day(told: date) -> date | None:
    """Return the first day after something, None for the last one that there is. Raises `ValueError`."""
    return None if told == date.max else check_day(told)


def check_day(told: date) -> date:
    """Return a day that was told. Raises `ValueError` for one outside the years that are kept."""
    check_moment(beginning_of(told))
    return told


def end_written(told: datetime) -> Seconds | None:
    """Return when something ends, as `check_end` does: of the last day in whatever time zone it was written."""
    return None if told.date() == date.max else check_moment(int(told.timestamp()))


def kept_moment(stored: int) -> Seconds:
    """Return a stored moment; one from before there were bounds becomes the nearest within."""
    return Seconds(min(max(stored, EARLIEST), LATEST))


def kept_end(stored: int | None) -> Seconds | None:
    """Return a stored end; one beyond the bounds is none."""
    return None if stored is None or stored > LATEST else kept_moment(stored)
