"""`python -m bench.budget`: where the microseconds of an operation go, part by part, beside what is physically needed.

The provider runs as in `make bench`, watched by a clock of its own CPU time. `--record` keeps what was measured,
`--write` puts the recorded table into the documentation.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvloop

from bench.budget import where
from bench.budget.floors import measure_floors
from bench.connection import Connection
from bench.installation import Installation, load_records, served, settings, within
from bench.instructions import regression
from bench.load import Bounds, load
from bench.machine import cores, describe, usage_of
from bench.scenarios import REFRESH_IN_A_STORM, SCENARIOS, Scenario
from docker.cluster.ports import free_port

PARTS = Path(__file__).with_name("parts.json")
PAGE = Path(__file__).parents[2] / "docs/performance.md"
BEGIN, END = "<!-- budget: begin -->\n", "<!-- budget: end -->\n"
CONNECTIONS: Final = 16
WARM_UP = Bounds(operations=400, seconds=2.0)
_HERE = Path(__file__).parent
_WRITING_LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Microseconds of CPU for one operation, in all and by part."""

    microseconds: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on one day on one machine: the parts of each scenario, and the floors, in microseconds."""

    machine: str
    day: str
    operations: dict[str, Parts]
    floors: dict[str, float]


@contextmanager
def _watched_provider(core: int) -> Iterator[tuple[Installation, Path]]:
    """Serve new records from a SQLite file, watched; with the file that what was seen is written to."""
    with tempfile.TemporaryDirectory(prefix="idp-bench-") as name:
        folder, ports = Path(name), (free_port(),)
        seen = folder / "seen.json"
        environment = settings(ports) | within(folder)
        load_records(folder, environment)
        command = (sys.executable, "-P", str(_HERE / "sampler.py"), str(seen))
        with served(core, environment, ports, folder, command=command) as installation:
            yield installation, seen


async def watch(scenario: Scenario, installation: Installation, seen: Path, seconds: float) -> Parts:
    """Load the provider with a scenario and return where its time went."""
    (pid,) = installation.pids
    opened = [await Connection.open("127.0.0.1", installation.ports[0]) for _ in range(CONNECTIONS)]
    try:
        step = await scenario.prepare(installation, opened)
        await load(opened, step, WARM_UP)
        before = usage_of(pid).cpu
        os.kill(pid, signal.SIGUSR1)
        done = len((await load(opened, step, Bounds(1_000_000, seconds))).seconds)
        os.kill(pid, signal.SIGUSR1)
        spent = usage_of(pid).cpu - before
    finally:
        for each in opened:
            each.close()
    found = json.loads(_written(seen))
    modules = {**found["loop"], **{f"thread {name}": each for name, each in found["threads"].items()}}
    parts = {part: _microseconds(each, done) for part, each in where.by_part(modules).items()}
    return Parts(_microseconds(spent, done), parts)


def _written(file: Path) -> str:
    deadline = time.monotonic() + _WRITING_LIMIT
    while not file.exists():
        assert time.monotonic() < deadline, "the provider did not write what it saw"
        time.sleep(0.02)
    try:
        return file.read_text(encoding="utf-8")
    finally:
        file.unlink()


def _microseconds(seconds: float, operations: int) -> float:
    return round(seconds / operations * 1_000_000, 1)


async def measure(only: str, seconds: float) -> Measured:
    """Watch each scenario whose name holds this, and measure the floors."""
    core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    operations = {}
    with _watched_provider(core) as (installation, seen):
        for scenario in SCENARIOS:
            if only in scenario.name and scenario.name != REFRESH_IN_A_STORM:
                operations[scenario.name] = parts = await watch(scenario, installation, seen, seconds)
                print(f"  {scenario.name}: {parts.microseconds:,.0f} µs", file=sys.stderr)
        floors = await measure_floors(core, load_core, installation)
    return Measured(describe(), f"{datetime.now(UTC):%-d %B %Y}", operations, floors)


def read(file: Path) -> Measured:
    """Return what was recorded."""
    document = json.loads(file.read_text(encoding="utf-8"))
    operations = {name: Parts(**each) for name, each in document.pop("operations").items()}
    return Measured(operations=operations, **document)


def table(measured: Measured, budget: regression.Budget | None) -> str:
    """Return the tables of the documentation: parts by operation, then the floors."""
    names = list(measured.operations)
    lines = [["µs of CPU for one operation", *names], ["---", *["---:"] * len(names)]]
    for part in (*where.PARTS, where.OTHER):
        cells = [measured.operations[name].parts.get(part, 0.0) for name in names]
        if any(cell >= 1 for cell in cells):
            lines.append([part, *(f"{cell:,.0f}" if cell >= 1 else "" for cell in cells)])
    lines.append(
        ["**all, as the kernel counts**", *(f"**{measured.operations[name].microseconds:,.0f}**" for name in names)]
    )
    if budget is not None:
        counts = (budget.operations.get(name) for name in names)
        lines.append(["instructions, thousands", *(f"{count / 1000:,.0f}" if count else "" for count in counts)])
    floors = [["nothing less will do", "µs of CPU"], ["---", "---:"]]
    floors += [[name, f"{each:,.1f}"] for name, each in measured.floors.items()]
    told = f"Measured on {measured.day}: {measured.machine}.\n"
    return "\n".join((told, _drawn(lines), _drawn(floors)))


def _drawn(lines: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def recorded_table() -> str:
    """Return the tables of what is recorded."""
    return table(read(PARTS), regression.read(regression.BUDGET))


def written() -> str:
    """Return what stands in the documentation."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Measure, print, record or write, as told."""
    parser = argparse.ArgumentParser(prog="python -m bench.budget", description=__doc__)
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each is walked")
    parser.add_argument("--record", action="store_true", help="measure all and keep it")
    parser.add_argument("--write", action="store_true", help="write what is recorded into the documentation")
    options = parser.parse_args()
    if options.record or not options.write:
        measured = uvloop.run(measure("" if options.record else options.only, options.seconds))
        print(table(measured, None))
        if options.record:
            PARTS.write_text(json.dumps(asdict(measured), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(before + BEGIN + recorded_table() + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
