from itertools import combinations

import pytest

from idp.domain.abuse.place import Place
from idp.domain.abuse.risk import Risk
from idp.domain.abuse.risk_signals import (
    DORMANT,
    MANY_FAILURES,
    TABLE,
    Circumstances,
    PastSignIn,
    Signal,
    risk_of,
    signals_of,
)
from idp.domain.ids import AccountId, Seconds

NOW = Seconds(1_790_000_000)
HANOI = Place("VN", "HN", "Hà Nội", 21.03, 105.85)
SAIGON = Place("VN", "SG", "Thành phố Hồ Chí Minh", 10.78, 106.70)
ALL = tuple(frozenset(each) for size in range(len(Signal) + 1) for each in combinations(Signal, size))


def past(at: int = NOW - 3600, place: Place | None = HANOI) -> PastSignIn:
    return PastSignIn(AccountId("a"), "laptop", "home", Seconds(at), place)


def found(
    device: str | None = "laptop", network: str = "home", place: Place | None = HANOI, failures: int = 0
) -> Circumstances:
    return Circumstances(NOW, device, network, place, failures)


def test_whoever_signs_in_as_ever_raises_nothing() -> None:
    assert signals_of([past()], found()) == frozenset()


def test_a_first_sign_in_has_nothing_to_be_compared_with() -> None:
    assert signals_of([], found(None, "elsewhere", SAIGON)) == frozenset()
    assert signals_of([], found(None, failures=MANY_FAILURES)) == {Signal.RECENT_FAILURES}


@pytest.mark.parametrize("signal", [Signal.NEW_DEVICE, Signal.NEW_NETWORK, Signal.RECENT_FAILURES, Signal.DORMANT])
def test_a_new_telephone_a_journey_or_a_slip_of_the_finger_alone_is_no_risk(signal: Signal) -> None:
    assert risk_of({signal}) is Risk.NONE


@pytest.mark.parametrize(("hours", "impossible"), [(0, True), (1.2, True), (1.4, False), (240, False)])
def test_nobody_is_in_saigon_an_hour_after_hanoi(hours: float, impossible: bool) -> None:
    signals = signals_of([past(int(NOW - hours * 3600))], found(place=SAIGON))
    assert (Signal.IMPOSSIBLE_TRAVEL in signals) == impossible


def test_only_the_last_place_counts_and_only_when_both_are_known() -> None:
    assert signals_of([past(NOW - 60, SAIGON), past(NOW - 7200)], found(place=SAIGON)) == frozenset()
    for last, here in ((None, SAIGON), (HANOI, None)):
        assert signals_of([past(place=last)], found(place=here)) == frozenset()


def test_a_place_nearby_may_be_reached_at_once() -> None:
    near = Place("VN", "HP", "Hải Phòng", 20.86, 106.68)
    assert signals_of([past(NOW)], found(place=near)) == frozenset()


def test_each_signal_is_seen() -> None:
    here = Circumstances(NOW, None, "cafe", SAIGON, MANY_FAILURES, under_attack=True)
    assert signals_of([past(NOW - 60)], here) == set(Signal) - {Signal.DORMANT}
    assert signals_of([past(NOW - DORMANT)], found()) == {Signal.DORMANT}


@pytest.mark.parametrize(("combination", "risk"), TABLE)
def test_each_row_of_the_table_decides_somewhere(combination: frozenset[Signal], risk: Risk) -> None:
    assert risk_of(combination) is risk


def test_more_signals_never_make_less_risk() -> None:
    for fewer in ALL:
        assert all(risk_of(fewer | {more}) >= risk_of(fewer) for more in Signal)
