import asyncio
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from idp.adapters.sql.sqlite.database import SqliteDatabase
from idp.ports.errors import StoreUnavailableError
from tests.adapters.sql.notes import all_keys, audited, read_note, write_note
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import event


async def test_a_write_is_seen_as_soon_as_it_is_acknowledged(database: SqliteDatabase) -> None:
    assert await database.write(write_note("a", b"1")) == "a"
    assert await database.run_read(read_note("a")) == b"1"
    assert database.read(read_note("b")) is None


async def test_a_broken_rule_of_the_tables_is_its_own_unit_s_matter(database: SqliteDatabase) -> None:
    answers = await asyncio.gather(*(database.write(write_note("same")) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(answer, sqlite3.IntegrityError) for answer in answers) == 9
    assert database.read(all_keys()) == ["same"]


async def test_events_given_along_join_those_that_the_unit_appends(database: SqliteDatabase) -> None:
    await database.write(write_note("appended", audited=True), [event("given")])
    await database.write(None, [event("alone")])
    assert await audited(database) == ["appended", "given", "alone"]


async def test_concurrent_writes_share_commits(database: SqliteDatabase) -> None:
    commits = []
    await database.write(write_note("first"))
    database._writer()._runner.connection.set_trace_callback(  # type: ignore[union-attr]
        lambda statement: commits.append(statement) if statement == "COMMIT" else None
    )
    await asyncio.gather(*(database.write(write_note(f"n{n}")) for n in range(200)))
    assert 1 <= len(commits) < 100


async def test_a_cancelled_request_breaks_nobody_else_s_commit(database: SqliteDatabase) -> None:
    tasks = [asyncio.create_task(database.write(write_note(f"n{n:02}"))) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(answer, asyncio.CancelledError) for answer in answers] == [True, False] * 10
    assert await database.write(write_note("after")) == "after"
    assert {f"n{n:02}" for n in range(1, 20, 2)} <= set(database.read(all_keys()))


def test_several_event_loops_share_one_writer(database: SqliteDatabase) -> None:
    async def write_ten(name: int) -> None:
        await asyncio.gather(*(database.write(write_note(f"{name}-{n}", audited=True)) for n in range(10)))

    threads = [threading.Thread(target=asyncio.run, args=(write_ten(name),)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(database.read(all_keys())) == 40
    assert len(asyncio.run(audited(database))) == 40


def test_a_loop_that_closed_meanwhile_disturbs_nobody(database: SqliteDatabase) -> None:
    async def hurry() -> None:
        task = asyncio.ensure_future(database.write(write_note("left")))
        await asyncio.sleep(0)
        task.cancel()

    lock = sqlite3.connect(database._path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    asyncio.run(hurry())
    lock.execute("ROLLBACK")
    lock.close()
    assert asyncio.run(database.write(write_note("stays"))) == "stays"


def test_a_thread_reads_on_a_connection_of_its_own(database: SqliteDatabase) -> None:
    asyncio.run(database.write(write_note("a", b"1")))
    found: list[bytes | None] = []
    thread = threading.Thread(target=lambda: found.append(database.read(read_note("a"))))
    thread.start()
    thread.join()
    assert found == [b"1"]


async def test_reading_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(StoreUnavailableError):
        database.read(write_note("a"))
    assert database.read(all_keys()) == []


@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_forked_child_opens_connections_of_its_own(database: SqliteDatabase, path: Path) -> None:
    asyncio.run(database.write(write_note("parent")))
    database.read(all_keys())
    child = os.fork()
    if child == 0:  # pragma: no cover -- another process, which leaves without coverage's blessing
        try:
            seen = database.read(all_keys())
            asyncio.run(database.write(write_note("child", audited=True)))
            database.close_now()
            os._exit(0 if seen == ["parent"] else 3)
        finally:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    asyncio.run(database.write(write_note("parent again", audited=True)))
    assert database.read(all_keys()) == ["child", "parent", "parent again"]
    assert asyncio.run(audited(database)) == ["child", "parent again"]


async def test_closing_commits_what_waits(path: Path, clock: TurnedClock) -> None:
    database = SqliteDatabase(path, clock)
    tasks = [asyncio.create_task(database.write(write_note(f"n{n:03}"))) for n in range(300)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*tasks)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM short_lived").fetchone() == (300,)
    connection.close()


async def test_closing_leaves_no_connection_and_no_log_behind(path: Path, clock: TurnedClock) -> None:
    database = SqliteDatabase(path, clock)
    await database.write(write_note("a"))
    database.read(all_keys())
    await database.close()
    assert sorted(each.name for each in path.parent.iterdir()) == ["idp.db"]


async def test_a_closed_database_opens_again_when_needed(database: SqliteDatabase) -> None:
    await database.write(write_note("a"))
    await database.close()
    await database.write(write_note("b"))
    assert database.read(all_keys()) == ["a", "b"]


async def test_a_broken_statement_is_an_error_of_ours_not_of_the_store(database: SqliteDatabase, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE short_lived RENAME TO elsewhere")
    connection.close()
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.read(all_keys())
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.write(write_note("a"))


async def test_the_length_of_the_queue_is_told(database: SqliteDatabase, path: Path) -> None:
    assert database.queued() == 0
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    tasks = [asyncio.create_task(database.write(write_note(f"n{n}"))) for n in range(10)]
    await asyncio.sleep(0)
    assert 0 < database.queued() <= 10
    lock.close()
    await asyncio.gather(*tasks)
    assert database.queued() == 0
