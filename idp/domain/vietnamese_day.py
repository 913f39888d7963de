"""Days as they begin and end in Viet Nam, which is seven hours ahead of UTC all year."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from idp.domain.ids import Seconds

VIETNAM: Final = timezone(timedelta(hours=7))


def beginning_of(day: date) -> Seconds:
    """Return the moment at which `day` begins."""
    return Seconds(int(datetime.combine(day, time(), VIETNAM).timestamp()))


def day_of(moment: Seconds) -> date:
    """Return the day that it is at `moment`."""
    return datetime.fromtimestamp(moment, UTC).astimezone(VIETNAM).date()


def birthday(birthdate: date, age: int) -> date:
    """Return the day on which somebody turns `age`; who was born on 29 February does so on 1 March otherwise."""
    try:
        return birthdate.replace(year=birthdate.year + age)
    except ValueError:
        return date(birthdate.year + age, 3, 1)
