"""The contract of `Database`, on every engine."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from idp.adapters.sql.database import Database
from idp.adapters.sql.stores import open_database
from tests.adapters.sql.notes import (
    all_keys,
    audited,
    conclude_or_fail,
    write_note,
    write_note_alone,
    write_notes,
    write_then_fail,
)
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import event


@pytest.fixture
async def database(database_url: str, clock: TurnedClock) -> AsyncIterator[Database]:
    opened = open_database(database_url, clock)
    yield opened
    await opened.close()


async def test_one_statement_writes_many_rows_or_none(database: Database) -> None:
    await database.write(write_notes("a", "b", "c"))
    await database.write(write_notes())
    assert await database.run_read(all_keys()) == ["a", "b", "c"]


async def test_a_unit_that_raises_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await database.write(write_then_fail("a", ZeroDivisionError()), [event("never")])
    assert await database.run_read(all_keys()) == []
    assert await audited(database) == []


async def test_a_failing_unit_takes_nobody_else_s_with_it(database: Database) -> None:
    units = [
        database.write(write_then_fail(f"bad-{n}", KeyError(n)) if n % 3 == 0 else write_note(f"n{n:02}", audited=True))
        for n in range(30)
    ]
    answers = await asyncio.gather(*units, return_exceptions=True)
    good = [f"n{n:02}" for n in range(30) if n % 3]
    assert [answer for answer in answers if isinstance(answer, str)] == good
    assert sum(isinstance(answer, KeyError) for answer in answers) == 10
    assert await database.run_read(all_keys()) == good
    assert sorted(await audited(database)) == good


async def test_a_statement_alone_that_fails_takes_nobody_else_s_with_it(database: Database) -> None:
    await database.write(write_note("there"))
    keys = [f"n{n}" if n % 2 else "there" for n in range(8)]
    answers = await asyncio.gather(*(database.write(write_note_alone(key)) for key in keys), return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, str)] == ["n1", "n3", "n5", "n7"]
    assert await database.run_read(all_keys()) == ["n1", "n3", "n5", "n7", "there"]


async def test_a_unit_that_could_not_end_at_once_leaves_nothing_when_it_fails_later(database: Database) -> None:
    await database.write(write_note("there"))
    answers = await asyncio.gather(
        *(database.write(conclude_or_fail(key, KeyError(key))) for key in ("there", "missing", "other")),
        return_exceptions=True,
    )
    assert answers[0] == "there"
    assert [type(answer) for answer in answers[1:]] == [KeyError, KeyError]
    assert await database.run_read(all_keys()) == ["there"]
    assert await audited(database) == ["there"]
