"""Operations measured at several sizes in turn, so that whatever else the machine does meets all of them."""

import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.connection import Answer, Connection, ServerClosed
from bench.growth.crowd import Crowd
from bench.growth.operations import Operation
from bench.growth.rule import Cost, cost_of
from bench.installation import Installation
from bench.load import Bounds, load

_LONGEST = 60.0
_OPENED_AT_ONCE = 100
_LEAST_EACH = 2
"""Operations of each connection: with one each, a round would be over before all of them had begun."""

_MOST_TRIES = 3

_PROBE = b"GET /livez HTTP/1.1\r\nhost: bench\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Subject:
    """One size: a running provider, who asks it, and on how many connections."""

    size: int
    installation: Installation
    crowd: Crowd
    connections: int


@dataclass(frozen=True, slots=True)
class Slice:
    """One operation at one size in one round; CPU and latencies in milliseconds, memory in MiB."""

    cpu: float
    per_second: float
    p50: float
    p99: float
    memory: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One operation at one size: medians of the rounds, in the units of `Slice`."""

    size: int
    cpu: float
    uncertainty: float
    per_second: float
    p50: float
    p99: float
    memory: float

    def cost(self) -> Cost:
        """CPU, as the rule judges it."""
        return Cost(self.size, self.cpu, self.uncertainty)


@dataclass(frozen=True, slots=True)
class Line:
    """One operation at all sizes."""

    operation: str
    figures: list[Figure]


async def measure_growth(subjects: Sequence[Subject], operations: Sequence[Operation], rounds: int) -> list[Line]:
    """Measure every operation at every size, `rounds` times in turn. Raises what a wrong answer raises."""
    slices: dict[tuple[str, int], list[Slice]] = {}
    for turn in range(rounds):
        for operation in operations:
            for subject in subjects:
                measured = await _measure(subject, operation)
                slices.setdefault((operation.name, subject.size), []).append(measured)
        print(f"  round {turn + 1} of {rounds}", file=sys.stderr)
    return [
        Line(each.name, [_figure(subject.size, slices[each.name, subject.size]) for subject in subjects])
        for each in operations
    ]


class _Reopened(Connection):
    """A connection that is opened again when the server ended it while nothing was asked: in a crowd it soon does."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._now: Connection | None = None

    async def ask(self, request: bytes) -> Answer:
        for _ in range(_MOST_TRIES):
            if self._now is None or self._now.closed:
                self._now = await Connection.open("127.0.0.1", self._port)
            try:
                return await self._now.ask(request)
            except ServerClosed:
                continue
        raise ServerClosed(f"{_MOST_TRIES} times")

    def close(self) -> None:
        if self._now is not None:
            self._now.close()


@asynccontextmanager
async def connected(installation: Installation, connections: int) -> AsyncIterator[list[Connection]]:
    """Open connections, each of which was answered once, and close them afterwards."""
    opened: list[Connection] = []
    try:
        while len(opened) < connections:
            some = range(min(_OPENED_AT_ONCE, connections - len(opened)))
            new = [_Reopened(installation.port(0)) for _ in some]
            opened += new
            await asyncio.gather(*(each.ask(_PROBE) for each in new))
        yield opened
    finally:
        for each in opened:
            each.close()
        await asyncio.sleep(0)


async def _measure(subject: Subject, operation: Operation) -> Slice:
    async with connected(subject.installation, subject.connections) as opened:
        asking = opened[: operation.at_once]
        step = operation.begin(subject.crowd)
        before = subject.installation.usage()
        timings = await load(asking, step, Bounds(max(operation.times, _LEAST_EACH * len(asking)), _LONGEST))
        after = subject.installation.usage()
    done = len(timings.seconds)
    return Slice(
        (after.cpu - before.cpu) / done * 1000,
        timings.rate,
        timings.percentile(50) * 1000,
        timings.percentile(99) * 1000,
        after.memory,
    )


def _figure(size: int, slices: Sequence[Slice]) -> Figure:
    cost = cost_of(size, [each.cpu for each in slices])
    return Figure(
        size,
        round(cost.cost, 3),
        round(cost.uncertainty, 3),
        round(statistics.median(each.per_second for each in slices), 1),
        round(statistics.median(each.p50 for each in slices), 2),
        round(statistics.median(each.p99 for each in slices), 2),
        round(statistics.median(each.memory for each in slices), 1),
    )
