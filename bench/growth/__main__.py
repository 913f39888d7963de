"""`make bench-growth`: what an operation costs with more people, more clients and more connections.

Where it grows faster than the logarithm of their number (`bench.growth.rule`), the exit code is 1.

The databases are made in a folder that stays (`--folder`): ten million people take half an hour and 28 GB, once. All
sizes are served at the same time by a process each, on one core, and measured in turn; the load is on another core. The
figure is the CPU that the process of that size spent for each operation: on a machine with other work it drifts least.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console
from rich.table import Table

from bench.growth.bases import Base, running, with_clients, with_people
from bench.growth.crowd import crowd_of, gather
from bench.growth.measuring import Line, Subject, connected, measure_growth
from bench.growth.operations import CLIENT_CREDENTIALS, OPERATIONS
from bench.growth.plots import drawing
from bench.growth.rule import logarithmic, refusals
from bench.installation import Installation
from bench.load import Bounds, load
from bench.machine import allow_files, cores, describe, on_core

_CONNECTIONS: Final = 16
_PATIENCE: Final = 600.0
_HOLDERS: Final = 400
"""People who sign in before it is measured, from all over the base."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """What grows: its name, its sizes, the base for each size, and how many connections ask there."""

    name: str
    sizes: tuple[int, ...]
    base: Callable[[Path, int], Base]
    connections: Callable[[int], int] = lambda _size: _CONNECTIONS


PEOPLE: Final = Dimension("people", (10_000, 1_000_000, 10_000_000), with_people)
CLIENTS: Final = Dimension("clients", (10, 1_000, 10_000), with_clients)
CONNECTIONS: Final = Dimension(
    "connections", (1, 16, 256, 2_000), lambda folder, _size: with_clients(folder, CLIENTS.sizes[0]), lambda size: size
)
DIMENSIONS: Final = {each.name: each for each in (PEOPLE, CLIENTS, CONNECTIONS)}


@dataclass(frozen=True, slots=True)
class Growth:
    """What one dimension came to, and in words what grows faster than a logarithm."""

    dimension: str
    lines: list[Line]
    wrong: list[str]


def main() -> None:
    """Make what is not there, measure, judge and print; the exit code says whether everything grows slowly enough."""
    options = _options()
    allow_files()
    measured = []
    for name in options.what or DIMENSIONS:
        dimension = DIMENSIONS[name]
        sizes = tuple(options.sizes or dimension.sizes)
        bases = {size: dimension.base(options.folder.resolve(), size) for size in sizes}
        if not options.fill_only:
            measured.append(_judge(name, _measure(dimension, bases, options.rounds, options.operations)))
            if options.plots:
                (options.plots / f"growth-{name}.svg").write_text(drawing(name, measured[-1].lines), encoding="utf-8")
    if options.json:
        print(json.dumps({"machine": describe(), "rounds": options.rounds, "growth": measured}, default=asdict))
    else:
        for each in measured:
            _print(each)
    sys.exit(any(each.wrong for each in measured))


def _judge(name: str, lines: list[Line]) -> Growth:
    wrong = [f"{line.operation}: {what}" for line in lines for what in refusals([each.cost() for each in line.figures])]
    return Growth(name, lines, wrong)


def _measure(dimension: Dimension, bases: dict[int, Base], rounds: int, most: int) -> list[Line]:
    server_core, load_core = cores()
    distinct = list({base.folder: base for base in bases.values()}.values())
    with running(server_core, distinct) as installations, on_core(load_core):
        served = {base.folder: installation for base, installation in zip(distinct, installations, strict=True)}
        return uvloop.run(
            _ask(dimension, [(size, base, served[base.folder]) for size, base in bases.items()], rounds, most)
        )


async def _ask(
    dimension: Dimension, bases: Sequence[tuple[int, Base, Installation]], rounds: int, most: int
) -> list[Line]:
    subjects = [
        await _subject(size, base, installation, dimension.connections(size), min(most, _HOLDERS))
        for size, base, installation in bases
    ]
    operations = [replace(each, times=min(most, each.times)) for each in OPERATIONS]
    return await measure_growth(subjects, operations, rounds)


async def _subject(size: int, base: Base, installation: Installation, connections: int, holders: int) -> Subject:
    crowd = crowd_of(installation, base.people, base.number, base.services)
    holders = min(holders, base.people)
    async with connected(installation, _CONNECTIONS // 4) as few:
        # A client is read when it first asks; measured is what comes after that.
        await load(few, CLIENT_CREDENTIALS.begin(crowd), Bounds(len(base.services), _PATIENCE))
        # Whoever refreshes has a token alone, so that there is one for each connection.
        await gather(crowd, few, holders, max(holders, connections))
    print(f"  {size:,}: {holders} people have signed in", file=sys.stderr)
    return Subject(size, installation, crowd, connections)


def _print(growth: Growth) -> None:
    lines, wrong = growth.lines, growth.wrong
    smallest = lines[0].figures[0].size
    table = Table(
        title=describe(),
        caption="CPU ms an operation, medians of interleaved rounds, and × the smallest; "
        + ("grows no faster than the logarithm" if not wrong else "\n".join(wrong)),
    )
    table.add_column(growth.dimension)
    for figure in lines[0].figures:
        table.add_column(f"{figure.size:,}", justify="right")
    table.add_row(
        "a logarithm", *(f"× {logarithmic(smallest, figure.size):.2f}" for figure in lines[0].figures), end_section=True
    )
    for line in lines:
        first = line.figures[0].cpu
        table.add_row(line.operation, *(f"{each.cpu:.3f} (× {each.cpu / first:.2f})" for each in line.figures))
    memory = (max(line.figures[place].memory for line in lines) for place in range(len(lines[0].figures)))
    table.add_row("memory, MiB", *(f"{most:.0f}" for most in memory))
    Console(width=120).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("what", nargs="*", help=f"what grows: {', '.join(DIMENSIONS)}; all if none is named")
    parser.add_argument("--sizes", type=int, nargs="+", help="others than those that are promised, ascending")
    parser.add_argument("--folder", type=Path, default=Path("var/growth"), help="for the databases, which stay")
    parser.add_argument("--rounds", type=int, default=5, help="how often each size is measured")
    parser.add_argument("--operations", type=int, default=sys.maxsize, help="at most this many of a kind in a round")
    parser.add_argument("--fill-only", action="store_true", help="make the databases and measure nothing")
    parser.add_argument("--plots", type=Path, help="a folder for one SVG file each")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    if unknown := set(options.what) - DIMENSIONS.keys():
        parser.error(f"nothing grows that is called {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
