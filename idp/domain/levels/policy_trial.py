"""What a policy would have made of sign-ins that are over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum

from idp.domain.ids import ClientId, Seconds
from idp.domain.levels.assurance import Level, Reach
from idp.domain.levels.assurance_policy import Asked, AssurancePolicy, resolve
from idp.domain.levels.requirement import Requirement, youth
from idp.domain.sign_ins.session import Session
from idp.domain.sign_ins.sign_in_fact import Shape
from idp.domain.values import dataclass


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


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out: of all, and by client."""

    total: Tally
    by_client: Mapping[ClientId, Tally]


def verdict_on(requirement: Requirement, shape: Shape, reach: Reach, *, second_factor: bool) -> Verdict:
    """Return what a requirement would have made of one granted request."""
    if not requirement.is_within(reach):
        return Verdict.FAIL
    is_enough = shape.level >= requirement.level and shape.resistance >= requirement.resistance
    is_fresh = requirement.fresh_within is None or (shape.youth is not None and shape.youth <= requirement.fresh_within)
    if is_enough and is_fresh:
        return Verdict.AS_BEFORE
    if shape.silent:
        return Verdict.FAIL
    if is_enough:
        return Verdict.SIGN_IN_AGAIN
    return Verdict.STEP_UP if second_factor else Verdict.ENROL_FIRST


def try_policy(proposed: AssurancePolicy, today: AssurancePolicy, past: Iterable[Past], reach: Reach) -> Trial:
    """Return what `proposed` would have made of what was granted; `today` tells what would have become easier.

    `reach`: what the installation's methods can prove.
    """
    proposed, today = proposed.within(reach), today.within(reach)
    judged: dict[tuple[Shape, Level, bool, str], tuple[Verdict, bool]] = {}
    counts: dict[ClientId, Counter[tuple[Verdict, bool]]] = defaultdict(Counter)
    has_rules = proposed.clients.keys() | today.clients.keys()
    for each in past:
        # Services without rules of their own are all alike, and those are most of many.
        key = (each.shape, each.minimum, each.second_factor, each.client_id if each.client_id in has_rules else "")
        found = judged.get(key)
        if found is None:
            found = judged[key] = _judge(proposed, today, each, reach)
        counts[each.client_id][found] += each.count
    by_client = {client_id: _tally(counted) for client_id, counted in counts.items()}
    return Trial(_tally(sum(counts.values(), Counter())), by_client)


def _judge(proposed: AssurancePolicy, today: AssurancePolicy, past: Past, reach: Reach) -> tuple[Verdict, bool]:
    """The verdict, and whether less would have been asked than today."""
    asked = asked_of(past)
    requirement = resolve(proposed, asked, past.shape.kind)
    verdict = verdict_on(requirement, past.shape, reach, second_factor=past.second_factor)
    eased = verdict is Verdict.AS_BEFORE and _is_less(requirement, resolve(today, asked, past.shape.kind))
    return verdict, eased


def _tally(counted: Mapping[tuple[Verdict, bool], int]) -> Tally:
    verdicts = dict.fromkeys(Verdict, 0)
    for (verdict, _), count in counted.items():
        verdicts[verdict] += count
    return Tally(verdicts, sum(count for (_, eased), count in counted.items() if eased))


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
