"""Days as the country counts them: UTC+7, without daylight saving (Decision 134/2002/QĐ-TTg)."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from idp.domain.ids import Seconds

COUNTRY_TIME: Final = timezone(timedelta(hours=7), "+07")


def day_of(moment: int) -> date:
    """Return the day that a moment falls on."""
    return datetime.fromtimestamp(moment, UTC).astimezone(COUNTRY_TIME).date()


def end_of(day: date) -> Seconds:
    """Return the first moment after a day: a term that ends with the day holds until then."""
    midnight = datetime.combine(day + timedelta(days=1), time(), COUNTRY_TIME)
    return Seconds(int(midnight.timestamp()))
