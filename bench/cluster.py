"""`python -m bench --cluster`: what another worker or node costs, and what PostgreSQL and Valkey cost, per request.

The nodes run on one core; the stores and the load share the other one. What is compared is CPU time, so nobody waits
for anybody in the numbers.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.installation import free_port, load_records, served, settings
from bench.load import Bounds
from bench.machine import family, usage_of
from bench.measuring import Result, measure
from bench.scenarios import SCENARIOS
from docker.cluster import Cluster, Program

ASKED = ("refresh with rotation", "code flow on a session", "introspection", "userinfo", "password sign-in")
IDLE_FOR = 3.0
"""Seconds of rest in which it is measured what the stores spend on themselves."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many processes answer, and whether they are workers of one node or nodes."""

    name: str
    nodes: int
    workers: int


SHAPES = (Shape("one worker", 1, 1), Shape("two workers", 1, 2), Shape("two nodes", 2, 1))


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the table: CPU seconds for 1,000 requests, medians of all rounds, by shape and by store."""

    scenario: str
    shapes: dict[str, float]
    stores: dict[str, float]


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

    def idle(self) -> dict[str, float]:
        """CPU seconds in a second without any request."""
        before, started = self.spent(), time.monotonic()
        time.sleep(IDLE_FOR)
        elapsed = time.monotonic() - started
        return {name: (spent - before[name]) / elapsed for name, spent in self.spent().items()}


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
    server_core: int, load_core: int, bounds: Bounds, connections: int, rounds: int
) -> list[Cost]:
    """Measure every shape `rounds` times, in turn, so that what else the machine does meets all of them."""
    results: dict[str, list[Result]] = {shape.name: [] for shape in SHAPES}
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        folder = Path(name)
        with running_stores(folder / "cluster", load_core) as stores:
            ports = (free_port(), free_port())
            environment = settings(ports) | {"IDP_CONFIG": str(stores.cluster.configuration), "IDP_SHUTDOWN_DELAY": "0"}
            load_records(folder, environment)
            for number in range(rounds):
                for shape in SHAPES:
                    print(f"  round {number + 1} of {rounds}: {shape.name}", file=sys.stderr)
                    results[shape.name] += await _round(
                        shape, stores, environment, ports, folder, server_core, bounds, connections
                    )
    return [_cost(scenario, results) for scenario in ASKED]


async def _round(
    shape: Shape,
    stores: Stores,
    environment: Mapping[str, str],
    ports: tuple[int, ...],
    folder: Path,
    core: int,
    bounds: Bounds,
    connections: int,
) -> list[Result]:
    with served(core, environment, ports[: shape.nodes], folder, shape.workers) as installation:
        idle = stores.idle()
        chosen = [scenario for scenario in SCENARIOS if scenario.name in ASKED]
        return [await measure(each, installation, connections, bounds, stores.spent, idle) for each in chosen]


def _cost(scenario: str, results: dict[str, list[Result]]) -> Cost:
    mine = {shape: [each for each in found if each.scenario == scenario] for shape, found in results.items()}
    everywhere = [each for found in mine.values() for each in found]
    return Cost(
        scenario,
        {shape: round(statistics.median(each.cpu_per_1000 for each in found), 3) for shape, found in mine.items()},
        {
            store: round(statistics.median(each.stores_per_1000[store] for each in everywhere), 3)
            for store in everywhere[0].stores_per_1000
        },
    )
