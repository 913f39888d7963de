"""A requirement is met by enough factors, given lately enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level, Method, Proof, Reach, Resistance
from idp.domain.levels.requirement import FRESHNESS, Need, Requirement, youth

PASSWORD = Proof(Method.PASSWORD, Seconds(100))
CODE = Proof(Method.ONE_TIME_CODE, Seconds(200))
PHISHING_RESISTANT = Requirement(resistance=Resistance.PHISHING_RESISTANT)

requirements = some.builds(
    Requirement,
    some.sampled_from([level for level in Level if level]),
    some.none() | some.sampled_from(FRESHNESS),
    some.sampled_from(Resistance),
    some.sampled_from(Resistance),
)


@pytest.mark.parametrize(
    ("requirement", "proofs", "met"),
    [
        (Requirement(), (), False),
        (Requirement(), (PASSWORD,), True),
        (Requirement(Level.TWO), (PASSWORD,), False),
        (Requirement(Level.TWO), (PASSWORD, CODE), True),
        (Requirement(Level.THREE), (PASSWORD, CODE), False),
        (PHISHING_RESISTANT, (PASSWORD, CODE), False),
    ],
)
def test_level_and_resistance_must_be_reached(requirement: Requirement, proofs: tuple[Proof, ...], met: bool) -> None:
    assert requirement.is_met_by(proofs) is met


def test_what_no_method_proves_is_out_of_reach() -> None:
    reach = Reach(Level.TWO, Resistance.PHISHING_RESISTANT)
    assert Requirement(Level.TWO, 300).is_within(reach)
    assert PHISHING_RESISTANT.is_within(reach)
    assert not Requirement(Level.THREE).is_within(reach)
    assert not Requirement(resistance=Resistance.HARDWARE_PROTECTED).is_within(reach)
    assert Requirement(wished=Resistance.HARDWARE_PROTECTED).is_within(reach)


@pytest.mark.parametrize("possible", Resistance)
def test_what_is_wished_is_asked_of_whoever_can_prove_it(possible: Resistance) -> None:
    wished = Requirement(Level.TWO, wished=Resistance.HARDWARE_PROTECTED)
    assert wished.strengthened(possible) == Requirement(Level.TWO, resistance=possible)
    assert wished.is_met_by((PASSWORD, CODE))
    assert PHISHING_RESISTANT.strengthened(Resistance.NONE) == PHISHING_RESISTANT


@pytest.mark.parametrize(
    ("requirement", "proofs", "now", "need"),
    [
        (Requirement(), (), 100, Need.SIGN_IN),
        (Requirement(), (PASSWORD,), 99_999, Need.NOTHING),
        (Requirement(Level.TWO), (PASSWORD,), 100, Need.STEP_UP),
        (Requirement(Level.TWO, 300), (PASSWORD, CODE), 399, Need.NOTHING),
        (Requirement(Level.TWO, 300), (PASSWORD, CODE), 400, Need.SIGN_IN),
        (Requirement(Level.TWO, 300), (PASSWORD,), 400, Need.SIGN_IN),
    ],
)
def test_a_sign_in_that_is_too_old_is_made_anew_and_one_that_is_too_weak_is_stepped_up(
    requirement: Requirement, proofs: tuple[Proof, ...], now: int, need: Need
) -> None:
    assert requirement.need(proofs, Seconds(now)) is need


@given(requirements, requirements, requirements)
def test_joining_takes_the_strictest_of_each_in_any_order(
    one: Requirement, other: Requirement, third: Requirement
) -> None:
    joined = one.joined(other)
    assert joined == other.joined(one)
    assert joined.joined(third) == one.joined(other.joined(third))
    assert joined.joined(one) == joined
    assert one.joined(Requirement()) == one


@given(some.integers(0, 100_000), some.sampled_from(FRESHNESS))
def test_the_step_of_an_age_tells_exactly_within_which_ages_it_is_fresh(age: int, within: int) -> None:
    step = youth(age)
    assert (step is not None and step <= within) is Requirement(fresh_within=within).is_fresh(
        Seconds(1_000_000 - age), Seconds(1_000_000)
    )
