"""What cannot be had for less: the bare signature, commit, look-up, answer and hash, in microseconds of CPU."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from bench.connection import Connection
from bench.installation import Installation
from bench.limits import argon2_rate
from bench.load import Bounds, load
from bench.machine import on_core, usage_of
from bench.peers.bare import bare
from bench.scenarios import SCENARIOS

_SECONDS = 1.0
_MESSAGE = b"x" * 400
_ROWS = 10_000
_CONNECTIONS = 16
_WARM_UP = Bounds(operations=500, seconds=1.0)
_WALK = Bounds(operations=20_000, seconds=4.0)


async def measure_floors(core: int, load_core: int, installation: Installation) -> dict[str, float]:
    """Measure them on `core`, asked from `load_core`; `installation` is what a bare server answers like."""
    with on_core(core):
        key = ec.generate_private_key(ec.SECP256R1())
        signed, known = key.sign(_MESSAGE, ec.ECDSA(SHA256())), key.public_key()
        floors = {
            "ES256: a signature made": _each(lambda: key.sign(_MESSAGE, ec.ECDSA(SHA256()))),
            "ES256: a signature verified": _each(lambda: known.verify(signed, _MESSAGE, ec.ECDSA(SHA256()))),
            **_store(),
            "argon2id of a password, by argon2-cffi": 1_000_000 / argon2_rate(),
        }
    return {**floors, "HTTP: a request read, the bytes of JWKS sent": await _answer(core, load_core, installation)}


def _each(work: Callable[[], object]) -> float:
    """Return the microseconds of CPU that this takes; what a disk takes to write is no CPU."""
    started = time.process_time()
    deadline = time.monotonic() + _SECONDS * 4
    done = 0
    while (spent := time.process_time() - started) < _SECONDS and time.monotonic() < deadline:
        work()
        done += 1
    return spent / done * 1_000_000


def _store() -> dict[str, float]:
    """Return what SQLite takes to find a row by its key, and to write one and have it on the disk."""
    with TemporaryDirectory(prefix="idp-bench-") as folder:
        database = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE rows (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        rows = ((f"row {number}", "x" * 200) for number in range(_ROWS))
        with database:
            database.executemany("INSERT INTO rows VALUES (?, ?)", rows)
        try:
            return {
                "SQLite: a row found": _each(
                    lambda: database.execute("SELECT value FROM rows WHERE name = ?", ("row 5000",)).fetchone()
                ),
                "SQLite: a row written, flushed to the disk": _each(
                    lambda: database.execute("UPDATE rows SET value = ? WHERE name = ?", ("y" * 200, "row 5000"))
                ),
            }
        finally:
            database.close()


async def _answer(core: int, load_core: int, installation: Installation) -> float:
    """Return what uvicorn takes for an answer whose bytes are known, with nothing around it."""
    scenario = next(each for each in SCENARIOS if each.name == "JWKS")
    with on_core(core), bare(installation) as contestant:
        there = contestant.installation
        os.sched_setaffinity(0, {load_core})
        opened = [await Connection.open("127.0.0.1", there.ports[0]) for _ in range(_CONNECTIONS)]
        step = await scenario.prepare(there, opened)
        await load(opened, step, _WARM_UP)
        before = usage_of(there.pids[0]).cpu
        done = len((await load(opened, step, _WALK)).seconds)
        return (usage_of(there.pids[0]).cpu - before) / done * 1_000_000
