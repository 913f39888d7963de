"""Events of protection against guessing: attacks noticed, work asked and done."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackNoticed(Event):
    """A meter passed its alarm (`ground`: account, source, network, overall); told once in ten minutes for each."""

    name: ClassVar[str] = "attack.noticed"
    ground: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeMet(Event):
    """A password was looked at although tries cost work now: `way` is `solved` or `waited`; `bits` were asked."""

    name: ClassVar[str] = "challenge.met"
    way: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRefused(Event):
    """A password was not looked at: `reason` is missing, early, wrong, used or share (the address had its share)."""

    name: ClassVar[str] = "challenge.refused"
    reason: str
