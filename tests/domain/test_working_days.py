from datetime import UTC, date, datetime

import pytest

from idp.domain.country_time import COUNTRY_TIME, day_of
from idp.domain.working_days import KNOWN_DAYS, SpecialDay, WorkingDays


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=COUNTRY_TIME).timestamp())


def last_day(since: str, days: int, *imported: SpecialDay) -> date:
    return day_of(WorkingDays(imported).due(at(since), days) - 1)


@pytest.mark.parametrize(
    ("since", "days", "last"),
    [
        ("2026-11-23T09:00", 1, "2026-11-24"),
        ("2026-11-23T23:59", 1, "2026-11-24"),
        ("2026-11-24T00:00", 1, "2026-11-25"),
        ("2026-11-27T16:00", 1, "2026-11-30"),
        ("2026-11-28T10:00", 1, "2026-11-30"),
        ("2026-11-26T10:00", 2, "2026-11-30"),
        # Over the lunar new year, over the days of national liberation, and to a Saturday that is worked.
        ("2026-02-13T15:00", 2, "2026-02-24"),
        ("2026-04-29T10:00", 2, "2026-05-05"),
        ("2026-08-21T10:00", 1, "2026-08-22"),
        ("2026-08-28T10:00", 1, "2026-09-03"),
    ],
)
def test_working_days_are_counted_from_the_day_after(since: str, days: int, last: str) -> None:
    assert last_day(since, days) == date.fromisoformat(last)


def test_a_term_ends_at_midnight_of_the_country() -> None:
    due = WorkingDays().due(at("2026-11-23T09:00"), 1)
    assert due == datetime(2026, 11, 24, 17, tzinfo=UTC).timestamp()


def test_what_is_imported_counts_before_what_was_known() -> None:
    storm = SpecialDay(date(2026, 11, 24), works=False, name="Bão")
    assert last_day("2026-11-23T09:00", 1, storm) == date(2026, 11, 25)
    worked = SpecialDay(date(2026, 9, 2), works=True, name="Đổi ngày")
    assert last_day("2026-08-28T10:00", 1, worked) == date(2026, 9, 2)


def test_no_day_is_told_twice_and_only_weekends_are_worked_instead() -> None:
    assert len({each.day for each in KNOWN_DAYS}) == len(KNOWN_DAYS)
    assert all(each.day.weekday() > 4 for each in KNOWN_DAYS if each.works)
    assert all(each.day.weekday() <= 4 for each in KNOWN_DAYS if not each.works)
