import asyncio

import asyncpg
import pytest
from sqlalchemy import Text, bindparam, text

from idp.adapters.sql.postgresql import grouped_changes
from idp.adapters.sql.postgresql.database import PostgresqlDatabase
from idp.adapters.sql.postgresql.grouped_statements import Holding
from idp.adapters.sql.single_requests import first_row
from idp.adapters.sql.tables.main import short_lived
from idp.adapters.sql.unit_of_work import Append, Conclude, Lock, One, Row, UnitOfWork
from idp.domain.events import Event
from idp.ports.errors import StoreUnavailableError
from tests.adapters.sql.notes import all_keys, audited, read_note, write_notes
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import event
from tests.postgresql import run_sql

_TAKE = short_lived.delete().where(short_lived.c.key == bindparam("key")).returning(short_lived.c.key)
_MARK = (
    short_lived.update()
    .where(short_lived.c.key == bindparam("key"), short_lived.c.tombstone.is_(None))
    .values(tombstone=bindparam("by"))
    .returning(short_lived.c.key)
)
_READ = One(text("SELECT value FROM short_lived WHERE key = :key").bindparams(bindparam("key", type_=Text)), {})


def mark(key: str, by: str, *events: Event, shared: tuple[str, ...] = ()) -> UnitOfWork[bool]:
    row: Row | None = yield Conclude(_MARK, {"key": key, "by": by}, events, "key", shared)
    return row is not None


async def batches(url: str) -> int:
    """How many statements left the events that are not chained yet."""
    server = await asyncpg.connect(url)
    try:
        return int(await server.fetchval("SELECT count(DISTINCT batch) FROM audit_pending"))
    finally:
        await server.close()


async def test_changes_of_one_moment_share_a_transaction_and_each_leaves_its_own_events(
    url: str, database: PostgresqlDatabase
) -> None:
    await database.write(write_notes(*(f"n{n}" for n in range(9))))
    units = [mark(f"n{n}", "me", event(f"{n}"), event(f"{n} too")) for n in range(9)]
    strangers = [mark(f"x{n}", "me", event("never")) for n in range(9)]
    answers = await asyncio.gather(*map(database.write, [*units, *strangers]))
    assert answers == [True] * 9 + [False] * 9
    assert await batches(url) == 1
    assert sorted(await audited(database)) == sorted(f"{n}{more}" for n in range(9) for more in ("", " too"))


async def test_of_many_who_want_one_row_in_one_moment_the_first_gets_it(database: PostgresqlDatabase) -> None:
    await database.write(write_notes("a", "b"))
    answers = await asyncio.gather(
        *(database.write(mark(key, f"{n}", event(f"{key}{n}"))) for n in range(5) for key in "ab")
    )
    assert answers == [True, True] + [False] * 8
    assert sorted(await audited(database)) == ["a0", "b0"]


async def test_a_row_that_somebody_holds_keeps_nobody_waiting_but_who_wants_it(
    url: str, database: PostgresqlDatabase
) -> None:
    await database.write(write_notes("held", "free", "other"))
    holder = await asyncpg.connect(url)
    holding = holder.transaction()
    await holding.start()
    await holder.execute("UPDATE short_lived SET value = 'x' WHERE key = 'held'")
    tasks = [asyncio.create_task(database.write(mark(key, "me", event(key)))) for key in ("held", "free", "other")]
    done, waiting = await asyncio.wait(tasks, timeout=2.0)
    assert waiting == {tasks[0]}
    assert all(task.result() for task in done)
    await holding.commit()
    await holder.close()
    assert await tasks[0]
    assert sorted(await audited(database)) == ["free", "held", "other"]


async def test_values_that_break_a_rule_are_their_own_request_s_matter(database: PostgresqlDatabase) -> None:
    await database.write(write_notes("a", "b"))
    answers = await asyncio.gather(
        *(database.write(mark(key, by)) for key, by in (("a", "me"), ("b", "a\0b"), ("b\0", "me"))),
        return_exceptions=True,
    )
    assert answers[0] is True
    assert [type(answer) for answer in answers[1:]] == [asyncpg.CharacterNotInRepertoireError] * 2


async def test_who_loses_the_server_in_the_middle_hears_that_it_is_unavailable(
    url: str, database: PostgresqlDatabase
) -> None:
    await database.write(write_notes("a", "b", "c"))
    holder = await asyncpg.connect(url)
    await holder.execute("BEGIN")
    await holder.execute("SELECT pg_advisory_xact_lock(hashtextextended('door', 0))")
    tasks = [asyncio.create_task(database.write(mark(key, "me", event(key), shared=("door",)))) for key in "abc"]
    await asyncio.sleep(0.3)  # long enough for each to be tried by itself, which waits
    run_sql(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'idp' AND wait_event_type = 'Lock'",
    )
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    await holder.close()
    assert [type(answer) for answer in answers] == [StoreUnavailableError] * 3
    assert await audited(database) == []


async def test_who_shares_a_lock_sees_what_was_done_by_whoever_held_it_alone(database: PostgresqlDatabase) -> None:
    await database.write(write_notes(*(f"n{n}" for n in range(20))))
    units = [mark(f"n{n}", "me", event(f"{n}"), shared=("door", "window")) for n in range(20)]
    marked, *_ = await asyncio.gather(
        asyncio.gather(*map(database.write, units)), database.write(_take_all(20)), database.write(_take_all(20))
    )
    # Either a note was marked before it was taken, or the marking did not find it: never both, never neither.
    assert len(await audited(database)) == sum(marked)
    assert await database.run_read(all_keys()) == []


def _take_all(number: int) -> UnitOfWork[None]:
    yield Lock(("door",))
    for n in range(number):
        yield One(_TAKE, {"key": f"n{n}"})


async def test_a_database_that_lets_nobody_define_a_function_is_asked_in_steps(
    url: str, database: PostgresqlDatabase
) -> None:
    await database.write(write_notes("a", "b", "c"))
    assert await database.write(mark("a", "me", event("a"), shared=("door",)))
    name, user = url.partition("@/")[2].partition("?")[0], "a_user_without_temporary_things"
    run_sql(
        url,
        f"DO $$ BEGIN CREATE ROLE {user} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC",
        f"GRANT SELECT, UPDATE, INSERT ON ALL TABLES IN SCHEMA public TO {user}",
    )
    strict = PostgresqlDatabase(url.replace("//postgres@", f"//{user}@"), TurnedClock(), size=4, timeout=5.0)
    units = [mark(key, "me", event(key), shared=("door",)) for key in "bc"]
    assert await asyncio.gather(*map(strict.write, units)) == [True, True]
    assert not strict._conclusions._may_define
    await strict.close()
    assert sorted(await audited(database)) == ["a", "b", "c"]


async def test_a_session_that_forgets_its_functions_is_asked_in_steps(
    url: str, database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a pooler that gives each transaction another session."""
    forgotten = Holding("SELECT 'defined elsewhere'", "SELECT * FROM pg_temp.defined_elsewhere()")
    monkeypatch.setattr(grouped_changes, "holding", lambda _grouped, _key_type: forgotten)
    await database.write(write_notes("a", "b"))
    units = [mark(key, "me", event(key), shared=("door",)) for key in "ab"]
    assert await asyncio.gather(*map(database.write, units)) == [True, True]
    assert await batches(url) == 1
    assert sorted(await audited(database)) == ["a", "b"]


async def test_inside_a_unit_that_did_more_it_is_a_request_like_any_other(database: PostgresqlDatabase) -> None:
    await database.write(write_notes("a"))
    assert await database.write(_append_and_mark("a"))
    assert await audited(database) == ["first", "a"]


def _append_and_mark(key: str) -> UnitOfWork[bool]:
    yield Append(event("first"))
    row: Row | None = yield Conclude(_MARK, {"key": key, "by": "me"}, (event(key),), "key", ("door",))
    return row is not None


async def test_a_process_with_one_connection_asks_for_each_alone(url: str, clock: TurnedClock) -> None:
    database = PostgresqlDatabase(url, clock, size=1, timeout=5.0)
    await database.write(write_notes("a", "b"))
    assert await asyncio.gather(*(database.write(mark(key, "me", event(key))) for key in "ab")) == [True, True]
    assert await batches(url) == 2
    assert await database.run_read(first_row(One(_READ.statement, {"key": "a"}))) is not None
    await database.close()


async def test_closing_lets_end_what_was_asked_for_and_opens_no_connection_afterwards(
    database: PostgresqlDatabase,
) -> None:
    await database.write(write_notes(*(f"n{n}" for n in range(99))))
    changes = [asyncio.create_task(database.write(mark(f"n{n}", "me", event(f"{n}")))) for n in range(99)]
    reads = [asyncio.create_task(database.run_read(read_note("n0"))) for _ in range(99)]
    await asyncio.sleep(0)
    await database.close()
    assert all(await asyncio.gather(*changes))
    assert await asyncio.gather(*reads) == [b""] * 99
    refused = [database.write(mark("n0", "me")), database.write(write_notes("late")), database.run_read(all_keys())]
    answers = await asyncio.gather(*refused, database.run_read(read_note("n0")), return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailableError] * 4
    assert database._pool._pool is None
