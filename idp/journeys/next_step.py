"""The sign-in journey as one table: what is required × proved × enrolled × risk gives the next step."""

from collections.abc import Collection
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from idp.domain.abuse.risk import Risk
from idp.domain.levels.assurance import (
    METHODS,
    REACH_EVERYWHERE,
    Factor,
    Level,
    Method,
    Proof,
    Reach,
    factors_of,
    has_second_factor,
    level_of,
    reach_of,
    resistance_of,
)
from idp.domain.levels.requirement import Requirement
from idp.domain.values import dataclass


class Step(StrEnum):
    """What the person does next."""

    PASSWORD = "password"
    """The first page: the password, or what can take its place (`FIRST_FACTORS`)."""
    PASSKEY = "passkey"
    CERTIFICATE = "certificate"
    SECOND_FACTOR = "second_factor"
    """A one-time code."""
    PHONE = "phone"
    BIOMETRIC = "biometric"
    RECOVERY_CODE = "recovery_code"
    ACTIVATE = "activate"
    ENROL = "enrol"
    ENROL_PASSKEY = "enrol_passkey"
    SAVE_RECOVERY_CODES = "save_recovery_codes"
    DONE = "done"
    UNREACHABLE = "unreachable"


STEP_OF: Final = MappingProxyType(
    {
        Method.SECURITY_KEY: Step.PASSKEY,
        Method.PASSKEY: Step.PASSKEY,
        Method.CERTIFICATE: Step.CERTIFICATE,
        Method.PASSWORD: Step.PASSWORD,
        Method.ONE_TIME_CODE: Step.SECOND_FACTOR,
        Method.PHONE: Step.PHONE,
        Method.BIOMETRIC: Step.BIOMETRIC,
        Method.RECOVERY_CODE: Step.RECOVERY_CODE,
    }
)
"""The step of each method, the strongest and easiest first: so they are offered."""

FIRST_FACTORS: Final = (Method.PASSKEY, Method.PASSWORD, Method.CERTIFICATE, Method.PHONE)
"""What may come first, when nobody knows yet who stands there."""


ENROLMENTS: Final = frozenset({Step.ACTIVATE, Step.ENROL, Step.ENROL_PASSKEY})
"""Steps that end with something new by which the account can be entered."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the next step depends on.

    `reach`: what this installation's methods can prove. `enrolled`: by which of them this account can prove itself
    besides the password. `always_ask`: the person wants a second factor at every sign-in, except on a browser that he
    or she `trusted`. `activated`: more than the password was proved for a first enrolment. `unsaved_codes`: fresh
    recovery codes have not been confirmed as kept.
    """

    requirement: Requirement
    proofs: tuple[Proof, ...] = ()
    enrolled: Collection[Method] = ()
    reach: Reach = REACH_EVERYWHERE
    risk: Risk = Risk.NONE
    always_ask: bool = False
    trusted: bool = False
    activated: bool = False
    unsaved_codes: bool = False

    @property
    def required(self) -> Requirement:
        """What is asked of this account: what is wished counts where something enrolled proves it."""
        return self.requirement.strengthened(reach_of(self.enrolled).resistance)


def next_step(situation: Situation) -> Step:
    """The one thing to do now; rows are read from the top and the first that fits decides."""
    if situation.unsaved_codes:
        return Step.SAVE_RECOVERY_CODES
    if not situation.proofs:
        return Step.PASSWORD
    if not situation.requirement.is_within(situation.reach):
        return Step.UNREACHABLE
    if _is_done(situation):
        return Step.DONE
    way = next(iter(ways(situation)), None)
    return _enrolment(situation) if way is None else STEP_OF[way]


def ways(situation: Situation) -> tuple[Method, ...]:
    """By which methods the account comes nearer to what is asked, the strongest first; of nobody yet, none."""
    if not situation.proofs:
        return ()
    has = {*situation.enrolled, Method.PASSWORD}
    candidates = [method for method in STEP_OF if method in has]
    if resistance_of(situation.proofs) < situation.required.resistance:
        lacking = [method for method in candidates if METHODS[method].resistance >= situation.required.resistance]
        if lacking:
            return tuple(lacking)
    wanted, reached = wanted_level(situation), level_of(situation.proofs)
    if reached >= wanted:
        return ()
    # A face is compared where that is asked for, and first then: it is what is missing. Nobody is sent to the verifier
    # instead of enrolling a second factor.
    candidates = [method for method in candidates if method is not Method.BIOMETRIC]
    if wanted >= Level.THREE and Method.BIOMETRIC in has:
        candidates = [Method.BIOMETRIC, *candidates]
    at = situation.proofs[0].at
    return tuple(method for method in candidates if level_of((*situation.proofs, Proof(method, at))) > reached)


def wanted_level(situation: Situation) -> Level:
    """The level to reach: what is required, or two factors where the person, the risk or an enrolment takes them."""
    level = situation.requirement.level
    asks = situation.always_ask and not situation.trusted
    if has_second_factor(situation.enrolled) and (asks or situation.risk > Risk.NONE):
        level = max(level, Level.TWO)
    if _lacks_resistance(situation):
        # A key is enrolled by whoever proved more than a password.
        level = max(level, Level.TWO)
    return level


def _is_done(situation: Situation) -> bool:
    reached = level_of(situation.proofs)
    if reached < wanted_level(situation) or _lacks_resistance(situation):
        return False
    return situation.risk < Risk.HIGH or reached >= Level.TWO or situation.activated


def _lacks_resistance(situation: Situation) -> bool:
    return resistance_of(situation.proofs) < situation.required.resistance


def _enrolment(situation: Situation) -> Step:
    """What leads on somebody who has nothing enrolled that would."""
    reached = level_of(situation.proofs)
    if reached < Level.TWO and not situation.activated:
        return Step.ACTIVATE
    if _lacks_resistance(situation):
        return Step.ENROL_PASSKEY
    has = factors_of(proof.method for proof in situation.proofs)
    return Step.UNREACHABLE if Factor.POSSESSION in has else Step.ENROL
