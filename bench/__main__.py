"""`make bench`: measures each scenario with the server on one core and the load on another, and prints a table."""

import argparse
import json
import os
import sys
from dataclasses import asdict

import uvloop

from bench.cluster import ASKED, measure_cluster
from bench.installation import installed
from bench.limits import SECONDS, between, measure_limits
from bench.load import Bounds
from bench.machine import cores, describe
from bench.measuring import Result, measure
from bench.scenarios import SCENARIOS
from bench.tables import print_costs, print_results


async def _measure_all(options: argparse.Namespace, server_core: int) -> list[Result]:
    bounds = Bounds(operations=options.operations, seconds=options.seconds)
    results = []
    with installed(server_core, options.workers) as installation:
        for scenario in SCENARIOS:
            if options.only in scenario.name:
                results.append(await measure(scenario, installation, options.connections, bounds))
                if not options.json:
                    print(f"  {scenario.name}: {results[-1].per_second:,.0f}/s", file=sys.stderr)
    return results


def main() -> None:
    """Measure and print."""
    options = _options()
    server_core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    if options.cluster:
        bounds = Bounds(operations=options.operations, seconds=options.seconds)
        chosen = [each for each in SCENARIOS if each.name in ASKED and options.only in each.name]
        costs = uvloop.run(measure_cluster(server_core, load_core, chosen, bounds, options.connections, options.rounds))
        if options.json:
            print(json.dumps({"machine": describe(), **asdict(costs)}, indent=2))
        else:
            print_costs(describe(), costs, options.connections)
        return
    seconds = min(SECONDS, options.seconds)
    before = measure_limits(server_core, seconds)
    results = uvloop.run(_measure_all(options, server_core))
    limits = between(before, measure_limits(server_core, seconds))
    if options.json:
        document = {"machine": describe(), "limits": limits, "results": results, "connections": options.connections}
        print(json.dumps(document, indent=2, default=asdict))
    else:
        print_results(describe(), limits, results, options.connections)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--seconds", type=float, default=5.0, help="at most this long for each scenario")
    parser.add_argument("--operations", type=int, default=100_000, help="at most this many for each scenario")
    parser.add_argument("--connections", type=int, default=16, help="with --cluster: of each process")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server, on its one core")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--cluster", action="store_true", help="PostgreSQL and Valkey; one worker, two, two nodes")
    parser.add_argument("--rounds", type=int, default=3, help="with --cluster: how often each of them is measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
