"""What is promised beside the peer and beside the limits, and whether one run of the benchmark keeps it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.cluster import SHAPES, Cost
from bench.peers.comparing import STATIC, Line
from bench.peers.contestants import BARE, OURS, PEER, POSTGRESQL, SQLITE
from bench.scenarios import CODE_FLOW, PASSWORD_SIGN_IN, PUSHED_CODE_FLOW, REFRESH

TIMES_THE_PEER = {
    "discovery": {SQLITE: 1.5, POSTGRESQL: 1.5},
    "JWKS": {SQLITE: 1.5, POSTGRESQL: 1.5},
    "client credentials": {SQLITE: 2.0, POSTGRESQL: 2.0},
    REFRESH: {SQLITE: 3.0, POSTGRESQL: 2.0},
    CODE_FLOW: {SQLITE: 2.5, POSTGRESQL: 2.0},
    PUSHED_CODE_FLOW: {SQLITE: 1.5, POSTGRESQL: 1.5},
    "introspection": {SQLITE: 2.0, POSTGRESQL: 1.5},
    "userinfo": {SQLITE: 2.0, POSTGRESQL: 1.5},
}
"""How many times the peer's rate, at least."""

PART_OF_BARE_ASGI = 0.70
PART_OF_BARE_ARGON2 = 0.90
MOST_P99 = 2.5
"""Times the median of a refresh."""
MOST_MEMORY = 150.0
"""MiB of a worker."""
MOST_START = 3.0
"""Seconds from the start of `idp serve` to its first answer."""
MOST_OF_TWO_WORKERS = 1.1
"""Times the CPU of one for each request."""


class Refused(Exception):
    """Two rates cannot be compared; the message says why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise, what was measured of it in words, and whether it is kept. What cannot be told is not kept."""

    promise: str
    wanted: str
    measured: str
    kept: bool


def ratio(mine: Line, other: Line) -> float:
    """Return one rate by another. Raises `Refused` when it would say something else."""
    for line in (mine, other):
        if line.failure:
            raise Refused(f"a wrong answer of {line.contestant}: {line.failure}")
        if line.is_limited_by_load:
            raise Refused(f"the load generator was the limit of {line.contestant}")
    return mine.per_second / other.per_second


def verdicts(
    lines: Sequence[Line], argon2: float, starts: Mapping[str, Sequence[float]], workers: Sequence[Cost] = ()
) -> list[Verdict]:
    """Return a verdict for each promise about what was measured. `argon2` is a rate of the same core; 0 if unknown."""
    known = {(each.scenario, each.contestant): each for each in lines}
    told = []
    for (scenario, name), mine in known.items():
        if name not in OURS:
            continue
        if scenario in TIMES_THE_PEER and (scenario, PEER) in known:
            told.append(_at_least(TIMES_THE_PEER[scenario][name], mine, known[scenario, PEER]))
        if scenario in STATIC and (scenario, BARE) in known:
            told.append(_at_least(PART_OF_BARE_ASGI, mine, known[scenario, BARE]))
        if scenario == REFRESH:
            told.append(_steady(mine))
        if scenario == PASSWORD_SIGN_IN and argon2:
            told.append(_hashing(mine, argon2))
    return [*told, *_memory(lines), *_starts(starts), *_two_workers(workers)]


def _at_least(least: float, mine: Line, other: Line) -> Verdict:
    promise, wanted = f"{mine.scenario} on {mine.contestant}, times {other.contestant}", f"≥ {least:.2f}"
    try:
        times = ratio(mine, other)
    except Refused as refused:
        return Verdict(promise, wanted, f"refused: {refused}", kept=False)
    return Verdict(promise, wanted, f"{times:.2f}", times >= least)


def _steady(mine: Line) -> Verdict:
    promise, wanted = f"{mine.scenario} on {mine.contestant}, p99 as times p50", f"≤ {MOST_P99:.2f}"
    if mine.failure:
        return Verdict(promise, wanted, f"refused: {mine.failure}", kept=False)
    times = mine.p99 / mine.p50
    return Verdict(promise, wanted, f"{times:.2f}", times <= MOST_P99)


def _hashing(mine: Line, argon2: float) -> Verdict:
    """CPU of the whole journey, its stores included, against CPU of the hash alone: it drifts less than rates."""
    promise = f"{mine.scenario} on {mine.contestant}, as a part of bare argon2"
    wanted = f"≥ {PART_OF_BARE_ARGON2:.0%}"
    if mine.failure:
        return Verdict(promise, wanted, f"refused: {mine.failure}", kept=False)
    part = 1000 / mine.cost / argon2
    return Verdict(promise, wanted, f"{part:.0%}", part >= PART_OF_BARE_ARGON2)


def _memory(lines: Iterable[Line]) -> Iterable[Verdict]:
    for name in OURS:
        most = max((each.memory for each in lines if each.contestant == name), default=0.0)
        if most:
            yield Verdict(
                f"memory of a worker on {name}", f"≤ {MOST_MEMORY:.0f} MiB", f"{most:.0f} MiB", most <= MOST_MEMORY
            )


def _starts(starts: Mapping[str, Sequence[float]]) -> Iterable[Verdict]:
    for name, seconds in starts.items():
        if seconds:
            slowest = max(seconds)
            yield Verdict(
                f"first answer after the start on {name}", f"≤ {MOST_START:.0f} s", f"{slowest:.2f} s",
                slowest <= MOST_START,
            )  # fmt: skip


def _two_workers(costs: Iterable[Cost]) -> Iterable[Verdict]:
    one, two, _nodes = (shape.name for shape in SHAPES)
    for cost in costs:
        times = cost.shapes[two] / cost.shapes[one]
        yield Verdict(
            f"{cost.scenario} of two workers, times the CPU of one", f"≤ {MOST_OF_TWO_WORKERS:.2f}", f"{times:.2f}",
            times <= MOST_OF_TWO_WORKERS,
        )  # fmt: skip
