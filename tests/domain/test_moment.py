from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from idp.domain.country_time import COUNTRY_TIME, day_of
from idp.domain.moment import (
    EARLIEST,
    LATEST,
    LATEST_TOLD,
    check_day,
    check_end,
    check_end_day,
    check_moment,
    end_written,
    kept_end,
    kept_moment,
)


@pytest.mark.parametrize("moment", [EARLIEST, 0, 1_790_000_000, LATEST])
def test_a_moment_of_the_years_that_are_kept_can_be_written_everywhere(moment: int) -> None:
    assert check_moment(moment) == check_end(moment) == kept_moment(moment) == kept_end(moment) == moment
    for hours in (-23, 23):
        assert datetime.fromtimestamp(moment, UTC).astimezone(timezone(timedelta(hours=hours))).year


@pytest.mark.parametrize("moment", [-(2**63), EARLIEST - 1, LATEST + 1, LATEST_TOLD + 1, 10**13, 2**63])
def test_any_other_moment_is_refused(moment: int) -> None:
    with pytest.raises(ValueError, match="1970 to 9998"):
        check_moment(moment)
    with pytest.raises(ValueError, match="1970 to 9998"):
        check_end(moment)


def test_a_day_is_one_of_the_years_that_are_kept() -> None:
    assert check_day(date(1970, 1, 1)) == date(1970, 1, 1)
    assert check_end_day(date(9998, 12, 31)) == day_of(LATEST) == date(9998, 12, 31)
    for day in (date(1969, 12, 31), date(9999, 1, 1)):
        with pytest.raises(ValueError, match="1970 to 9998"):
            check_end_day(day)
    with pytest.raises(ValueError, match="1970 to 9998"):
        check_day(date.max)


def test_the_last_day_that_there_is_stands_for_no_end() -> None:
    assert check_end_day(date.max) is None
    assert check_end(LATEST_TOLD) is None
    for zone in (UTC, COUNTRY_TIME):
        assert check_end(int(datetime(9999, 12, 31, tzinfo=zone).timestamp())) is None
    for hours in (-12, 0, 7, 14):
        assert end_written(datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=hours)))) is None
    with pytest.raises(ValueError, match="1970 to 9998"):
        end_written(datetime(9999, 12, 30, tzinfo=UTC))
    assert end_written(datetime(2026, 1, 1, tzinfo=UTC)) == 1_767_225_600


def test_what_was_stored_beyond_the_bounds_is_read_within() -> None:
    assert (kept_moment(-(10**13)), kept_moment(10**13)) == (EARLIEST, LATEST)
    assert (kept_end(None), kept_end(LATEST + 1), kept_end(2**62), kept_end(-(10**13))) == (None, None, None, EARLIEST)
