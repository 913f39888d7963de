"""Contestants measured in turn, so that what else the machine does meets all of them; what counts are medians."""

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.cluster import at_once
from bench.connection import ServerClosed
from bench.load import Bounds
from bench.measuring import BUSY, Result, measure
from bench.peers.contestants import BARE, PEER, Contestant
from bench.scenarios import PASSWORD_SIGN_IN, Scenario
from bench.visitor import UnexpectedAnswer

STATIC = frozenset({"discovery", "JWKS"})
"""What is the same for everybody each time: a bare answer of the same size is its limit."""

_LONGEST_FAILURE = 60

_UNASKED = {PEER: frozenset({PASSWORD_SIGN_IN})}
"""The peer's password page is the benchmark's own and hashes nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One scenario of one contestant: medians of its rounds. `failure` says which answer was wrong, if one was."""

    scenario: str
    contestant: str
    per_second: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    cpu_per_1000: float = 0.0
    stores_per_1000: dict[str, float] = field(default_factory=dict)
    memory: float = 0.0
    core_busy: float = 0.0
    load_busy: float = 0.0
    failure: str = ""
    rates: tuple[float, ...] = ()

    @property
    def cost(self) -> float:
        """CPU seconds of server and stores together for 1,000 operations."""
        return self.cpu_per_1000 + sum(self.stores_per_1000.values())

    @property
    def is_limited_by_load(self) -> bool:
        """Whether the load generator had no more to give while the server and its stores had."""
        return self.load_busy >= BUSY > self.core_busy

    @property
    def limited_by(self) -> str:
        """What was waited for, in words."""
        if self.core_busy >= BUSY:
            return "server"
        return "load generator" if self.is_limited_by_load else f"neither (server {self.core_busy:.0%})"


async def compare(
    contestants: Sequence[Contestant],
    scenarios: Sequence[Scenario],
    bounds: Bounds,
    warm_up: Bounds,
    connections: int,
    rounds: int,
    between: Callable[[str], None] = lambda _scenario: None,
) -> list[Line]:
    """Measure each scenario in so many rounds, all who are asked it in each; `between` comes before a round."""
    lines = []
    for scenario in scenarios:
        asked = [each for each in contestants if is_asked(each.name, scenario.name)]
        rounds_of: dict[str, list[Result]] = {each.name: [] for each in asked}
        failures: dict[str, str] = {}
        for _ in range(rounds):
            between(scenario.name)
            for contestant in asked:
                if contestant.name in failures:
                    continue
                try:
                    with contestant.for_a_measurement() as it:
                        result = await measure(
                            scenario,
                            it.installation,
                            at_once(scenario.name, connections),
                            bounds,
                            it.spent,
                            warm_up=warm_up,
                        )
                except* (UnexpectedAnswer, ServerClosed) as wrong:
                    failures[contestant.name] = str(wrong.exceptions[0])[:_LONGEST_FAILURE]
                else:
                    rounds_of[contestant.name].append(result)
                    _tell(contestant, result)
        lines += [line_of(scenario.name, name, of, failures.get(name, "")) for name, of in rounds_of.items()]
    return lines


def _tell(contestant: Contestant, result: Result) -> None:
    stores = "".join(f" + {spent:.3f} {name}" for name, spent in result.stores_per_1000.items())
    told = f"{result.per_second:,.0f}/s, {result.cpu_per_1000:.3f}{stores} CPU s per 1,000"
    print(f"  {result.scenario}, {contestant.name}: {told}", file=sys.stderr)


def is_asked(contestant: str, scenario: str) -> bool:
    """Tell whether this is measured of that one."""
    return scenario in STATIC if contestant == BARE else scenario not in _UNASKED.get(contestant, frozenset())


def line_of(scenario: str, contestant: str, rounds: Sequence[Result], failure: str = "") -> Line:
    """Return the medians of the rounds; nothing but the failure when there was one."""
    if failure or not rounds:
        return Line(scenario, contestant, failure=failure or "nothing was measured")

    def median(of: Callable[[Result], float]) -> float:
        return round(statistics.median(map(of, rounds)), 3)

    return Line(
        scenario,
        contestant,
        per_second=median(lambda each: each.per_second),
        p50=median(lambda each: each.p50),
        p99=median(lambda each: each.p99),
        cpu_per_1000=median(lambda each: each.cpu_per_1000),
        stores_per_1000={
            store: median(lambda each, store=store: each.stores_per_1000[store])  # type: ignore[misc] # bound here
            for store in rounds[0].stores_per_1000
        },
        memory=max(each.memory for each in rounds),
        core_busy=median(_core_busy),
        load_busy=median(lambda each: each.load_busy),
        rates=tuple(each.per_second for each in rounds),
    )


def _core_busy(result: Result) -> float:
    """Return how much of the core that they share the server and its stores used."""
    return (result.cpu_per_1000 + sum(result.stores_per_1000.values())) * result.per_second / 1000
