"""Runs units of work on one PostgreSQL connection, statement after statement."""

from collections.abc import Awaitable, Callable, Iterable
from operator import itemgetter
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.unit_of_work import All, Append, Conclude, Fill, Lock, Many, One, Request, Row, Run, UnitOfWork
from idp.domain.events import Event

T = TypeVar("T")

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

_LOCK: Final = """
SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::TEXT[]) AS lock (name)
"""
_SHARE: Final = """
SELECT pg_advisory_xact_lock_shared(hashtextextended(name, 0)) FROM unnest($1::TEXT[]) AS lock (name)
"""


_WORTH_COPYING: Final = 16
"""Rows from which on COPY costs less than as many statements."""


async def share(connection: Connection, names: Iterable[str]) -> None:
    """Hold locks together with others until the transaction ends."""
    await connection.execute(_SHARE, in_order(names))


def in_order(names: Iterable[str]) -> list[str]:
    """Return names of locks in one order everywhere, so that nobody waits for somebody who waits for him."""
    return sorted(set(names))


class Runner:
    """One connection with its statements. `events` collects what the unit appends."""

    __slots__ = ("_answer", "_connection", "_statements", "events")

    def __init__(self, connection: Connection, statements: CompiledStatements) -> None:
        self.events: list[Event] = []
        self._connection = connection
        self._statements = statements
        self._answer: dict[type, Callable[[Any], Awaitable[object]]] = {
            One: self._one,
            All: self._all,
            Run: self._run,
            Many: self._many,
            Fill: self._fill,
            Conclude: self._conclude,
            Lock: self._lock,
            Append: self._append,
        }

    async def answer(self, request: Request) -> object:
        """The answer to one request. Raises what asyncpg raises."""
        return await self._answer[type(request)](request)

    async def finish(self, unit: UnitOfWork[T], request: Request) -> T:
        """Return what a unit that came as far as `request` returns. Raises what it raises, and what asyncpg does."""
        answers = self._answer
        try:
            while True:
                request = unit.send(await answers[type(request)](request))
        except StopIteration as finished:
            result: T = finished.value
            return result

    async def _one(self, request: One) -> Row | None:
        text, bind = self._statements[request.statement]
        rows: Any = await self._connection.fetch(text, *bind(request.parameters))
        return rows[0] if rows else None

    async def _all(self, request: All) -> list[Row]:
        text, bind = self._statements[request.statement]
        rows: Any = await self._connection.fetch(text, *bind(request.parameters))
        return list(rows)

    async def _run(self, request: Run) -> int:
        text, bind = self._statements[request.statement]
        # The command tag ends in the number of rows: "UPDATE 1", "INSERT 0 1".
        tag: str = await self._connection.execute(text, *bind(request.parameters))
        return int(tag.rpartition(" ")[2])

    async def _many(self, request: Many) -> None:
        if request.parameters:
            text, bind = self._statements[request.statement]
            await self._connection.executemany(text, [bind(parameters) for parameters in request.parameters])

    async def _fill(self, request: Fill) -> None:
        if len(request.rows) < _WORTH_COPYING:
            await self._many(Many(request.statement, request.rows))
            return
        columns = tuple(request.rows[0])
        values = itemgetter(*columns)
        table: str = request.statement.table.name
        await self._connection.copy_records_to_table(table, columns=columns, records=[*map(values, request.rows)])

    async def _conclude(self, request: Conclude) -> Row | None:
        if request.shared:
            await share(self._connection, request.shared)
        row = await self._one(One(request.statement, request.parameters))
        if row is not None:
            self.events.extend(request.events)
        return row

    async def _lock(self, request: Lock) -> None:
        if request.shared:
            await share(self._connection, request.names)
        else:
            await self._connection.execute(_LOCK, in_order(request.names))

    async def _append(self, request: Append) -> None:
        self.events.append(request.event)
