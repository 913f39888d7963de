import asyncio
from collections.abc import AsyncIterator
from contextlib import _AsyncGeneratorContextManager

import pytest
from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.postgresql.database import PostgresqlDatabase
from idp.adapters.sql.postgresql.grouped_reads import Reads
from idp.adapters.sql.postgresql.pool import Pool
from idp.adapters.sql.postgresql.runner import Connection
from idp.adapters.sql.unit_of_work import One
from tests.adapters.sql.notes import read_note, write_note
from tests.postgresql import run_sql

_READ = One(text("SELECT value FROM short_lived WHERE key = :key").bindparams(bindparam("key", type_=Text)), {})


class CountedPool(Pool):
    """A pool that counts how often it lends."""

    lent = 0

    def lend(self) -> _AsyncGeneratorContextManager[Connection]:
        self.lent += 1
        return super().lend()


@pytest.fixture
async def pool(url: str) -> AsyncIterator[CountedPool]:
    opened = CountedPool(url, 3, 5.0)
    yield opened
    await opened.close()


async def test_look_ups_of_one_moment_are_one_statement_and_each_gets_its_own_answer(
    database: PostgresqlDatabase, pool: CountedPool
) -> None:
    await asyncio.gather(*(database.write(write_note(f"n{n}", str(n).encode())) for n in range(20)))
    reads = Reads(pool, CompiledStatements(dialect()), 0)  # type: ignore[no-untyped-call]
    wanted = [*range(20), 7, 99]
    answers = await asyncio.gather(*(reads.answer(One(_READ.statement, {"key": f"n{n}"})) for n in wanted))
    assert [answer and answer[0] for answer in answers] == [*(str(n).encode() for n in range(20)), b"7", None]  # type: ignore[index]
    assert pool.lent == 1
    assert reads.waiting == 0


async def test_a_value_that_the_engine_cannot_hold_spoils_nobody_else_s_answer(database: PostgresqlDatabase) -> None:
    await database.write(write_note("a", b"1"))
    answers = await asyncio.gather(*(database.run_read(read_note(key)) for key in ("a", "a\0b", "a")))
    assert answers == [b"1", None, b"1"]


async def test_a_look_up_is_asked_again_when_the_server_closed_its_connection(
    url: str, database: PostgresqlDatabase
) -> None:
    await database.write(write_note("a", b"1"))
    await asyncio.gather(*(database.run_read(read_note("a")) for _ in range(9)))
    run_sql(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'idp'")
    assert await asyncio.gather(*(database.run_read(read_note("a")) for _ in range(9))) == [b"1"] * 9
