from idp.adapters.crypto.keystore_watch import LOOKS_A_SECOND, KeystoreWatch
from tests.adapters.turned_clock import TurnedClock


def test_one_look_is_due_in_each_second_in_which_somebody_asks() -> None:
    clock = TurnedClock()
    watch = KeystoreWatch(clock)
    assert [watch.is_due() for _ in range(3)] == [False] * 3
    clock.seconds += 5
    assert [watch.is_due() for _ in range(3)] == [True, False, False]


def test_unknown_keys_are_reason_for_so_many_more_and_for_as_many_in_the_next_second() -> None:
    clock = TurnedClock()
    watch = KeystoreWatch(clock)
    assert sum(watch.may_look_again() for _ in range(100)) == LOOKS_A_SECOND
    clock.seconds += 1
    assert watch.is_due()
    assert sum(watch.may_look_again() for _ in range(100)) == LOOKS_A_SECOND
