"""When those who found no room come back."""

from dataclasses import dataclass

import pytest

from idp.adapters.crypto.returning import LONGEST, Returning


@dataclass
class Hands:
    """A clock that somebody moves."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


def test_as_many_come_back_in_a_second_as_there_is_room_for(hands: Hands) -> None:
    line = Returning(0.25, 2, hands)
    waits = [line.wait() for _ in range(40)]
    assert [waits.count(second) for second in range(1, 6)] == [8] * 5


def test_the_line_moves_on_while_nobody_comes(hands: Hands) -> None:
    line = Returning(0.5, 1, hands)
    assert [line.wait() for _ in range(6)] == [1, 1, 2, 2, 3, 3]
    hands.now += 2.0
    assert [line.wait() for _ in range(2)] == [2, 2]
    hands.now += 100.0
    assert line.wait() == 1


def test_nobody_waits_for_longer_than_a_minute(hands: Hands) -> None:
    line = Returning(1.0, 1, hands)
    assert max(line.wait() for _ in range(500)) == LONGEST


def test_work_that_takes_longer_makes_the_line_longer(hands: Hands) -> None:
    line = Returning(0.1, 1, hands)
    for _ in range(200):
        line.took(2.0)
    assert [line.wait() for _ in range(3)] == [2, 4, 6]
