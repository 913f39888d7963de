"""One whole run: everybody started, measured and ended, and what came of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from bench.cluster import ASKED, Cost, measure_cluster
from bench.limits import argon2_rate
from bench.load import Bounds
from bench.machine import core_cpu, on_core
from bench.peers.bare import bare
from bench.peers.comparing import Line, compare
from bench.peers.contestants import OURS, Contestant, on_postgresql, on_sqlite, started_on
from bench.peers.kinds import kinds_of
from bench.peers.peer import peer
from bench.peers.targets import TIMES_THE_PEER
from bench.scenarios import PASSWORD_SIGN_IN, SCENARIOS, Scenario

WORKERS = "two workers"
_CONNECTIONS_OF_A_PROCESS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, how long, and on which cores; `cold` has a new peer for each measurement."""

    only: str
    bounds: Bounds
    warm_up: Bounds
    rounds: int
    connections: int
    core: int
    load_core: int
    cold: bool = False
    workers: bool = True


@dataclass(slots=True)
class Run:
    """What came of it: `hashes` are rates of bare argon2, `starts` seconds, `kinds` what each token is.

    `others` is the part of the servers' core that work of others took meanwhile; None when it is not known.
    """

    lines: list[Line] = field(default_factory=list)
    hashes: list[float] = field(default_factory=list)
    starts: dict[str, tuple[float, ...]] = field(default_factory=dict)
    kinds: dict[str, dict[str, str]] = field(default_factory=dict)
    workers: list[Cost] = field(default_factory=list)
    others: float | None = None


def chosen(only: str) -> list[Scenario]:
    """Return what is measured: the scenarios of which something is promised and whose name holds this."""
    promised = {*TIMES_THE_PEER, PASSWORD_SIGN_IN}
    return [each for each in SCENARIOS if each.name in promised and only in each.name]


async def run(plan: Plan) -> Run:
    """Measure all that the plan asks for. Raises `NotInstalled` when there is no peer."""
    run, scenarios = Run(), chosen(plan.only)
    if scenarios:
        await _beside(run, scenarios, plan)
    if plan.workers and plan.only in WORKERS:
        asked = [each for each in SCENARIOS if each.name in ASKED]
        costs = await measure_cluster(
            plan.core, plan.load_core, asked, plan.bounds, _CONNECTIONS_OF_A_PROCESS, plan.rounds
        )
        run.workers = costs.requests
    return run


async def _beside(run: Run, scenarios: Sequence[Scenario], plan: Plan) -> None:
    spent_on_hashes = 0.0

    def between(scenario: str) -> None:
        nonlocal spent_on_hashes
        if scenario == PASSWORD_SIGN_IN:
            before = time.process_time()
            with on_core(plan.core):
                run.hashes.append(argon2_rate())
            spent_on_hashes += time.process_time() - before

    with _contestants(plan) as running:
        run.starts = {each.name: each.starts for each in running if each.name in OURS}
        run.kinds = {each.name: await kinds_of(each.installation) for each in running[:-1]}
        started, busy, spent = time.monotonic(), core_cpu(plan.core), _spent_by(running)
        run.lines = await compare(running, scenarios, plan.bounds, plan.warm_up, plan.connections, plan.rounds, between)
        busy, spent = core_cpu(plan.core) - busy, _spent_by(running) - spent + spent_on_hashes
        if not plan.cold:  # A peer that came and went took its times along.
            run.others = round(max(0.0, busy - spent) / (time.monotonic() - started), 3)


def _spent_by(running: Sequence[Contestant]) -> float:
    return sum(each.installation.usage().cpu + sum(each.spent().values()) for each in running)


@contextmanager
def _contestants(plan: Plan) -> Iterator[list[Contestant]]:
    """Start everybody on one core; those that are not asked at the moment cost next to nothing."""
    starts = (peer, partial(on_sqlite, plan.core, plan.rounds), partial(on_postgresql, plan.core, plan.rounds))
    with ExitStack() as stack:
        first, *ours = [stack.enter_context(started_on(plan.core, start)) for start in starts]
        least = stack.enter_context(started_on(plan.core, partial(bare, ours[0].installation)))
        if plan.cold:
            first = replace(first, anew=partial(started_on, plan.core, peer))
        yield [first, *ours, least]
