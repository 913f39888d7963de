"""Faults of the provider on one machine with SQLite."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import urllib.error
import urllib.request
from contextlib import closing
from functools import partial
from pathlib import Path

from bench.machine import family
from tests.chaos.cluster_place import ROOT
from tests.chaos.people import PORTAL, Population
from tests.chaos.place import Embedded
from tests.chaos.receiver import LogoutReceiver
from tests.chaos.relying_party import AuthorizationRequest
from tests.chaos.scenario import Scenario

PAUSED = 10.0
FULL = 8.0
"""Seconds for which the disk stays full once somebody felt it."""

FELT_WITHIN = 120.0
_LOOK = 0.2

DISK = 64 * 1024 * 1024
"""Bytes of the disk that is filled: the database of a run and some."""

_BLOCK = 64 * 1024


def open_embedded(folder: Path, population: Population, receiver: LogoutReceiver) -> Embedded:
    """Serve from `folder` with everybody loaded; the log lies beside it."""
    home = folder / "idp"
    home.mkdir(exist_ok=True)
    place = Embedded(home, folder / "serve.log", IDP_OUTBOUND_ALLOW=receiver.address, PYTHONPATH=str(ROOT))
    _load_and_start(place, folder, population, receiver)
    return place


def _load_and_start(place: Embedded, folder: Path, population: Population, receiver: LogoutReceiver) -> None:
    try:
        for path in population.write(folder, receiver.url):
            loaded = place.command("import", str(path))
            assert loaded.returncode == 0, loaded.stderr
        place.start()
    except BaseException:
        place.close()
        raise


async def kill(place: Embedded) -> None:
    """`kill -9` of every process, and a new start."""
    place.provider.kill()
    await asyncio.to_thread(place.start)


async def pause(place: Embedded) -> None:
    """Nothing runs for a while: SIGSTOP, then SIGCONT."""
    assert place.provider.process is not None
    everybody = family(place.provider.process.pid)
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for pid in everybody:
            os.kill(pid, number)
        if number == signal.SIGSTOP:
            await asyncio.sleep(PAUSED)


class SmallDisk(Embedded):
    """The same on a file system of its own, `DISK` bytes large."""

    mounted: Path | None = None

    def close(self) -> None:
        super().close()
        if self.mounted is not None:
            subprocess.run(["umount", "--lazy", str(self.mounted)], check=True, timeout=30)  # killed ones may linger


def open_small_disk(given: Path | None, folder: Path, population: Population, receiver: LogoutReceiver) -> SmallDisk:
    """Serve from a small file system: the folder `given` on one, else a new one in memory, which takes root."""
    home = folder / "disk" if given is None else given
    place = SmallDisk(home, folder / "serve.log", IDP_OUTBOUND_ALLOW=receiver.address, PYTHONPATH=str(ROOT))
    if given is None:
        home.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(home)], check=True, timeout=30)
        place.mounted = home
    _load_and_start(place, folder, population, receiver)
    return place


async def fill(place: SmallDisk) -> None:
    """Write until nothing more fits, keep it so for a while once it is felt, then make room."""
    filler = place.provider.folder / "filler"
    await asyncio.to_thread(_empty_log, place.provider.folder / "idp.db")
    await asyncio.to_thread(_fill, filler)
    keep_full = asyncio.create_task(_keep_full(filler))
    try:
        async with asyncio.timeout(FELT_WITHIN):
            while await asyncio.to_thread(_begins_a_sign_in, place):  # noqa: ASYNC110 -- a disk does not tell
                await asyncio.sleep(_LOOK)
        await asyncio.sleep(FULL)
    finally:
        keep_full.cancel()
        filler.unlink()


def _empty_log(database: Path) -> None:
    """Move what the write-ahead log holds into the database, so that the next write needs room on the disk."""
    with closing(sqlite3.connect(database, timeout=5)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _begins_a_sign_in(place: SmallDisk) -> bool:
    """Whether an authorization request, which writes, is answered as ever."""
    try:
        with urllib.request.urlopen(place.provider.url + AuthorizationRequest(PORTAL).path, timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


async def _keep_full(filler: Path) -> None:
    while True:
        await asyncio.sleep(_LOOK)
        _fill(filler)


def _fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file:
        for block in (_BLOCK, 4096, 1):
            try:
                while True:
                    file.write(b"x" * block)
            except OSError:
                continue


def scenarios(small_disk: Path | None) -> tuple[Scenario[Embedded] | Scenario[SmallDisk], ...]:
    """Every fault of this place; `small_disk` is a folder on a small file system, made when None."""
    return (
        Scenario("embedded-kill", "SQLite: kill -9 the server", open_embedded, kill),
        Scenario("embedded-pause", f"SQLite: stop every process for {PAUSED:.0f} s", open_embedded, pause),
        Scenario(
            "embedded-full",
            f"SQLite: the disk is full for {FULL:.0f} s",
            partial(open_small_disk, small_disk),
            fill,
            after_repair=True,
        ),
    )
