"""`python -m bench.console --people N`: how long each list of the console takes with a whole country in the database.

Loaded are so many people, 50,000 officers, 13,000 agencies and 2,000 services (`bench.town`), on SQLite, into a folder
that stays: the next run only measures. Every room is opened, every list read on page by page as far as its links lead,
and people are looked up by name; one administrator with every role asks, one request at a time.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict, dataclass
from html import unescape
from pathlib import Path
from typing import Final

import pyotp
import uvloop
from rich.console import Console
from rich.table import Table

from bench.connection import Answer, Connection
from bench.installation import Installation, served, settings
from bench.load import Timings
from bench.machine import cores, describe
from bench.population import people_file
from bench.scenarios import OK, expect
from bench.town import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, ADMINISTRATOR_SECRET, write_town
from bench.visitor import Visitor
from docker.cluster.ports import free_port
from idp.adapters.crypto.secret_file import load_secret
from idp.web.console.rooms import Room

TARGET: Final = 0.3
"""Seconds within which 95 of 100 answers are to come."""

_IDP: Final = (sys.executable, "-m", "bench.idp_command")
_NEXT: Final = re.compile(r'<a href="([^"]+)" rel="next"')
_ASKED: Final = 60
"""Answers of each list that are measured."""

_MORE: Final = {
    "officers of an agency of 1,000": "/admin/officers?agency=G00",
    "officers of a province": "/admin/officers?agency=H01",
    "agencies of a province": "/admin/agencies/H01",
    "changes that were decided": "/admin/changes?decided=yes",
    "requests of authorities, closed": "/admin/locks?closed=yes",
    "services by part of a name": "/admin/clients?q=cong+so+19",
    "services by identifier": "/admin/clients?q=service-1",
}
_NAMES: Final = (
    ("nguyen thi", ""), ("Nguyễn Văn An", ""), ("tran le", ""), ("hoa nguyen", "1990"), ("Lê Thị Hồng", "1975"),
    ("quach", "1988"), ("minh", "1990-01-02"), ("van nam tran", ""), ("ton nu", ""), ("dang pham", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListTimes:
    """One list: answers, and milliseconds that half and 95 of 100 did not exceed; `cpu` of the provider for each."""

    name: str
    answers: int
    p50: float
    p95: float
    cpu: float


def main() -> None:
    """Load what is not there yet, measure and print; the exit code says whether every list was fast enough."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("var/console"), help="for the database, which stays")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    ports = (free_port(),)
    environment = _environment(folder, ports)
    _load(folder, environment, options.people)
    core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    with served(core, environment, ports, folder) as installation:
        results = uvloop.run(_measure(installation))
    if options.json:
        print(json.dumps({"machine": describe(), "lists": results}, indent=2, default=asdict))
    else:
        _print(results, options.people)
    sys.exit(any(each.p95 > TARGET * 1000 for each in results))


def _environment(folder: Path, ports: tuple[int, ...]) -> dict[str, str]:
    return settings(ports) | {
        "IDP_DATABASE_URL": f"sqlite:///{folder}/idp.db",
        "IDP_KEYSTORE": f"file:{folder}/keys/",
        "IDP_SECRET_FILE": f"{folder}/secret",
        "IDP_MAIL": f"file:{folder}/mail",
        "IDP_AUDIT_CHECKPOINTS": f"file:{folder}/checkpoints.jsonl",
    }


def _load(folder: Path, environment: dict[str, str], people: int) -> None:
    loaded = folder / "loaded"
    if not loaded.exists():
        load_secret(folder / "secret", create=True)
        file = people_file(folder, people)
        files = folder / "files"
        files.mkdir(exist_ok=True)
        town = map(str, write_town(files, file))
        for arguments in (["migrate"], ["import", str(file)], ["import", *town]):
            subprocess.run([*_IDP, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
        loaded.touch()
    subprocess.run([*_IDP, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)


async def _measure(installation: Installation) -> list[ListTimes]:
    connection = await Connection.open("127.0.0.1", installation.port(0))
    try:
        visitor = Visitor(connection, installation.origin)
        spent = _Spent(installation)
        await _sign_in(visitor)
        lists = {f"room: {room.name.lower()}": room.value.path for room in Room} | _MORE
        results = [await _read_on(visitor, spent, name, path) for name, path in lists.items()]
        return [*results, *await _look_up(visitor, spent)]
    finally:
        connection.close()


async def _sign_in(visitor: Visitor) -> None:
    page = await visitor.follow(await visitor.get("/admin"))
    fields = {"username": ADMINISTRATOR, "password": ADMINISTRATOR_PASSWORD}
    page = expect(await visitor.submit(page, "sign-in", fields), OK, b'id="otp"')
    page = await visitor.submit(page, "otp", {"code": pyotp.TOTP(ADMINISTRATOR_SECRET).now()})
    expect(page, OK, b'class="rooms"')


async def _read_on(visitor: Visitor, spent: "_Spent", name: str, path: str) -> ListTimes:
    """Ask for a list page by page, from the beginning again at its end; the first answer warms up."""
    await visitor.get(path)
    timings, place = Timings(), path
    spent.since_last()
    for _ in range(_ASKED):
        answer = expect(await _timed(timings, visitor.get(place)), OK, b"<h1")
        place = _next(answer, path) or path
    return _result(name, timings, spent.since_last())


async def _look_up(visitor: Visitor, spent: "_Spent") -> list[ListTimes]:
    """Look people up by name, read each list on, and open somebody of it."""
    found, further, opened = Timings(), Timings(), Timings()
    spent.since_last()
    for turn in range(2 * len(_NAMES)):
        name, born = _NAMES[turn % len(_NAMES)]
        asked = {"purpose": "supervision", "reference": f"BENCH/{turn}", "name": name, "born": born}
        form = await visitor.get(Room.PEOPLE.value.path)
        page = await _timed(found, visitor.submit(form, "find", asked))
        last = expect(page, OK, b"<h1")
        async for each in _pages(visitor, last, further):
            last = each
        pick = re.search(r'name="pick" value="([^"]+)"', last.body.decode())
        if pick:
            chosen = {"pick": pick[1]}
            answer = await _timed(opened, visitor.submit(last, "pick", chosen))
            expect(answer, OK, b'class="facts"')
    answers = sum(len(each.seconds) for each in (found, further, opened))
    spent_each = spent.since_last() / answers
    return [
        _result(name, timings, spent_each * len(timings.seconds))
        for name, timings in (
            ("people: look up by name", found),
            ("people: further pages", further),
            ("people: open one", opened),
        )
    ]


async def _pages(visitor: Visitor, page: Answer, timings: Timings) -> AsyncIterator[Answer]:
    """Yield the first pages of a list."""
    for _ in range(3):
        yield page
        form = re.search(r'<form id="pick" method="post" action="([^"]+)"', page.body.decode())
        place = _next(page, form[1]) if form else None
        if place is None:
            return
        page = expect(await _timed(timings, visitor.get(place)), OK, b"<h1")


def _next(answer: Answer, path: str) -> str | None:
    found = _NEXT.search(answer.body.decode())
    if found is None:
        return None
    href = unescape(found[1])
    return path.partition("?")[0] + href if href.startswith("?") else href


async def _timed(timings: Timings, asked: Awaitable[Answer]) -> Answer:
    """Wait for an answer and note how long it took."""
    before = time.perf_counter()
    answer = await asked
    timings.seconds.append(time.perf_counter() - before)
    return answer


class _Spent:
    """What the provider spends of the processor."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._last = installation.usage().cpu

    def since_last(self) -> float:
        """Return the CPU seconds since the last look."""
        before, self._last = self._last, self._installation.usage().cpu
        return self._last - before


def _result(name: str, timings: Timings, cpu: float) -> ListTimes:
    p50, p95 = (round(timings.percentile(percent) * 1000, 1) for percent in (50, 95))
    return ListTimes(name, len(timings.seconds), p50, p95, round(cpu / len(timings.seconds) * 1000, 1))


def _print(results: list[ListTimes], people: int) -> None:
    table = Table(
        title=describe(), caption=f"{people:,} people; milliseconds, one request at a time; CPU of the provider"
    )
    for column in ("list", "answers", "p50", "p95", "CPU"):
        table.add_column(column, justify="left" if column == "list" else "right")
    for each in results:
        table.add_row(each.name, str(each.answers), f"{each.p50:.1f}", f"{each.p95:.1f}", f"{each.cpu:.1f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
