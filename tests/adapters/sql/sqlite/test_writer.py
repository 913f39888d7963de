"""What happens when the disk is full, the file is locked or damaged: nothing is acknowledged that is not there."""

import asyncio
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from idp.adapters.sql.sqlite import writer
from idp.adapters.sql.sqlite.database import SqliteDatabase
from idp.adapters.sql.trail.audit import SqlAuditLog
from idp.adapters.sql.unit_of_work import UnitOfWork
from idp.ports.errors import StoreUnavailableError
from tests.adapters.sql.notes import all_keys, read_note, write_note
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import event, faults


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the write lock, as another process would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def almost_full_disk(path: Path, room: int) -> Iterator[None]:
    """Let no file of this process grow beyond the size of `path` and `room` bytes more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_lock_that_stays_refuses_everybody_and_loses_nothing(database: SqliteDatabase, path: Path) -> None:
    with lock(path):
        answers = await asyncio.gather(
            *(database.write(write_note(f"n{n}")) for n in range(20)), return_exceptions=True
        )
        assert all(isinstance(answer, StoreUnavailableError) for answer in answers)
        assert database.read(all_keys()) == []
    assert await database.write(write_note("after")) == "after"
    assert database.read(all_keys()) == ["after"]


async def test_whoever_asks_in_one_round_of_the_loop_shares_a_transaction(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.write(write_note("before"))
    groups: list[int] = []
    commit = writer.Writer._commit

    def noting(self: writer.Writer, group: list[writer.Job]) -> list[writer.Outcome]:
        groups.append(len(group))
        return commit(self, group)

    monkeypatch.setattr(writer.Writer, "_commit", noting)
    await asyncio.gather(*(database.write(write_note(f"n{n:02}")) for n in range(40)))
    assert groups == [40]


async def test_what_was_asked_for_in_the_round_that_closes_is_written(path: Path, clock: TurnedClock) -> None:
    closing_soon = SqliteDatabase(path, clock)
    tasks = [asyncio.create_task(closing_soon.write(write_note(name))) for name in "abc"]
    await asyncio.sleep(0)
    await closing_soon.close()
    assert await asyncio.gather(*tasks) == ["a", "b", "c"]


async def test_a_lock_that_passes_is_waited_for(path: Path, clock: TurnedClock) -> None:
    patient = SqliteDatabase(path, clock, lock_timeout=30.0)
    with lock(path):
        task = asyncio.create_task(patient.write(write_note("a")))
        await asyncio.sleep(0.02)
        assert not task.done()
    assert await task == "a"
    await patient.close()


async def test_a_full_disk_refuses_and_acknowledges_nothing_that_is_not_there(
    database: SqliteDatabase, path: Path
) -> None:
    await database.write(write_note("before", audited=True))
    acknowledged = ["before"]
    refused = 0
    with almost_full_disk(path, 200_000):
        for round_ in range(20):
            names = [f"{round_:02}-{n}" for n in range(5)]
            writes = (database.write(write_note(name, b"x" * 8_000, audited=True)) for name in names)
            for answer in await asyncio.gather(*writes, return_exceptions=True):
                if isinstance(answer, str):
                    acknowledged.append(answer)
                else:
                    assert isinstance(answer, StoreUnavailableError)
                    refused += 1
    assert refused
    await database.write(write_note("zz after", audited=True))
    assert database.read(all_keys()) == sorted([*acknowledged, "zz after"])
    records = [record async for record in SqlAuditLog(database).records()]
    assert len(records) == len(acknowledged) + 1
    assert list(faults(records)) == []


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read as one" * 100, None])
async def test_a_file_that_is_no_database_or_is_not_there_is_unavailable(
    tmp_path: Path, clock: TurnedClock, content: bytes | None
) -> None:
    path = tmp_path / "idp.db"
    if content is not None:
        path.write_bytes(content)
    database = SqliteDatabase(path, clock)
    with pytest.raises(StoreUnavailableError):
        await database.write(write_note("a"))
    with pytest.raises(StoreUnavailableError):
        await database.run_read(read_note("a"))
    await database.close()
    assert path.exists() == (content is not None)


async def test_a_queue_that_grows_too_long_refuses_at_once(
    database: SqliteDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_LONGEST_QUEUE", 3)
    with lock(path):
        answers = await asyncio.gather(
            *(database.write(write_note(f"n{n}")) for n in range(20)), return_exceptions=True
        )
    assert all(isinstance(answer, StoreUnavailableError) for answer in answers)


async def test_a_group_has_a_largest_size(database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_LARGEST_GROUP", 2)
    await asyncio.gather(*(database.write(write_note(f"n{n}")) for n in range(9)))
    assert len(database.read(all_keys())) == 9


async def test_events_that_cannot_be_chained_fail_the_whole_group(database: SqliteDatabase, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE audit_records RENAME TO elsewhere")
    answers = await asyncio.gather(
        database.write(write_note("a")), database.write(None, [event()]), return_exceptions=True
    )
    assert isinstance(answers[1], sqlite3.OperationalError)
    assert (database.read(all_keys()) == []) == isinstance(answers[0], Exception)
    assert await database.write(write_note("b")) == "b"


async def test_a_unit_that_ends_the_transaction_fails_the_group_and_nothing_leaks(database: SqliteDatabase) -> None:
    await database.write(write_note("first"))
    runner = database._writer()._runner
    assert runner is not None

    def treacherous() -> UnitOfWork[None]:
        runner.connection.execute("ROLLBACK")
        yield from write_note("never")
        raise KeyError

    answers = await asyncio.gather(
        database.write(write_note("a")), database.write(treacherous()), return_exceptions=True
    )
    assert isinstance(answers[1], Exception)
    assert "first" in database.read(all_keys())
