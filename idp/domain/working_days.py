"""Working days of the administration: Monday to Friday, but for the days that are not what their weekday says.

Public holidays are those of Labour Code 2019 article 112; which days they fall on, and which Saturday is worked for
which Monday, is decided for each year. The table is a start: what is imported counts before it.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from idp.domain.country_time import day_of, end_of
from idp.domain.ids import Seconds
from idp.domain.values import dataclass

_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not what its weekday says: a holiday, or (`works`) one that is worked instead of another."""

    day: date
    works: bool
    name: str


def special_day(day: str, name: str, *, works: bool) -> SpecialDay:
    """Return a day told as ISO 8601 writes it. Raises `ValueError`."""
    return SpecialDay(date.fromisoformat(day), works=works, name=name)


def _holidays(name: str, *days: str) -> Iterable[SpecialDay]:
    return (special_day(day, name, works=False) for day in days)


KNOWN_DAYS: Final = (
    *_holidays("Tết Dương lịch", "2026-01-01", "2026-01-02", "2027-01-01"),
    SpecialDay(date(2026, 1, 10), works=True, name="Làm bù ngày 02/01"),
    *_holidays(
        "Tết Nguyên đán",
        *("2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20"),
        *("2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11"),
    ),
    *_holidays("Giỗ Tổ Hùng Vương", "2026-04-27", "2027-04-16"),
    *_holidays("Ngày Chiến thắng và Quốc tế Lao động", "2026-04-30", "2026-05-01", "2027-04-30", "2027-05-03"),
    SpecialDay(date(2026, 8, 22), works=True, name="Làm bù ngày 31/8"),
    *_holidays("Quốc khánh", "2026-08-31", "2026-09-01", "2026-09-02", "2027-09-02", "2027-09-03"),
)
"""Days of 2026 as announced, those of 2027 as the law and the lunar calendar have them."""


class WorkingDays:
    """Counts working days."""

    def __init__(self, imported: Iterable[SpecialDay] = ()) -> None:
        self._works: Mapping[date, bool] = MappingProxyType({each.day: each.works for each in (*KNOWN_DAYS, *imported)})

    def is_working(self, day: date) -> bool:
        """Whether a day is worked."""
        return self._works.get(day, day.weekday() <= _FRIDAY)

    def due(self, since: int, days: int) -> Seconds:
        """Return the end of the last of so many working days (at least one) after the day of a moment.

        The day itself does not count (Civil Code 2015 articles 147 and 148); days are the country's.
        """
        day = day_of(since)
        while days:
            day += timedelta(days=1)
            days -= self.is_working(day)
        return end_of(day)
