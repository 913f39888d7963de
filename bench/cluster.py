"""`python -m bench --cluster`: what another worker or node costs, and what PostgreSQL and Valkey cost, per request.

The nodes run on one core; the stores and the load share the other one. What is compared is CPU time, so nobody waits
for anybody in the numbers. Each process has the same number of connections: a second one is added when there is twice
as much to do, and a process that finds more requests waiting does more of them at once. Two processes on one core
share its caches, which two that have a core each do not: so the one worker shares its core too, with a
stranger, a provider with a SQLite file of its own that is asked the same and is not counted. What processes and stores
spend at rest is taken off and told apart.
"""

import asyncio
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bench.installation import Installation, installed, load_records, served, settings
from bench.load import Bounds, load
from bench.machine import family, usage_of
from bench.measuring import Rest, Result, measure, scaled
from bench.scenarios import PASSWORD_SIGN_IN, Scenario
from bench.spreading import in_turn, spread
from docker.cluster import Cluster, Program
from docker.cluster.ports import free_port

ASKED = ("refresh with rotation", "code flow on a session", "introspection", "userinfo", PASSWORD_SIGN_IN)
PASSWORDS_AT_ONCE = 4
"""For each process: password hashes stand in a short queue, and who finds it full gets 503."""

SETTLE_FOR = 2.0
REST_FOR = 5.0
"""Seconds without any request: until the processes have started for good, then those measured (runs may be shorter)."""

WARM_UP = Bounds(operations=2000, seconds=2.0)
"""For each process, unless runs are shorter. Each of its connections to PostgreSQL prepares each statement once."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many processes answer, and whether they are workers of one node or nodes."""

    name: str
    nodes: int
    workers: int


SHARING = 2
"""Processes under load on the core, in every shape."""

SHAPES = (Shape("one worker", 1, 1), Shape("two workers", 1, 2), Shape("two nodes", 2, 1))


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the table: CPU seconds for 1,000 requests, medians of all rounds, by shape and by store."""

    scenario: str
    shapes: dict[str, float]
    stores: dict[str, float]


@dataclass(frozen=True, slots=True)
class Round:
    """What one shape cost in one round."""

    shape: str
    rest: Rest
    results: list[Result]


@dataclass(frozen=True, slots=True)
class Costs:
    """All lines. `rest` is for 1,000 seconds without any request; `least` as in `Result`, the least of all."""

    requests: list[Cost]
    rest: Cost
    least: float
    rounds: list[Round]


@dataclass(frozen=True, slots=True)
class Stores:
    """PostgreSQL with its replica and Valkey with its Sentinels, on the load's core."""

    cluster: Cluster
    core: int

    @property
    def _groups(self) -> dict[str, tuple[Program, ...]]:
        postgresql, valkey = self.cluster.postgresql, self.cluster.valkey
        return {
            "PostgreSQL": (postgresql.primary,),
            "its replica": (postgresql.replica,),
            "Valkey": (*valkey.servers, *valkey.sentinels),
        }

    def spent(self) -> dict[str, float]:
        """CPU seconds so far, by store."""
        return {name: sum(usage_of(each.pid).cpu for each in group) for name, group in self._groups.items()}

    def pin(self) -> None:
        """Keep every process of theirs, and those they start later, on the core."""
        for group in self._groups.values():
            for program in group:
                for pid in family(program.pid):
                    os.sched_setaffinity(pid, {self.core})

    def rest(self, installation: Installation, seconds: float) -> Rest:
        """CPU seconds in a second without any request, measured for so many of them."""
        time.sleep(SETTLE_FOR)
        provider, stores, started = installation.usage().cpu, self.spent(), time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - started
        return Rest(
            (installation.usage().cpu - provider) / elapsed,
            {name: (spent - stores[name]) / elapsed for name, spent in self.spent().items()},
        )


@contextmanager
def running_stores(folder: Path, core: int) -> Iterator[Stores]:
    """Start the stores in `folder` and pin them; they are gone afterwards."""
    cluster = Cluster(folder)
    try:
        cluster.start_stores()
        cluster.idp("migrate")
        stores = Stores(cluster, core)
        stores.pin()
        yield stores
    finally:
        cluster.stop()


async def measure_cluster(
    server_core: int, load_core: int, scenarios: list[Scenario], bounds: Bounds, connections: int, rounds: int
) -> Costs:
    """Measure every shape `rounds` times, in turn, so that what else the machine does meets all of them.

    `connections` and `bounds` are those of one process.
    """
    measured = []
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        folder = Path(name)
        with running_stores(folder / "cluster", load_core) as stores:
            ports = (free_port(), free_port())
            environment = settings(ports) | {"IDP_CONFIG": str(stores.cluster.configuration), "IDP_SHUTDOWN_DELAY": "0"}
            # On a machine that is busy otherwise, a slow answer is measured and not refused.
            environment |= {"IDP_DATABASE_TIMEOUT": "60", "IDP_STATE_TIMEOUT": "30"}
            load_records(folder, environment)
            for number in range(rounds):
                for shape in SHAPES:
                    print(f"  round {number + 1} of {rounds}: {shape.name}", file=sys.stderr)
                    with served(server_core, environment, ports[: shape.nodes], folder, shape.workers) as installation:
                        rest = stores.rest(installation, min(REST_FOR, bounds.seconds))
                        with _strangers(server_core, installation) as stranger:
                            results = [
                                await _measure(each, installation, stranger, stores, rest, bounds, connections)
                                for each in scenarios
                            ]
                    measured.append(Round(shape.name, rest, results))
    return costs_of(measured)


def _strangers(core: int, installation: Installation) -> AbstractContextManager[Installation | None]:
    return installed(core) if installation.processes < SHARING else nullcontext()


async def _measure(
    scenario: Scenario,
    installation: Installation,
    stranger: Installation | None,
    stores: Stores,
    rest: Rest,
    bounds: Bounds,
    connections: int,
) -> Result:
    each = at_once(scenario.name, connections)
    together = each * installation.processes
    warm_up = Bounds(WARM_UP.operations, min(WARM_UP.seconds, bounds.seconds))
    bounds, warm_up = (scaled(one, SHARING) for one in (bounds, warm_up))
    async with _busy(stranger, scenario, each):
        result = await measure(scenario, installation, together, bounds, stores.spent, rest, warm_up)
    print(f"    {result.scenario}: {result.cpu_per_1000:.3f} CPU s per 1,000", file=sys.stderr)
    return result


@asynccontextmanager
async def _busy(stranger: Installation | None, scenario: Scenario, connections: int) -> AsyncIterator[None]:
    """Load the stranger, if there is one, for as long as the block runs."""
    if stranger is None:
        yield
        return
    async with spread(stranger, connections) as held:
        opened = in_turn(held)
        step = await scenario.prepare(stranger, opened)
        loading = asyncio.create_task(load(opened, step, Bounds(sys.maxsize, math.inf)))
        try:
            yield
            assert not loading.done(), "the stranger was not asked all the time"
        finally:
            loading.cancel()
            await asyncio.wait([loading])


def at_once(scenario: str, connections: int) -> int:
    """Return how many of a process's connections ask this."""
    return min(connections, PASSWORDS_AT_ONCE) if scenario == PASSWORD_SIGN_IN else connections


def costs_of(rounds: list[Round]) -> Costs:
    """Return the medians of all rounds."""
    names = [each.scenario for each in rounds[0].results]
    return Costs(
        [
            _cost(
                name,
                [(one.shape, each.cpu_per_1000) for one, each in _of(rounds, name)],
                [each.stores_per_1000 for _, each in _of(rounds, name)],
            )
            for name in names
        ],
        _cost(
            "at rest",
            [(one.shape, one.rest.provider * 1000) for one in rounds],
            [{store: spent * 1000 for store, spent in one.rest.stores.items()} for one in rounds],
        ),
        min(each.least for one in rounds for each in one.results),
        rounds,
    )


def _of(rounds: list[Round], scenario: str) -> list[tuple[Round, Result]]:
    return [(one, each) for one in rounds for each in one.results if each.scenario == scenario]


def _cost(name: str, shapes: list[tuple[str, float]], stores: list[dict[str, float]]) -> Cost:
    return Cost(
        name,
        {shape: _median(spent for of, spent in shapes if of == shape) for shape in dict(shapes)},
        {store: _median(each[store] for each in stores) for store in stores[0]},
    )


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)
