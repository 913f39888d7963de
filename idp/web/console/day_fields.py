"""Days as forms of the console give and show them: ISO 8601 as `input type="date"` writes it, in Viet Nam's time."""

from datetime import date, datetime, time

from idp.domain.country_time import COUNTRY_TIME, beginning_of, day_of
from idp.domain.ids import Seconds
from idp.domain.moment import check_moment
from idp.journeys.administration.errors import InvalidEntryError


def read_day(text: str, field: str) -> date | None:
    """Return the day, or None when none was given. Raises `InvalidEntryError`."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidEntryError(field, "malformed") from None


def beginning(text: str, field: str, now: Seconds) -> Seconds:
    """Return when something begins: on the day given, at once on the present day or without one.

    Raises `InvalidEntryError` for a day that is over.
    """
    day, today = read_day(text, field), day_of(now)
    if day is not None and day < today:
        raise InvalidEntryError(field, "past")
    return now if day is None or day == today else _moment(day, field)


def ending(text: str, field: str) -> Seconds | None:
    """Return when something ends: as the day given begins; None without one. Raises `InvalidEntryError`."""
    day = read_day(text, field)
    return None if day is None else _moment(day, field)


def _moment(day: date, field: str) -> Seconds:
    try:
        return check_moment(beginning_of(day))
    except ValueError:
        raise InvalidEntryError(field, "malformed") from None


def shown(day: date | None) -> datetime | None:
    """Return a day as templates take it."""
    return None if day is None else datetime.combine(day, time(12), COUNTRY_TIME)
