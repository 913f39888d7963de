"""`make bench`: measures each scenario with the server on one core and the load on another, and prints a table."""

import argparse
import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass

import uvloop
from rich.console import Console
from rich.table import Table

from bench.connection import Connection
from bench.installation import Installation, installed
from bench.limits import Limit, measure_limits
from bench.load import Bounds, load
from bench.machine import cores, describe, own_cpu, usage_of
from bench.scenarios import SCENARIOS, Scenario

_BUSY = 0.9
_WARM_UP = Bounds(operations=300, seconds=1.0)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table; times in milliseconds, CPU in seconds, memory in MiB."""

    scenario: str
    operations: int
    per_second: float
    p50: float
    p99: float
    cpu_per_1000: float
    memory: float
    limited_by: str


async def _measure(scenario: Scenario, installation: Installation, connections: int, bounds: Bounds) -> Result:
    opened = [await Connection.open("127.0.0.1", installation.port) for _ in range(connections)]
    try:
        step = await scenario.prepare(installation, opened)
        await load(opened, step, _WARM_UP)
        server, own = usage_of(installation.pid), own_cpu()
        timings = await load(opened, step, bounds)
        used, own_used = usage_of(installation.pid), own_cpu() - own
    finally:
        for connection in opened:
            connection.close()
        await asyncio.sleep(0)
    done = len(timings.seconds)
    server_busy = (used.cpu - server.cpu) / timings.elapsed
    return Result(
        scenario=scenario.name,
        operations=done,
        per_second=round(timings.rate, 1),
        p50=round(timings.percentile(50) * 1000, 2),
        p99=round(timings.percentile(99) * 1000, 2),
        cpu_per_1000=round((used.cpu - server.cpu) / done * 1000, 3),
        memory=round(used.memory, 1),
        limited_by=_limit(server_busy, own_used / timings.elapsed),
    )


def _limit(server_busy: float, load_busy: float) -> str:
    if server_busy >= _BUSY:
        return "server"
    if load_busy >= _BUSY:
        return "load generator"
    return f"neither (server {server_busy:.0%}, load {load_busy:.0%})"


async def _measure_all(options: argparse.Namespace, server_core: int) -> list[Result]:
    bounds = Bounds(operations=options.operations, seconds=options.seconds)
    results = []
    with installed(server_core, options.workers) as installation:
        for scenario in SCENARIOS:
            if options.only in scenario.name:
                results.append(await _measure(scenario, installation, options.connections, bounds))
                if not options.json:
                    print(f"  {scenario.name}: {results[-1].per_second:,.0f}/s", file=sys.stderr)
    return results


def _print(machine: str, limits: list[Limit], results: list[Result], connections: int) -> None:
    table = Table(title=machine, caption=f"{connections} connections, every answer checked")
    for column in ("scenario", "per second", "p50 ms", "p99 ms", "CPU s per 1,000", "MiB", "limited by"):
        table.add_column(column, justify="left" if column in {"scenario", "limited by"} else "right")
    for each in results:
        table.add_row(
            each.scenario, f"{each.per_second:,.0f}", f"{each.p50:.2f}", f"{each.p99:.2f}",
            f"{each.cpu_per_1000:.3f}", f"{each.memory:.0f}", each.limited_by,
        )  # fmt: skip
    for limit in limits:
        table.add_row(f"limit: {limit.name}", f"{limit.rate:,.0f}", "", "", f"{1000 / limit.rate:.3f}", "", "processor")
    Console(width=120).print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--seconds", type=float, default=5.0, help="at most this long for each scenario")
    parser.add_argument("--operations", type=int, default=100_000, help="at most this many for each scenario")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1, help="processes of the server, on its one core")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    options = parser.parse_args()
    server_core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    limits = measure_limits(server_core)
    results = uvloop.run(_measure_all(options, server_core))
    if options.json:
        document = {"machine": describe(), "limits": limits, "results": results, "connections": options.connections}
        print(json.dumps(document, indent=2, default=asdict))
    else:
        _print(describe(), limits, results, options.connections)


if __name__ == "__main__":
    main()
