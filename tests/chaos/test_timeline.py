import pytest

from tests.chaos.timeline import Timeline


def timeline(*failed: float, until: float = 20.0, every: float = 0.01) -> Timeline:
    """Operations that end a hundred times a second, those given fail."""
    made = Timeline(started=0.0)
    for number in range(int(until / every)):
        made.note("refresh", at=number * every)
    for at in failed:
        made.note("refresh", "503", at=at)
    return made


def test_a_provider_that_never_failed_was_well_at_once() -> None:
    assert timeline().recovery(5.0) == pytest.approx(0, abs=0.02)
    assert timeline().errors == 0.0


def test_recovery_lasts_until_the_last_failure_that_was_one_of_a_hundred_in_five_seconds() -> None:
    assert timeline(5.5, 5.6, 6.1, 6.2, 7.3, 7.4, 7.5, 7.6).recovery(5.0) == pytest.approx(2.6)


def test_a_single_failure_among_many_operations_is_none_of_it() -> None:
    assert timeline(15.0).recovery(5.0) == pytest.approx(0, abs=0.02)


def test_failures_before_the_fault_are_not_its_own() -> None:
    assert timeline(1.0, 2.0).recovery(5.0) == pytest.approx(0, abs=0.02)


def test_who_got_no_answer_at_first_waited_for_it() -> None:
    made = Timeline(started=0.0)
    for at in (4.0, 9.5, 10.5):
        made.note("sign-in", at=at)
    assert made.recovery(5.0) == 4.5


def test_silence_is_the_longest_time_without_a_success() -> None:
    made = Timeline(started=0.0)
    for at in (1.0, 6.0, 9.0, 9.5):
        made.note("sign-in", at=at)
    made.note("sign-in", "503", at=7.0)
    assert made.silence(5.0) == 3.0


def test_failures_are_told_by_kind_and_reason() -> None:
    made = timeline(1.0)
    made.note("sign-in", "no answer in time")
    assert made.reasons == {"refresh: 503": 1, "sign-in: no answer in time": 1}
    assert made.attempted == {"refresh": 2001, "sign-in": 1}
    assert made.errors == pytest.approx(2 / 2002)
