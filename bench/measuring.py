"""One scenario measured: the rate, the times, and what the processor spent on it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.installation import Installation
from bench.load import Bounds, load, unmeasured
from bench.machine import own_cpu, usage_of
from bench.scenarios import Scenario
from bench.spreading import in_turn, spread

BUSY = 0.9
WARM_UP = Bounds(operations=300, seconds=1.0)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table; times in milliseconds, CPU in seconds, memory in MiB.

    `least` is the CPU of the process that did least, as a part of an even share; `stores_per_1000` the CPU of what
    stands beside the provider, by name; `load_busy` the part of its time that the load generator was working.
    """

    scenario: str
    operations: int
    per_second: float
    p50: float
    p99: float
    cpu_per_1000: float
    memory: float
    limited_by: str
    least: float
    stores_per_1000: dict[str, float]
    load_busy: float = 0.0


Beside = Callable[[], dict[str, float]]
"""CPU seconds spent so far by what stands beside the provider, by name."""


@dataclass(frozen=True, slots=True)
class Rest:
    """CPU seconds that a second without any request costs: all processes of the provider together, and each store."""

    provider: float = 0.0
    stores: dict[str, float] = field(default_factory=dict)


NO_REST = Rest()


def nothing_beside() -> dict[str, float]:
    """SQLite runs inside the provider."""
    return {}


async def measure(
    scenario: Scenario,
    installation: Installation,
    connections: int,
    bounds: Bounds,
    beside: Beside = nothing_beside,
    rest: Rest = NO_REST,
    warm_up: Bounds = WARM_UP,
) -> Result:
    """Load the provider with a scenario on so many connections, shared evenly by its processes; `rest` is taken off."""
    async with spread(installation, connections) as held, _beside(scenario, installation, connections):
        opened = in_turn(held)
        step = await scenario.prepare(installation, opened)
        await load(opened, step, warm_up)
        server, own, stores, each = installation.usage(), own_cpu(), beside(), _cpu_of(held)
        timings = await load(opened, step, bounds)
        used, own_used, stores_used = installation.usage(), own_cpu() - own, beside()
        least = least_share([spent - before for spent, before in zip(_cpu_of(held), each, strict=True)])
    done, spent = len(timings.seconds), used.cpu - server.cpu
    return Result(
        scenario=scenario.name,
        operations=done,
        per_second=round(timings.rate, 1),
        p50=round(timings.percentile(50) * 1000, 2),
        p99=round(timings.percentile(99) * 1000, 2),
        cpu_per_1000=round(per_1000(spent, rest.provider * timings.elapsed, done), 3),
        memory=round(used.memory, 1),
        limited_by=_limit(spent / timings.elapsed, own_used / timings.elapsed),
        least=round(least, 3),
        stores_per_1000={
            name: round(per_1000(so_far - stores[name], rest.stores.get(name, 0.0) * timings.elapsed, done), 3)
            for name, so_far in stores_used.items()
        },
        load_busy=round(own_used / timings.elapsed, 3),
    )


@asynccontextmanager
async def _beside(scenario: Scenario, installation: Installation, connections: int) -> AsyncIterator[None]:
    """What goes on beside a scenario."""
    if scenario.beside is None:
        yield
        return
    async with spread(installation, connections) as held:
        opened = in_turn(held)
        async with unmeasured(opened, await scenario.beside.prepare(installation, opened)):
            yield


def per_1000(spent: float, at_rest: float, done: int) -> float:
    """CPU seconds for 1,000 operations, without what the same time at rest would have cost."""
    return max(0.0, spent - at_rest) / done * 1000


def scaled(bounds: Bounds, processes: int) -> Bounds:
    """Return the bounds of one process for so many that share a core."""
    return Bounds(bounds.operations * processes, bounds.seconds * processes)


def least_share(spent: list[float]) -> float:
    """Return the least of these as a part of their mean; 1 when nothing was spent."""
    return min(spent) * len(spent) / total if (total := sum(spent)) else 1.0


def _cpu_of(pids: Iterable[int]) -> list[float]:
    return [usage_of(pid).cpu for pid in pids]


def _limit(server_busy: float, load_busy: float) -> str:
    if server_busy >= BUSY:
        return "server"
    if load_busy >= BUSY:
        return "load generator"
    return f"neither (server {server_busy:.0%}, load {load_busy:.0%})"
