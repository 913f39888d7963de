"""Several processes on one file, and processes that die."""

import subprocess
import sys
from pathlib import Path

from idp.adapters.sql.sqlite.database import SqliteDatabase
from idp.adapters.sql.trail.audit import SqlAuditLog
from tests.adapters.sql.notes import all_keys, write_note
from tests.ports.samples import faults

ROOT = Path(__file__).parents[4]


def start(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.adapters.sql.writing_process", str(path), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def chain_length(database: SqliteDatabase) -> int:
    records = [record async for record in SqlAuditLog(database).records()]
    assert list(faults(records)) == []
    return len(records)


async def test_processes_take_turns_and_keep_one_chain(path: Path, database: SqliteDatabase) -> None:
    processes = [start(path, name, 200) for name in ("a", "b")]
    acknowledged = [line for process in processes for line in process.communicate()[0].split()]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(acknowledged) == 400
    assert database.read(all_keys()) == sorted(acknowledged)
    assert await chain_length(database) == 400


async def test_what_a_killed_process_had_acknowledged_is_there(path: Path, database: SqliteDatabase) -> None:
    """Killed in the middle of its writes, twice: nothing acknowledged is missing, and the chain holds."""
    acknowledged = []
    for name in ("a", "b"):
        process = start(path, name, 0)
        assert process.stdout is not None
        acknowledged += [process.stdout.readline().strip() for _ in range(300)]
        process.kill()
        acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
        process.stdout.close()
        process.wait()
    stored = database.read(all_keys())
    assert set(acknowledged) <= set(stored)
    assert await chain_length(database) == len(stored)
    await database.write(write_note("after", audited=True))
    assert await chain_length(database) == len(stored) + 1
