"""`python -m bench.instructions`: how many instructions the provider executes for one operation of each scenario.

Counted by valgrind, so that the figures do not depend on what else the machine does. One connection asks one thing at
a time: what requests that come together share (a commit, a wake-up) is counted for each of them. Each figure is the
median of a few portions. Background jobs are left out as far as their periods are stretched, and passwords are hashed
in the cheapest way, since the hash is not ours.
"""

import argparse
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.connection import Connection
from bench.installation import Installation
from bench.instructions import callgrind, regression
from bench.instructions.callgrind import Counter, NotInstalledError
from bench.instructions.counted import count_yardstick, counted_provider
from bench.load import Bounds, Step, load
from bench.scenarios import REFRESH_IN_A_STORM, SCENARIOS, Scenario

REQUESTS = 4
LEAST = 12_000_000
"""Instructions of a portion: as many requests as that takes, and no fewer than `REQUESTS`."""

PORTIONS = 3
_FOREVER = 3600.0
WARM_UP = Bounds(operations=30, seconds=_FOREVER)
SETTLING = Bounds(operations=500, seconds=_FOREVER)
"""What is done once at the start goes on for a while beside the first requests."""

_TOP = 40


@dataclass(frozen=True, slots=True)
class Counted:
    """Instructions for one operation in each portion of so many requests, and the files with their functions."""

    scenario: str
    requests: int
    portions: tuple[float, ...]
    files: tuple[Path, ...]

    @property
    def each(self) -> int:
        """Instructions for one operation."""
        return round(statistics.median(self.portions))

    @property
    def spread(self) -> float:
        """How far the portions lie apart, as a part of the median."""
        return (max(self.portions) - min(self.portions)) / self.each


async def count(
    scenario: Scenario,
    installation: Installation,
    counter: Counter,
    requests: int,
    connections: int = 1,
) -> Counted:
    """Walk a scenario: first to warm up, then portions of at least so many requests."""
    opened = [await Connection.open("127.0.0.1", installation.ports[0]) for _ in range(connections)]
    try:
        step = await scenario.prepare(installation, opened)
        await load(opened, step, WARM_UP)
        return await _portions(scenario.name, opened, step, counter, requests)
    finally:
        for each in opened:
            each.close()


async def _portions(name: str, opened: list[Connection], step: Step, counter: Counter, requests: int) -> Counted:
    files = []
    with counter.counting():
        await load(opened, step, Bounds(requests, _FOREVER))
        # Taking a count wakes the process up, which is counted too: in long portions it is next to nothing.
        requests = max(requests, LEAST * requests // callgrind.total(counter.take()))
        for _ in range(PORTIONS):
            await load(opened, step, Bounds(requests, _FOREVER))
            files.append(counter.take())
    return Counted(name, requests, tuple(callgrind.total(file) / requests for file in files), tuple(files))


async def _settle(installation: Installation) -> None:
    connection = await Connection.open("127.0.0.1", installation.ports[0])
    await load([connection], await SCENARIOS[0].prepare(installation, [connection]), SETTLING)
    connection.close()


async def count_all(scenarios: Sequence[Scenario], options: argparse.Namespace) -> dict[str, int]:
    """Count each scenario, tell it at once, and return instructions for one operation by scenario."""
    results = {}
    with counted_provider() as (installation, counter):
        await _settle(installation)
        for scenario in scenarios:
            counted = await count(scenario, installation, counter, options.requests, options.connections)
            results[scenario.name] = counted.each
            print(f"{scenario.name:42} {counted.each:14,}   within {counted.spread:.1%}", flush=True)
            if options.profile:
                _print_functions(counted)
                _keep(counted, Path(options.profile))
    return results


def _print_functions(counted: Counted) -> None:
    """Print where the instructions of the last portion went."""
    found = callgrind.functions(counted.files[-1])
    told: tuple[tuple[str, dict[str, int]], ...] = (
        ("own", {name: spent.own for name, spent in found.items()}),
        ("with everything called", {name: spent.whole for name, spent in found.items() if "'2" not in name}),
    )
    for title, by_name in told:
        print(f"  {title}, instructions for one operation:")
        for name, spent in sorted(by_name.items(), key=lambda each: -each[1])[:_TOP]:
            print(f"  {spent / counted.requests:14,.0f}  {name[:110]}")


def _keep(counted: Counted, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = counted.scenario.replace(" ", "-").replace(",", "")
    shutil.copy(counted.files[-1], folder / f"callgrind.out.{name}")


def main() -> None:
    """Count and print; with `--check`, leave with 1 when an operation costs more than its budget."""
    options = _options()
    # What differs by what goes on beside it is the same operation.
    chosen = [each for each in SCENARIOS if options.only in each.name and each.name != REFRESH_IN_A_STORM]
    try:
        yardstick = count_yardstick() if options.check or options.record else {}
        counts = uvloop.run(count_all(chosen, options))
    except NotInstalledError as missing:
        sys.exit(str(missing))
    if options.record:
        regression.record(regression.BUDGET, yardstick, counts)
    if options.check:
        sys.exit(regression.check(regression.read(regression.BUDGET), yardstick, counts))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.instructions", description=__doc__)
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--requests", type=int, default=REQUESTS, help="operations of each of the portions, at least")
    parser.add_argument("--connections", type=int, default=1, help="how many ask at the same time")
    parser.add_argument("--profile", metavar="FOLDER", help="print functions, and keep callgrind's files there")
    parser.add_argument("--check", action="store_true", help="compare with the recorded budget")
    parser.add_argument("--record", action="store_true", help="make this the recorded budget")
    return parser.parse_args()


if __name__ == "__main__":
    main()
