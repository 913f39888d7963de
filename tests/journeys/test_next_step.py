"""The sign-in journey as a table: every combination of what is required, proved and enrolled has one next step."""

from itertools import product

import pytest

from idp.domain.assurance import Level, Method, Proof, level_of
from idp.domain.ids import Seconds
from idp.domain.requirement import Requirement
from idp.journeys.next_step import Situation, Step, next_step

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


def every_situation() -> list[Situation]:
    proved = ((), (PASSWORD,), (CODE,), (PASSWORD, CODE), (PASSWORD, RECOVERY))
    flags = (False, True)
    return [
        situation(level, proofs, enrolled=enrolled, always_ask=ask, activated=activated, unsaved_codes=unsaved)
        for level, proofs, enrolled, ask, activated, unsaved in product(
            (Level.ONE, Level.TWO, Level.THREE, Level.FOUR), proved, (frozenset[Method](), TOTP), flags, flags, flags
        )
    ]


def test_nobody_is_done_below_the_required_level() -> None:
    done = [one for one in every_situation() if next_step(one) is Step.DONE]
    assert done
    assert all(level_of(one.proofs) >= one.requirement.level for one in done)


def test_nobody_enrols_a_first_second_factor_on_a_password_alone() -> None:
    enrolling = [one for one in every_situation() if next_step(one) is Step.ENROL]
    assert enrolling
    assert all(one.activated and Method.ONE_TIME_CODE not in one.enrolled for one in enrolling)


def test_a_person_with_a_second_factor_is_never_led_to_enrol_another_one() -> None:
    steps = {next_step(one) for one in every_situation() if Method.ONE_TIME_CODE in one.enrolled}
    assert steps.isdisjoint({Step.ACTIVATE, Step.ENROL})


def test_whoever_may_be_done_on_a_password_is_shown_no_page_in_between() -> None:
    assert next_step(situation(Level.ONE, (PASSWORD,), activated=True)) is Step.DONE
