"""The sign-in journey as a table: every combination of what is required, proved and enrolled has one next step."""

from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from idp.domain.abuse.risk import Risk
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import (
    Level,
    Method,
    Proof,
    Resistance,
    has_second_factor,
    level_of,
    reach_of,
    resistance_of,
)
from idp.domain.levels.requirement import Requirement
from idp.journeys.next_step import STEP_OF, Situation, Step, next_step, ways

PASSWORD = Proof(Method.PASSWORD, Seconds(1))
CODE = Proof(Method.ONE_TIME_CODE, Seconds(2))
RECOVERY = Proof(Method.RECOVERY_CODE, Seconds(2))
TOTP = frozenset({Method.ONE_TIME_CODE, Method.RECOVERY_CODE})


def situation(level: Level, proofs: tuple[Proof, ...] = (), **facts: object) -> Situation:
    return Situation(requirement=Requirement(level), proofs=proofs, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "step"),
    [
        (situation(Level.ONE), Step.PASSWORD),
        (situation(Level.TWO, enrolled=TOTP), Step.PASSWORD),
        (situation(Level.ONE, (PASSWORD,)), Step.DONE),
        (situation(Level.ONE, (PASSWORD,), enrolled=TOTP), Step.DONE),
        (situation(Level.ONE, (PASSWORD,), enrolled=TOTP, always_ask=True), Step.SECOND_FACTOR),
        (situation(Level.ONE, (PASSWORD,), always_ask=True), Step.DONE),
        (situation(Level.TWO, (PASSWORD,), enrolled=TOTP), Step.SECOND_FACTOR),
        (situation(Level.TWO, (PASSWORD, CODE), enrolled=TOTP), Step.DONE),
        (situation(Level.TWO, (PASSWORD, RECOVERY), enrolled=TOTP), Step.DONE),
        (situation(Level.TWO, (PASSWORD,)), Step.ACTIVATE),
        (situation(Level.TWO, (PASSWORD,), activated=True), Step.ENROL),
        (situation(Level.TWO, (PASSWORD, CODE), enrolled=TOTP, unsaved_codes=True), Step.SAVE_RECOVERY_CODES),
        (situation(Level.TWO, (CODE,), enrolled=TOTP), Step.PASSWORD),
        (situation(Level.THREE, (PASSWORD, CODE), enrolled=TOTP), Step.UNREACHABLE),
        (situation(Level.FOUR, (PASSWORD,)), Step.UNREACHABLE),
    ],
)
def test_the_table_decides_the_next_step(now: Situation, step: Step) -> None:
    assert next_step(now) is step


ENROLLED = (
    frozenset[Method](),
    TOTP,
    frozenset({Method.PASSKEY}),
    frozenset({Method.SECURITY_KEY, Method.RECOVERY_CODE}),
    frozenset({Method.RECOVERY_CODE}),
    frozenset({Method.CERTIFICATE, Method.PHONE, Method.BIOMETRIC}),
)
PROVED = (
    (),
    (PASSWORD,),
    (CODE,),
    (PASSWORD, CODE),
    (PASSWORD, RECOVERY),
    (Proof(Method.PASSKEY, Seconds(3)),),
    (Proof(Method.PHONE, Seconds(3)),),
)


@cache
def every_situation() -> tuple[Situation, ...]:
    flags = (False, True)
    asked = [(resistance, Resistance.NONE) for resistance in Resistance] + [
        (Resistance.NONE, Resistance.HARDWARE_PROTECTED)
    ]
    return tuple(
        Situation(
            requirement=Requirement(level, None, resistance, wished),
            proofs=proofs,
            enrolled=enrolled,
            reach=reach_of(Method),
            risk=risk,
            always_ask=ask,
            trusted=trusted,
            activated=activated,
        )
        for level, (resistance, wished), proofs, enrolled, risk, ask, trusted, activated in product(
            (Level.ONE, Level.TWO, Level.FOUR), asked, PROVED, ENROLLED, Risk, flags, flags, flags
        )
        if ask or not trusted
    )


def test_nobody_is_done_below_what_is_required_and_wished() -> None:
    done = [one for one in every_situation() if next_step(one) is Step.DONE]
    assert done
    assert all(one.required.is_met_by(one.proofs) for one in done)


def test_nobody_enrols_on_a_password_alone() -> None:
    enrolling = [one for one in every_situation() if next_step(one) in {Step.ENROL, Step.ENROL_PASSKEY}]
    assert enrolling
    assert all(one.activated or level_of(one.proofs) >= Level.TWO for one in enrolling)


def test_a_person_with_a_second_factor_is_never_led_to_enrol_codes() -> None:
    steps = {next_step(one) for one in every_situation() if has_second_factor(one.enrolled)}
    assert steps.isdisjoint({Step.ACTIVATE, Step.ENROL})


def test_every_way_brings_the_person_nearer_and_the_first_is_the_step() -> None:
    for one in every_situation():
        leads_on = ways(one)
        if next_step(one) not in {Step.PASSWORD, Step.DONE, Step.UNREACHABLE}:
            assert not leads_on or next_step(one) is STEP_OF[leads_on[0]]
        for method in leads_on:
            more = (*one.proofs, Proof(method, Seconds(9)))
            assert (level_of(more), resistance_of(more)) != (level_of(one.proofs), resistance_of(one.proofs))


def test_whoever_does_what_is_asked_gets_in_and_is_asked_for_little() -> None:
    for start in every_situation():
        one, asked = start, 0
        while (step := next_step(one)) is not Step.DONE:
            if step is Step.UNREACHABLE:
                assert Method.BIOMETRIC not in one.enrolled
                break
            one = after(one, step)
            asked += 1
            assert asked <= 5


def after(one: Situation, step: Step) -> Situation:
    """The situation of somebody who did what was asked; who enrols a key enrols the best."""
    if step is Step.ACTIVATE:
        return replace(one, activated=True)
    if step is Step.PASSWORD:
        method = Method.PASSWORD
    elif step in {Step.ENROL, Step.ENROL_PASSKEY}:
        method = Method.ONE_TIME_CODE if step is Step.ENROL else Method.SECURITY_KEY
    else:
        method = ways(one)[0]
    return replace(one, proofs=(*one.proofs, Proof(method, Seconds(9))), enrolled={*one.enrolled, method})


def test_whoever_may_be_done_on_a_password_is_shown_no_page_in_between() -> None:
    assert next_step(situation(Level.ONE, (PASSWORD,), activated=True)) is Step.DONE


def test_what_a_person_prefers_is_not_asked_on_a_browser_that_is_trusted_and_what_is_required_is() -> None:
    at_home = situation(Level.ONE, (PASSWORD,), enrolled=TOTP, always_ask=True, trusted=True)
    assert next_step(at_home) is Step.DONE
    assert next_step(replace(at_home, requirement=Requirement(Level.TWO))) is Step.SECOND_FACTOR
    assert next_step(replace(at_home, risk=Risk.RAISED)) is Step.SECOND_FACTOR
