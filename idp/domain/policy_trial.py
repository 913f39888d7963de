"""What a policy would have made of sign-ins that are over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from idp.domain.assurance import Level
from idp.domain.assurance_policy import Asked, AssurancePolicy, resolve
from idp.domain.ids import ClientId, Seconds
from idp.domain.requirement import Requirement, youth
from idp.domain.session import Session
from idp.domain.sign_in_fact import Shape


class Verdict(StrEnum):
    """What would have become of one granted request."""

    AS_BEFORE = "as_before"
    """Granted as it was."""
    STEP_UP = "step_up"
    """Granted after one more factor, which the person has."""
    SIGN_IN_AGAIN = "sign_in_again"
    """Granted after another sign-in: the one that was there would have been too old."""
    ENROL_FIRST = "enrol_first"
    """Led to enrolling a second factor, which the person did not have."""
    FAIL = "fail"
    """Refused: no method proves what is asked, or no page could be shown to ask for it."""


@dataclass(frozen=True, slots=True)
class Past:
    """So many (`count`) granted requests of one kind; `minimum` is the client's registered level as it is now."""

    client_id: ClientId
    minimum: Level
    shape: Shape
    second_factor: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of each verdict. `eased`: how many would have been asked for less than today, among those as before."""

    verdicts: Mapping[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    eased: int = 0

    @property
    def total(self) -> int:
        """All that were tried."""
        return sum(self.verdicts.values())

    @property
    def more(self) -> int:
        """Those whose person would have had one more thing to do."""
        return self.total - self.verdicts[Verdict.AS_BEFORE] - self.verdicts[Verdict.FAIL]

    @property
    def failed(self) -> int:
        """Those that would have been refused."""
        return self.verdicts[Verdict.FAIL]

    def plus(self, verdict: Verdict, count: int, *, eased: bool) -> "Tally":
        """The tally with `count` more of a verdict."""
        verdicts = {**self.verdicts, verdict: self.verdicts[verdict] + count}
        return Tally(verdicts, self.eased + (count if eased else 0))


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out: of all, and by client."""

    total: Tally
    by_client: Mapping[ClientId, Tally]


def verdict_on(requirement: Requirement, shape: Shape, *, second_factor: bool) -> Verdict:
    """Return what a requirement would have made of one granted request."""
    if not requirement.is_reachable:
        return Verdict.FAIL
    is_enough = shape.level >= requirement.level and shape.resistance >= requirement.resistance
    is_fresh = requirement.fresh_within is None or (shape.youth is not None and shape.youth <= requirement.fresh_within)
    if is_enough and is_fresh:
        return Verdict.AS_BEFORE
    if shape.silent:
        return Verdict.FAIL
    if requirement.level > Level.ONE and not second_factor and shape.level < requirement.level:
        return Verdict.ENROL_FIRST
    return Verdict.SIGN_IN_AGAIN if is_enough else Verdict.STEP_UP


def try_policy(proposed: AssurancePolicy, today: AssurancePolicy, past: Iterable[Past]) -> Trial:
    """Return what `proposed` would have made of what was granted; `today` tells what would have become easier."""
    total, by_client = Tally(), dict[ClientId, Tally]()
    for each in past:
        asked = asked_of(each)
        requirement = resolve(proposed, asked, each.shape.kind)
        verdict = verdict_on(requirement, each.shape, second_factor=each.second_factor)
        eased = verdict is Verdict.AS_BEFORE and _is_less(requirement, resolve(today, asked, each.shape.kind))
        total = total.plus(verdict, each.count, eased=eased)
        known = by_client.get(each.client_id, Tally())
        by_client[each.client_id] = known.plus(verdict, each.count, eased=eased)
    return Trial(total, by_client)


def shape_of(asked: Asked, session: Session, now: Seconds, *, silent: bool) -> Shape:
    """Return what is kept of a request that `session` was enough for at `now`."""
    return Shape(
        kind=session.account_kind,
        scopes=asked.scopes,
        details=asked.details,
        asked_level=asked.level,
        asked_resistance=asked.resistance,
        level=session.level,
        resistance=session.resistance,
        youth=youth(now - session.authenticated_at),
        silent=silent,
    )


def asked_of(past: Past) -> Asked:
    """Return what was asked, as the resolver takes it."""
    shape = past.shape
    return Asked(
        client_id=past.client_id,
        minimum=past.minimum,
        scopes=shape.scopes,
        details=shape.details,
        level=shape.asked_level,
        resistance=shape.asked_resistance,
    )


def _is_less(requirement: Requirement, than: Requirement) -> bool:
    return requirement != than and requirement.joined(than) == than
