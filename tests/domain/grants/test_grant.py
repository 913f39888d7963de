from idp.domain.grants.grant import EXPIRY_WEEK, expiry_week, grant_identifier
from idp.domain.ids import Seconds


def test_weeks_sort_as_time_does() -> None:
    moments = [0, EXPIRY_WEEK - 1, EXPIRY_WEEK, 15 * EXPIRY_WEEK, 16 * EXPIRY_WEEK, 2968 * EXPIRY_WEEK + 5]
    weeks = [expiry_week(moment) for moment in moments]
    assert weeks == ["0000", "0000", "0001", "000f", "0010", "0b98"]
    assert weeks == sorted(weeks)


def test_a_grant_s_identifier_begins_with_the_week_in_which_it_expires() -> None:
    assert grant_identifier("019d", Seconds(2968 * EXPIRY_WEEK)) == "0b98019d"
