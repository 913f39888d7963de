"""Days as the country counts them: UTC+7, without daylight saving (Decision 134/2002/QĐ-TTg)."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from idp.domain.ids import Seconds

COUNTRY_TIME: Final = timezone(timedelta(hours=7), "+07")


def day_of(moment: int) -> date:
    """Return the day that a moment falls on."""
    return datetime.fromtimestamp(moment, UTC).astimezone(COUNTRY_TIME).date()


def beginning_of(day: date) -> Seconds:
    """Return the moment at which a day begins."""
    return Seconds(int(datetime.combine(day, time(), COUNTRY_TIME).timestamp()))


def end_of(day: date) -> Seconds:
    """Return the first moment after a day: a term that ends with the day holds until then.

    The end of the last day of the calendar, which stands for no end on some cards, is its last second.
    """
    return beginning_of(day + timedelta(days=1)) if day < date.max else Seconds(beginning_of(day) + 24 * 3600 - 1)
