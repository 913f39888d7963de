"""Reports: how many signed in, where, how strongly, what was refused, and who got through. Numbers only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action
from idp.domain.sign_ins.journey_count import HOUR, JourneyKey, JourneyStage, Way, hour_of
from idp.domain.sign_ins.sign_in_fact import Outcome
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.ports.clock import Clock
from idp.ports.journey_counts import JourneyCounts
from idp.ports.sign_in_facts import Dimension, Period, SignInFacts

MOST_CLIENTS: Final = 20
"""Services named one by one; the others are told together."""

OTHERS: Final = ""
"""The name under which they are."""

_REFUSALS: Final = frozenset({Outcome.REFUSED, Outcome.PASSWORD_REFUSED, Outcome.SECOND_FACTOR_REFUSED})


class Span(StrEnum):
    """How far back a report looks."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


SECONDS: Final = {Span.DAY: 24 * HOUR, Span.WEEK: 7 * 24 * HOUR, Span.MONTH: 30 * 24 * HOUR}


@dataclass(frozen=True, slots=True)
class Share:
    """How often something happened."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Completion:
    """Of the sign-ins begun with one device or language, how many were completed."""

    name: str
    begun: int
    completed: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1; who completes what was begun before the first hour can make it more than begun: then 1."""
        return min(1.0, self.completed / self.begun) if self.begun else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`hours`: grants of each hour, the oldest first, hours without any included."""

    since: Seconds
    until: Seconds
    hours: tuple[tuple[Seconds, int], ...]
    clients: tuple[Share, ...]
    methods: tuple[Share, ...]
    levels: tuple[Share, ...]
    refusals: tuple[Share, ...]
    by_device: tuple[Completion, ...]
    by_language: tuple[Completion, ...]
    by_way: tuple[Share, ...]


class Reports:
    """Makes reports."""

    def __init__(self, facts: SignInFacts, journeys: JourneyCounts, clock: Clock) -> None:
        self._facts = facts
        self._journeys = journeys
        self._clock = clock

    async def make(self, admin: Administrator, span: Span) -> Report:
        """The report up to this hour. Raises `NotAllowedError`."""
        admin.must(Action.REPORTS_VIEW)
        until = Seconds(hour_of(self._clock.now()) + HOUR)
        period = Period(Seconds(until - SECONDS[span]), until)
        granted = frozenset({Outcome.GRANTED})
        counted = await self._journeys.between(period.since, period.until)
        return Report(
            since=period.since,
            until=period.until,
            hours=_every_hour(await self._facts.counts((Dimension.HOUR,), period, granted), period),
            clients=_most(_shares(await self._facts.counts((Dimension.CLIENT,), period, granted))),
            methods=_shares(await self._facts.counts((Dimension.METHODS,), period, frozenset({Outcome.SIGNED_IN}))),
            levels=_shares(await self._facts.counts((Dimension.LEVEL,), period, granted)),
            refusals=_shares(await self._facts.counts((Dimension.OUTCOME, Dimension.ERROR), period, _REFUSALS)),
            by_device=_completions((key.form_factor.value, key.stage, count) for key, count in counted),
            by_language=_completions((key.locale, key.stage, count) for key, count in counted),
            by_way=_ways(counted),
        )


def _shares(counts: Iterable[tuple[tuple[str | int, ...], int]]) -> tuple[Share, ...]:
    """The most frequent first; parts of a name with a colon between, empty ones left out."""
    shares = [Share(":".join(str(part) for part in values if part != ""), count) for values, count in counts]
    return tuple(sorted(shares, key=lambda share: (-share.count, share.name)))


def _most(shares: Sequence[Share]) -> tuple[Share, ...]:
    named, others = shares[:MOST_CLIENTS], sum(share.count for share in shares[MOST_CLIENTS:])
    return (*named, Share(OTHERS, others)) if others else tuple(named)


def _every_hour(counts: Iterable[tuple[tuple[str | int, ...], int]], period: Period) -> tuple[tuple[Seconds, int], ...]:
    by_hour = {int(values[0]): count for values, count in counts}
    return tuple((Seconds(hour), by_hour.get(hour, 0)) for hour in range(period.since, period.until, HOUR))


def _completions(counted: Iterable[tuple[str, JourneyStage, int]]) -> tuple[Completion, ...]:
    begun, completed = Counter[str](), Counter[str]()
    for name, stage, count in counted:
        (begun if stage is JourneyStage.BEGUN else completed)[name] += count
    names = sorted({*begun, *completed}, key=lambda name: (-begun[name], name))
    return tuple(Completion(name, begun[name], completed[name]) for name in names)


def _ways(counted: Sequence[tuple[JourneyKey, int]]) -> tuple[Share, ...]:
    ways = Counter[Way]()
    for key, count in counted:
        if key.stage is JourneyStage.COMPLETED:
            ways[key.way] += count
    return tuple(Share(way.value, ways[way]) for way in Way if ways[way])
