import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Text, bindparam, text

from idp.adapters.sql.postgresql.database import PostgresqlDatabase
from idp.adapters.sql.unit_of_work import Append, Conclude, Lock, One, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.ports.errors import StoreContendedError, StoreUnavailableError
from tests.adapters.sql.notes import all_keys, audited, read_note, write_note, write_notes
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import event
from tests.postgresql import PostgresqlServer, run_sql

_END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'idp'"


async def test_a_write_is_seen_as_soon_as_it_is_acknowledged(database: PostgresqlDatabase) -> None:
    assert await database.write(write_note("a", b"1")) == "a"
    assert await database.run_read(read_note("a")) == b"1"
    assert await database.run_read(read_note("b")) is None


async def test_a_broken_rule_of_the_tables_is_its_own_unit_s_matter(database: PostgresqlDatabase) -> None:
    answers = await asyncio.gather(*(database.write(write_note("same")) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(answer, asyncpg.UniqueViolationError) for answer in answers) == 9
    assert await database.run_read(all_keys()) == ["same"]


async def test_events_given_along_follow_those_that_the_unit_appends(database: PostgresqlDatabase) -> None:
    await database.write(write_note("unit", audited=True), [event("along")])
    await database.write(None, [event("alone")])
    await database.write(_ends_at_once(), [event("unit without a statement")])
    assert await audited(database) == ["unit", "along", "alone", "unit without a statement"]


def _ends_at_once() -> UnitOfWork[None]:
    yield from ()


async def test_a_request_that_stands_alone_takes_no_transaction_and_may_not_be_followed(
    database: PostgresqlDatabase,
) -> None:
    assert await database.write(_counted(alone=True)) == 0
    with pytest.raises(AssertionError, match="followed by another"):
        await database.write(_alone_and_more())


_NO_ROW = text("DELETE FROM short_lived WHERE key = 'nothing'")


def _counted(*, alone: bool) -> UnitOfWork[int]:
    count: int = yield Run(_NO_ROW, {}, alone=alone)
    return count


def _alone_and_more() -> UnitOfWork[None]:
    yield Run(_NO_ROW, {}, alone=True)
    yield Run(_NO_ROW, {})


async def test_a_unit_that_reads_may_not_change_anything(database: PostgresqlDatabase) -> None:
    with pytest.raises(TypeError, match="only ask for rows"):
        await database.run_read(write_note("a"))


async def test_nothing_is_stored_under_a_key_that_the_engine_cannot_hold(database: PostgresqlDatabase) -> None:
    assert await database.run_read(read_note("a\0b")) is None


async def test_connections_that_the_server_closed_are_replaced_unnoticed(
    url: str, database: PostgresqlDatabase
) -> None:
    await asyncio.gather(*(database.write(write_note(f"before-{n}")) for n in range(5)))
    run_sql(url, _END_OTHERS)
    await asyncio.gather(*(database.run_read(all_keys()) for _ in range(5)))
    run_sql(url, _END_OTHERS)
    await asyncio.gather(*(database.write(write_note(f"after-{n}", audited=True)) for n in range(5)))
    assert len(await database.run_read(all_keys())) == 10


async def test_a_server_that_stops_is_unavailable_until_it_is_back(
    own_server: PostgresqlServer, fragile: PostgresqlDatabase
) -> None:
    await fragile.write(write_note("before"))
    own_server.stop()
    with pytest.raises(StoreUnavailableError):
        await fragile.write(write_note("meanwhile"))
    with pytest.raises(StoreUnavailableError):
        await fragile.run_read(all_keys())
    with pytest.raises(StoreUnavailableError):
        await fragile.write(None, [event()])
    own_server.start()
    await fragile.write(write_note("after"))
    assert "after" in await fragile.run_read(all_keys())


async def test_a_server_that_hangs_is_given_up_in_time_and_used_again_later(
    own_server: PostgresqlServer, fragile: PostgresqlDatabase
) -> None:
    await fragile.write(write_note("before"))
    _signal_all(own_server, signal.SIGSTOP)
    try:
        async with asyncio.timeout(10):
            answers = await asyncio.gather(
                *(fragile.write(write_note(f"meanwhile-{n}")) for n in range(4)), return_exceptions=True
            )
    finally:
        _signal_all(own_server, signal.SIGCONT)
    assert all(isinstance(answer, StoreUnavailableError) for answer in answers)
    await fragile.write(write_note("after"))


def _signal_all(server: PostgresqlServer, number: int) -> None:
    """Stop or resume the server with every process that serves a connection."""
    assert server.process is not None
    main = server.process.pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    for process in (main, *map(int, children)):
        os.kill(process, number)


async def test_a_primary_that_became_a_replica_is_unavailable(url: str, database: PostgresqlDatabase) -> None:
    await database.write(write_note("before"))
    name = url.partition("@/")[2].partition("?")[0]
    run_sql(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on", _END_OTHERS)
    with pytest.raises(StoreUnavailableError):
        await database.write(write_note("meanwhile"))
    run_sql(url.replace(name, "postgres"), f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await database.write(write_note("after"))


async def test_whoever_waits_too_long_for_a_connection_is_told(url: str, clock: TurnedClock) -> None:
    database = PostgresqlDatabase(url, clock, size=1, timeout=0.3)
    began = asyncio.Event()
    holder = asyncio.create_task(database.write(_begin_and_sleep(began)))
    await began.wait()
    waiting = [asyncio.create_task(database.write(_sleep(0.2))) for _ in range(5)]
    await asyncio.sleep(0)
    assert database.queued() > 0
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    await holder
    assert any(isinstance(answer, StoreUnavailableError) for answer in answers)
    assert database.queued() == 0
    await database.close()


def _sleep(seconds: float) -> UnitOfWork[None]:
    yield One(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


def _begin_and_sleep(began: asyncio.Event) -> UnitOfWork[None]:
    yield Run(_NO_ROW, {})
    began.set()
    yield from _sleep(0.2)


async def test_a_unit_whose_caller_goes_away_is_undone(database: PostgresqlDatabase) -> None:
    began = asyncio.Event()
    task = asyncio.create_task(database.write(_write_and_wait(began)))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.run_read(all_keys()) == []


def _write_and_wait(began: asyncio.Event) -> UnitOfWork[None]:
    yield from write_notes("never")
    began.set()
    yield from _sleep(5)


async def test_a_deadlock_costs_one_unit_and_says_to_ask_again(database: PostgresqlDatabase) -> None:
    await database.write(write_notes("a", "b"))
    met = asyncio.Barrier(2)
    answers = await asyncio.gather(
        _in_steps(database, met, "a", "b"), _in_steps(database, met, "b", "a"), return_exceptions=True
    )
    assert [type(answer) for answer in answers if isinstance(answer, BaseException)] == [StoreContendedError]


async def _in_steps(database: PostgresqlDatabase, met: asyncio.Barrier, first: str, second: str) -> None:
    """Hold one row while the other transaction holds the next one."""

    async with database._pool.lend() as connection, connection.transaction():
        touch: Any = "UPDATE short_lived SET value = 'x' WHERE key = $1"
        await connection.execute(touch, first)
        await met.wait()
        await connection.execute(touch, second)


async def test_who_shares_a_lock_keeps_out_who_wants_it_alone(database: PostgresqlDatabase) -> None:
    """The lock is worth what it is for: the second to get it sees what the first one wrote."""
    answers = await asyncio.gather(*(database.write(_only_if_nobody_did(f"n{n}")) for n in range(50)))
    assert sum(answers) == 1
    assert len(await database.run_read(all_keys())) == 1


def _only_if_nobody_did(key: str) -> UnitOfWork[bool]:
    yield Lock(("b", "a"))
    row: Row = yield One(text("SELECT count(*) FROM short_lived"), {})
    if row[0]:
        return False
    yield from write_notes(key)
    return True


async def test_each_process_and_each_loop_opens_its_own_connections(url: str, clock: TurnedClock) -> None:
    database = PostgresqlDatabase(url, clock, size=2, timeout=5.0)
    await database.write(write_note("here"))
    first = database._pool._pool
    await asyncio.to_thread(lambda: asyncio.run(_write_and_close(database)))
    assert database._pool._pool is None
    assert first is not None
    first.terminate()
    assert await database.run_read(all_keys()) == ["here", "there"]
    await database.close()


async def _write_and_close(database: PostgresqlDatabase) -> None:
    await database.write(write_note("there"))
    await database.close()


async def test_a_statement_that_ends_its_unit_takes_its_events_along_in_one_transaction(
    database: PostgresqlDatabase,
) -> None:
    await database.write(write_note("a"))
    assert await database.write(_use_up("a", event("used")))
    assert not await database.write(_use_up("a", event("again")))
    assert not await database.write(_use_up("b", event("unknown")), [event("along")])
    assert await audited(database) == ["used", "along"]


async def test_and_a_unit_goes_on_when_it_found_nothing(database: PostgresqlDatabase) -> None:
    assert not await database.write(_use_up("a", event("used"), otherwise=event("not found")))
    await database.write(write_note("a"))
    with pytest.raises(AssertionError, match="followed by another"):
        await database.write(_goes_on("a"))
    assert await audited(database) == ["not found", "seen too late"]


_USE_UP = text("DELETE FROM short_lived WHERE key = :key RETURNING key").bindparams(bindparam("key", type_=Text))


def _use_up(key: str, used: Event, otherwise: Event | None = None) -> UnitOfWork[bool]:
    row: Row | None = yield Conclude(_USE_UP, {"key": key}, (used,))
    if row is None and otherwise is not None:
        yield Append(otherwise)
    return row is not None


def _goes_on(key: str) -> UnitOfWork[None]:
    yield Conclude(_USE_UP, {"key": key}, (event("seen too late"),))
    yield from write_notes("more")
