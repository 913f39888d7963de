"""`python -m bench.population --people N`: how fast N people are loaded on PostgreSQL, and what they cost afterwards.

The people are those of `idp demo-data`, the same for the same number. Loaded are first 10,000, then all, each into a
database of its own; on both the same is measured: what a sign-in looks up, a whole sign-in with its password hash, and
refreshing, always by people drawn from all.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from bench.connection import Connection
from bench.installation import Installation, load_records, served, settings
from bench.load import Bounds, Step, Timings, load
from bench.look_ups import look_up_people
from bench.machine import cores, describe
from bench.postgresql import Server, postgresql_server
from bench.scenarios import AUTHORIZE, OK, expect, redeem, refreshed
from bench.visitor import Visitor
from docker.cluster.ports import free_port
from idp.adapters.crypto.secret_file import load_secret
from idp.cli.sample_people import PASSWORD, sample_lines

FEW = 10_000
_IDP = (sys.executable, "-m", "bench.idp_command")
_SEED = 1
_DRAWN = 400
"""People who sign in while it is measured, drawn from all."""

Prepare = Callable[[Installation, list[Connection]], Awaitable[Step]]


@dataclass(frozen=True, slots=True)
class Measured:
    """With so many people: how many were loaded in a second, and what one of them cost; then medians in milliseconds.

    The cost is in microseconds of CPU and in bytes on the disk.
    """

    people: int
    loaded_per_second: float
    idp_cpu: float
    postgresql_cpu: float
    bytes_per_person: float
    look_ups: float
    sign_in: float
    refresh: float


def main() -> None:
    """Generate, load, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.population", description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, default=Path("var/population"), help="for the files, which stay")
    parser.add_argument("--file-only", action="store_true", help="write the people and do nothing else")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    file = people_file(folder, options.people)
    if options.file_only:
        print(file)
        return
    with postgresql_server(folder / "postgresql") as server:
        sizes = sorted({min(FEW, options.people), options.people})
        results = [measure_population(server, folder, people) for people in sizes]
    if options.json:
        print(json.dumps({"machine": describe(), "results": results}, indent=2, default=asdict))
    else:
        _print(results)


def people_file(folder: Path, people: int) -> Path:
    """Return the file of so many people, written unless it is there."""
    file = folder / f"people-{people}.jsonl"
    if not file.exists():
        unfinished = file.with_suffix(".unfinished")
        with unfinished.open("wb", buffering=1 << 20) as stream:
            stream.writelines(sample_lines(people, _SEED))
        unfinished.rename(file)
    return file


def measure_population(server: Server, folder: Path, people: int) -> Measured:
    """Load so many people into a new database and measure on it."""
    file, database = people_file(folder, people), f"people_{people}_{int(time.time())}"
    ports = (free_port(),)
    environment = settings(ports) | {
        "IDP_DATABASE_URL": server.create(database),
        "IDP_KEYSTORE": f"file:{folder}/keys/",
        "IDP_SECRET_FILE": f"{folder}/secret",
        "IDP_MAIL": f"file:{folder}/mail",
        "IDP_AUDIT_CHECKPOINTS": f"file:{folder}/checkpoints-{database}.jsonl",
        "IDP_REQUEST_LIMIT": "1000",
    }
    load_secret(folder / "secret", create=True)
    _idp(environment, "migrate")
    load_records(folder, environment)
    empty, started, spent = _size(server, database), time.perf_counter(), (_cpu_of_commands(), server.cpu())
    _idp(environment, "import", str(file))
    elapsed = time.perf_counter() - started
    idp_cpu, postgresql_cpu = _cpu_of_commands() - spent[0], server.cpu() - spent[1]
    grown = _size(server, database) - empty
    server.ask("VACUUM ANALYZE", database)
    drawn = list(drawn_people(file, people))
    look_ups = look_up_people(environment, [number for number, _ in drawn])
    core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    with served(core, environment, ports, folder) as installation:
        numbers = [number for number, has_password in drawn if has_password]
        sign_in, refresh = uvloop.run(_measure(installation, numbers))
    os.sched_setaffinity(0, {core, load_core})
    return Measured(
        people,
        round(people / elapsed, 1),
        round(idp_cpu / people * 1e6, 1),
        round(postgresql_cpu / people * 1e6, 1),
        round(grown / people),
        round(look_ups * 1000, 2),
        round(sign_in.percentile(50) * 1000, 2),
        round(refresh.percentile(50) * 1000, 2),
    )


async def _measure(installation: Installation, numbers: list[str]) -> tuple[Timings, Timings]:
    """Everybody signs in once and the client refreshes for all of them in turn, one at a time."""
    connection = await Connection.open("127.0.0.1", installation.port(0))
    tokens: list[str] = []
    people = iter(enumerate(numbers))

    async def sign_in(asked: Connection, _number: int) -> None:
        position, username = next(people)
        visitor = Visitor(asked, installation.origin, address=f"10.0.{position >> 8}.{position & 255}")
        page = expect(await visitor.follow(await visitor.get(AUTHORIZE)), OK, b'id="sign-in"')
        redirect = await visitor.submit(page, "sign-in", {"username": username, "password": PASSWORD})
        tokens.append((await redeem(asked, redirect))["refresh_token"])

    try:
        signed_in = await load([connection], sign_in, Bounds(len(numbers), 120))
        turns = cycle(range(len(tokens)))

        async def refresh(asked: Connection, _number: int) -> None:
            turn = next(turns)
            tokens[turn] = await refreshed(asked, tokens[turn])

        return signed_in, await load([connection], refresh, Bounds(10 * len(tokens), 30))
    finally:
        connection.close()
        await asyncio.sleep(0)


def drawn_people(file: Path, people: int) -> Iterator[tuple[str, bool]]:
    """Yield personal numbers of people from anywhere in the file, and whether they have a password."""
    generator = random.Random(people)
    size = file.stat().st_size
    seen: set[str] = set()
    with file.open("rb") as stream:
        while len(seen) < min(_DRAWN, people // 2):
            stream.seek(generator.randrange(size))
            stream.readline()
            line = stream.readline()
            if not line:
                continue
            person = json.loads(line)["people"]
            if person["personal_number"] not in seen:
                seen.add(person["personal_number"])
                yield person["personal_number"], "password_hash" in person


def _size(server: Server, database: str) -> int:
    return int(server.ask(f"SELECT pg_database_size('{database}')"))


def _cpu_of_commands() -> float:
    """CPU seconds of every command so far, its helping processes included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _idp(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([*_IDP, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


def _print(results: list[Measured]) -> None:
    table = Table(
        title=describe(), caption="medians in milliseconds, one request at a time; × compared with few people"
    )
    columns = ("people", "loaded/s", "µs idp", "µs PostgreSQL", "bytes", "look-ups", "sign-in", "refresh")
    for column in columns:
        table.add_column(column, justify="right")
    few = results[0]
    for each in results:
        table.add_row(
            f"{each.people:,}", f"{each.loaded_per_second:,.0f}", f"{each.idp_cpu:.0f}",
            f"{each.postgresql_cpu:.0f}", f"{each.bytes_per_person:,.0f}",
            *(f"{mine:.2f} (× {mine / theirs:.2f})" for mine, theirs in (
                (each.look_ups, few.look_ups), (each.sign_in, few.sign_in), (each.refresh, few.refresh),
            )),
        )  # fmt: skip
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
