from datetime import UTC, date, datetime

from idp.domain.country_time import day_of, end_of


def test_the_day_begins_seven_hours_before_that_of_utc() -> None:
    assert day_of(int(datetime(2026, 4, 29, 16, 59, 59, tzinfo=UTC).timestamp())) == date(2026, 4, 29)
    assert day_of(int(datetime(2026, 4, 29, 17, tzinfo=UTC).timestamp())) == date(2026, 4, 30)


def test_a_day_ends_at_midnight_of_the_country() -> None:
    assert end_of(date(2026, 4, 29)) == datetime(2026, 4, 29, 17, tzinfo=UTC).timestamp()
    assert day_of(end_of(date(2026, 12, 31)) - 1) == date(2026, 12, 31)
    assert day_of(end_of(date(2026, 12, 31))) == date(2027, 1, 1)


def test_the_last_day_of_the_calendar_ends_with_its_last_second() -> None:
    assert day_of(end_of(date.max)) == date.max
    assert end_of(date.max) - end_of(date(9999, 12, 30)) == 24 * 3600 - 1
