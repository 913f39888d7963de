"""The machine's clock is followed while it moves as time does, and no further."""

import pytest

from idp.adapters.crypto.system import SystemClock
from idp.adapters.steady_clock import SteadyClock, node_clock
from idp.domain.ids import Seconds
from tests.adapters.turned_clock import START, TurnedClock

HOUR = 3600


class Time:
    """A machine: its clock, and the time that really passes."""

    def __init__(self) -> None:
        self.shown = TurnedClock()
        self.passed = 5.0
        self.clock = SteadyClock(self.shown, lambda: self.passed)

    def goes_by(self, seconds: int) -> None:
        self.passed += seconds
        self.shown.seconds += seconds

    def jumps(self, seconds: int) -> None:
        self.shown.seconds += seconds


def test_time_goes_by() -> None:
    time = Time()
    time.goes_by(HOUR)
    assert time.clock.now() == START + HOUR
    assert time.clock.milliseconds() == (START + HOUR) * 1000
    assert not time.clock.is_doubted


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 16, -16])
def test_a_jump_is_not_followed(jump: int) -> None:
    time = Time()
    time.jumps(jump)
    assert time.clock.now() == START
    time.goes_by(60)
    assert time.clock.now() == START + 60
    assert time.clock.is_doubted


@pytest.mark.parametrize("correction", [15, -15, 1])
def test_what_a_time_server_puts_right_is(correction: int) -> None:
    time = Time()
    time.jumps(correction)
    assert time.clock.now() == START + correction
    assert not time.clock.is_doubted


def test_a_clock_that_is_put_back_is_followed_again() -> None:
    time = Time()
    time.jumps(HOUR)
    assert time.clock.now() == START
    time.jumps(-HOUR)
    assert time.clock.now() == START
    assert not time.clock.is_doubted


def test_a_clock_that_was_wrong_before_is_followed_once_the_stores_agree_with_it() -> None:
    time = Time()
    time.jumps(HOUR)
    assert time.clock.now() == START
    time.clock.settle(Seconds(START + HOUR + 1))
    assert time.clock.now() == START + HOUR
    assert not time.clock.is_doubted


def test_a_clock_that_the_stores_do_not_agree_with_is_not() -> None:
    time = Time()
    time.jumps(HOUR)
    assert time.clock.now() == START
    time.clock.settle(Seconds(START))
    assert time.clock.now() == START
    assert time.clock.is_doubted


def test_whoever_is_not_in_doubt_has_nothing_to_settle() -> None:
    time = Time()
    time.clock.settle(Seconds(START + HOUR))
    assert time.clock.now() == START


def test_it_is_the_systems_time() -> None:
    assert abs(node_clock("postgresql://idp@127.0.0.1/idp").now() - SystemClock().now()) <= 1


def test_on_one_machine_nobody_can_tell_who_is_right() -> None:
    assert isinstance(node_clock("postgresql://idp@127.0.0.1/idp"), SteadyClock)
    assert isinstance(node_clock("sqlite:////tmp/idp.db"), SystemClock)
