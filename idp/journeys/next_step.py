"""The sign-in journey as one table: what is required × what was proved × what is enrolled gives the next step."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from idp.domain.account import AuthenticatorKind
from idp.domain.assurance import METHODS, REACHABLE, Factor, Level, Proof, level_of
from idp.domain.requirement import Requirement


class Step(StrEnum):
    """What the person does next."""

    PASSWORD = "password"
    SECOND_FACTOR = "second_factor"
    ACTIVATE = "activate"
    ENROL = "enrol"
    SAVE_RECOVERY_CODES = "save_recovery_codes"
    DONE = "done"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the next step depends on.

    `always_ask`: the person wants a second factor at every sign-in. `activated`: more than the password was proved for
    a first enrolment. `unsaved_codes`: fresh recovery codes have not been confirmed as kept.
    """

    requirement: Requirement
    proofs: tuple[Proof, ...] = ()
    enrolled: Collection[AuthenticatorKind] = ()
    always_ask: bool = False
    activated: bool = False
    unsaved_codes: bool = False


def next_step(situation: Situation) -> Step:
    """The one thing to do now; rows are read from the top and the first that fits decides."""
    has_second_factor = AuthenticatorKind.ONE_TIME_CODE in situation.enrolled
    wanted = wanted_level(situation.requirement.level, asks_always=situation.always_ask and has_second_factor)
    factors = {METHODS[proof.method].factor for proof in situation.proofs}
    rows = (
        (situation.unsaved_codes, Step.SAVE_RECOVERY_CODES),
        (Factor.KNOWLEDGE not in factors, Step.PASSWORD),
        (wanted > REACHABLE or not situation.requirement.is_reachable, Step.UNREACHABLE),
        (situation.requirement.is_met_by(situation.proofs) and level_of(situation.proofs) >= wanted, Step.DONE),
        (has_second_factor, Step.SECOND_FACTOR),
        (not situation.activated, Step.ACTIVATE),
    )
    return next((step for applies, step in rows if applies), Step.ENROL)


def wanted_level(required: Level, *, asks_always: bool) -> Level:
    """The level to reach: what is required, or two factors for a person who asked for them."""
    return max(required, Level.TWO) if asks_always else required
