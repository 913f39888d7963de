"""One scenario measured: the rate, the times, and what the processor spent on it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bench.connection import Connection
from bench.installation import Installation
from bench.load import Bounds, load
from bench.machine import own_cpu
from bench.scenarios import Scenario

BUSY = 0.9
WARM_UP = Bounds(operations=300, seconds=1.0)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table; times in milliseconds, CPU in seconds, memory in MiB.

    `stores_per_1000` is the CPU of what stands beside the provider, by name.
    """

    scenario: str
    operations: int
    per_second: float
    p50: float
    p99: float
    cpu_per_1000: float
    memory: float
    limited_by: str
    stores_per_1000: dict[str, float]


Beside = Callable[[], dict[str, float]]
"""CPU seconds spent so far by what stands beside the provider, by name."""


def nothing_beside() -> dict[str, float]:
    """SQLite runs inside the provider."""
    return {}


async def measure(
    scenario: Scenario,
    installation: Installation,
    connections: int,
    bounds: Bounds,
    beside: Beside = nothing_beside,
    idle: dict[str, float] | None = None,
) -> Result:
    """Load the provider with a scenario; `idle` is what `beside` spends in a second without any request."""
    opened = [await Connection.open("127.0.0.1", installation.port(number)) for number in range(connections)]
    try:
        step = await scenario.prepare(installation, opened)
        await load(opened, step, WARM_UP)
        server, own, stores = installation.usage(), own_cpu(), beside()
        timings = await load(opened, step, bounds)
        used, own_used, stores_used = installation.usage(), own_cpu() - own, beside()
    finally:
        for connection in opened:
            connection.close()
        await asyncio.sleep(0)
    done = len(timings.seconds)
    unasked = {name: rate * timings.elapsed for name, rate in (idle or {}).items()}
    return Result(
        scenario=scenario.name,
        operations=done,
        per_second=round(timings.rate, 1),
        p50=round(timings.percentile(50) * 1000, 2),
        p99=round(timings.percentile(99) * 1000, 2),
        cpu_per_1000=round((used.cpu - server.cpu) / done * 1000, 3),
        memory=round(used.memory, 1),
        limited_by=_limit((used.cpu - server.cpu) / timings.elapsed, own_used / timings.elapsed),
        stores_per_1000={
            name: round(max(0.0, spent - stores[name] - unasked.get(name, 0.0)) / done * 1000, 3)
            for name, spent in stores_used.items()
        },
    )


def _limit(server_busy: float, load_busy: float) -> str:
    if server_busy >= BUSY:
        return "server"
    if load_busy >= BUSY:
        return "load generator"
    return f"neither (server {server_busy:.0%}, load {load_busy:.0%})"
