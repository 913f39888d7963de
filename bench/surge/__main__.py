"""`make surge`: ten times the sign-ins that a core sustains, and whether services, people and memory come through it.

One worker and its stores on one core, the load on another. First what the core does: refreshing only, and signing
people in beside a quiet stream of services. Then, all the while beside that stream: nothing else, sign-ins at the
sustainable rate, the surge, and the sustainable rate again. Everything arrives on its own schedule, at independent
moments, and waits for nobody; people come from ever new addresses over connections of their own. Ends with 1 when a
promise was broken.
"""

import argparse
import asyncio
import json
import math
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import uvloop

from bench.connection import Connection
from bench.installation import Installation
from bench.load import Bounds, load
from bench.machine import cores, describe, own_cpu
from bench.peers.contestants import on_postgresql, on_sqlite, started_on
from bench.scenarios import PASSWORDS
from bench.surge.open_loop import Span, arrive
from bench.surge.report import AFTER, CALM, QUIET, SURGE, Observed, Report, part_of, print_report, verdicts_of
from bench.surge.services import Services
from bench.surge.visitors import Visitors

SHARE_OF_REFRESHES = 0.25
"""Of what a core does when it only refreshes, how much the services ask for: so much of the core is theirs."""

OTHERS = 0.25
"""Introspections, and userinfo requests, for each refresh."""

SUSTAINABLE = 0.75
"""Of the sign-ins that a core does at most beside the services: near all of it, every queue grows without end."""

_STORM, _AS_BEFORE = 3, 2
"""Seeds: before and after the surge people come at the same moments, so that what they find can be compared."""

STORES = {"sqlite": on_sqlite, "postgresql": on_postgresql}

_SIGNING_IN_AT_ONCE = 8
_REFRESHING_AT_ONCE = 16
_WATCH_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """How strong the surge is, and how many seconds each part takes. `typing` lies between the page and its form."""

    factor: float = 10.0
    surge: float = 60.0
    typing: float = 0.0
    finding_out: float = 8.0
    alone: float = 10.0
    calm: float = 20.0


class Run:
    """One run against one installation."""

    def __init__(self, installation: Installation, plan: Plan) -> None:
        self._installation = installation
        self._plan = plan
        self._services = Services(installation)
        self._visitors = Visitors(installation, plan.typing)
        self._seen: list[Observed] = []

    async def report(self, machine: str, stores: str) -> Report:
        """Measure everything; takes a minute beyond the surge."""
        connections = await self._services.prepare()
        _say("refreshing only")
        alone = await self._refreshing_only(connections)
        try:
            async with self._stream(alone * SHARE_OF_REFRESHES):
                await self._watched(QUIET, asyncio.sleep(self._plan.alone))
                most = await self._signing_in_only()
                sustainable = most * SUSTAINABLE
                await self._through(sustainable)
        finally:
            self._services.close()
        visits = self._visitors.visits
        parts = [part_of(seen, self._services.asked, visits) for seen in self._seen]
        wrong = [visit.why for visit in visits if visit.why]
        return Report(
            machine, stores, self._plan.factor, self._plan.surge, self._plan.typing,
            round(alone, 1), round(most, 2), round(sustainable, 2), parts,
            verdicts_of({part.name: part for part in parts}, visits, {seen.name: seen.span for seen in self._seen}),
            [*self._services.wrong, *wrong[:5]],
        )  # fmt: skip

    async def _through(self, sustainable: float) -> None:
        """Calm, surge, and calm again, until everybody has left."""
        come, storm = self._visitors.come, sustainable * self._plan.factor
        await self._watched(CALM, arrive(sustainable, self._plan.calm, come, _AS_BEFORE))
        await self._watched(SURGE, arrive(storm, self._plan.surge, come, _STORM))
        await self._watched(AFTER, arrive(sustainable, self._plan.calm, come, _AS_BEFORE))
        await self._visitors.settle()

    async def _refreshing_only(self, connections: list[Connection]) -> float:
        step, few = self._services.refresh_at_once, connections[:_REFRESHING_AT_ONCE]
        await load(few, step, Bounds(500, 1.0))
        return (await load(few, step, Bounds(sys.maxsize, self._plan.finding_out / 2))).rate

    async def _signing_in_only(self) -> float:
        """How many people a second are signed in at most beside the services: a few at once, each after the other."""
        _say("signing in as fast as it goes")
        port = self._installation.port(0)
        connections = [await Connection.open("127.0.0.1", port) for _ in range(_SIGNING_IN_AT_ONCE)]
        try:
            step = await PASSWORDS.prepare(self._installation, connections)
            await load(connections, step, Bounds(40, self._plan.finding_out / 4))
            return (await load(connections, step, Bounds(sys.maxsize, self._plan.finding_out))).rate
        finally:
            for connection in connections:
                connection.close()

    @asynccontextmanager
    async def _stream(self, refreshes: float) -> AsyncIterator[None]:
        """The services ask all the while."""
        asking = (
            (refreshes, self._services.refresh),
            (refreshes * OTHERS, self._services.introspect),
            (refreshes * OTHERS, self._services.userinfo),
        )
        tasks = [
            asyncio.create_task(arrive(rate, math.inf, ask, seed)) for seed, (rate, ask) in enumerate(asking, start=10)
        ]
        try:
            yield
            for task in tasks:
                assert not task.done(), "the services were not asking all the time"
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _watched(self, name: str, work: Awaitable[object]) -> None:
        """Do `work` and note what the server used meanwhile."""
        _say(name)
        memory, connections = [0.0], [0]

        def look() -> None:
            memory.append(self._memory())
            connections.append(sum(1 for _ in Path(f"/proc/{self._pid}/fd").iterdir()))

        start, cpu, own = time.perf_counter(), self._installation.usage().cpu, own_cpu()
        watching = asyncio.create_task(_every(_WATCH_EVERY, look))
        try:
            await work
        finally:
            watching.cancel()
        span, used = Span(start, time.perf_counter()), self._installation.usage().cpu - cpu
        self._seen.append(Observed(name, span, max(memory), max(connections), used, own_cpu() - own))

    def _memory(self) -> float:
        """Resident memory in MiB: of one process, and read at once, so that watching disturbs nothing."""
        pages = Path(f"/proc/{self._pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024

    @property
    def _pid(self) -> int:
        return self._installation.pids[0]


async def _every(seconds: float, act: Callable[[], None]) -> None:
    while True:
        act()
        await asyncio.sleep(seconds)


def _allow_connections() -> None:
    """Have room for people who stay connected."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr)


def main() -> None:
    """Measure, print, and end with 1 when a promise was broken."""
    options = _options()
    server_core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    _allow_connections()
    others = Plan()
    plan = Plan(
        options.factor, options.seconds, options.typing,
        *(seconds * options.others for seconds in (others.finding_out, others.alone, others.calm)),
    )  # fmt: skip
    with started_on(server_core, partial(STORES[options.stores], server_core, 0)) as started:
        report = uvloop.run(Run(started.installation, plan).report(describe(), started.name))
    if options.json:
        print(json.dumps({**asdict(report), "holds": report.holds}, indent=2))
    else:
        print_report(report)
    sys.exit(not report.holds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.surge", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the surge")
    parser.add_argument("--factor", type=float, default=10.0, help="times the sustainable rate of sign-ins")
    parser.add_argument("--stores", choices=STORES, default="sqlite", help="on the server's core too")
    parser.add_argument("--typing", type=float, default=0.0, help="seconds from the sign-in page to its form")
    parser.add_argument("--others", type=float, default=1.0, help="times the usual length of the other parts")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args()


if __name__ == "__main__":
    main()
