"""One PostgreSQL database, behind a pool of connections to its primary.

READ COMMITTED: statements are conditional, and what no row guards takes a `Lock`. Nothing is repeated that may have
taken place: a read is, and a transaction that did not begin.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar, cast

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.postgresql.connection import is_broken
from idp.adapters.sql.postgresql.event_batches import EventBatches
from idp.adapters.sql.postgresql.pending_events import (
    CHAINED_AT_ONCE,
    LEAVE_EVENTS,
    EncodedEvent,
    chain_pending,
    concluded,
    encoded,
    event_values,
    waiting,
)
from idp.adapters.sql.postgresql.pool import Pool, roll_back
from idp.adapters.sql.postgresql.runner import Connection, Runner
from idp.adapters.sql.unit_of_work import All, Conclude, One, Request, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError

T = TypeVar("T")

_RETRIES: Final = 2


class PostgresqlDatabase:
    """Opens connections when they are first needed, in whichever process needs them.

    `size` connections at most; `timeout` seconds for a connection and for each statement; `retries` of what is safe to
    repeat.
    """

    def __init__(self, url: str, clock: Clock, *, size: int, timeout: float, retries: int = _RETRIES) -> None:
        self._clock = clock
        self._retries = retries
        self._pool = Pool(url, size, timeout)
        self._statements = CompiledStatements(dialect())  # type: ignore[no-untyped-call] # SQLAlchemy gives it no types
        self._concluded: dict[str, str] = {}
        self._batches = EventBatches(self._leave)

    async def write(self, unit: UnitOfWork[T] | None, events: Sequence[Event] = ()) -> T:
        """Run `unit` in a transaction of its own; events without a unit share one. See `Database.write`."""
        if unit is None:
            await self._batches.add(encoded(events))
            nothing: Any = None
            return cast("T", nothing)
        try:
            first = next(unit)
        except StopIteration as finished:
            if events:
                await self._batches.add(encoded(events))
            result: T = finished.value
            return result
        if isinstance(first, (One, Run)) and first.alone and not events:
            return _end(unit, await self._alone(first))
        if isinstance(first, Conclude) and not events:
            row = await self._conclude(first)
            if row is not None:
                return _end(unit, row)
            try:
                first = unit.send(None)
            except StopIteration as finished:
                return cast("T", finished.value)
        return await self._together(unit, first, events)

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        """Run a unit that changes nothing; each of its statements sees what was committed before it."""
        try:
            request = next(unit)
            while True:
                request = unit.send(await self._read(request))
        except StopIteration as finished:
            result: T = finished.value
            return result

    async def settle_events(self) -> None:
        """Move every event that is durable by now into the chain."""
        while await self.write(chain_pending()) == CHAINED_AT_ONCE:
            continue

    async def events_waiting(self) -> tuple[int, int | None]:
        """How many events are not chained yet, and since when the oldest waits (milliseconds since 1970)."""
        return await self.run_read(waiting())

    def queued(self) -> int:
        """How many callers of this process wait for a connection."""
        return self._pool.waiting

    async def close(self) -> None:
        """Write the events that wait and close every connection of this process."""
        await self._batches.close()
        await self._pool.close()

    async def _alone(self, only: Request) -> object:
        """Answer the one request of a unit, a transaction by itself."""
        async with self._pool.lend() as connection:
            return await Runner(connection, self._statements).answer(only)

    async def _conclude(self, request: Conclude) -> Row | None:
        """Answer a request that ends its unit if it finds a row, with its events, in one statement."""
        text, bind = self._statements[request.statement]
        own = bind(request.parameters)
        whole = self._concluded.get(text)
        if whole is None:
            whole = self._concluded[text] = concluded(text, len(own))
        values = event_values(encoded(request.events), self._clock.milliseconds())
        async with self._pool.lend() as connection:
            rows: Any = await connection.fetch(whole, *own, *values)
        return rows[0] if rows else None

    async def _together(self, unit: UnitOfWork[T], first: Request, events: Sequence[Event]) -> T:
        for attempt in range(self._retries + 1):
            async with self._pool.lend() as connection:
                if not await _begin(connection, is_last=attempt == self._retries):
                    continue
                try:
                    return await self._transact(connection, unit, first, events)
                except Exception as error:
                    if not is_broken(error):
                        await roll_back(connection)
                    raise
        raise StoreUnavailableError

    async def _transact(
        self, connection: Connection, unit: UnitOfWork[T], first: Request, events: Sequence[Event]
    ) -> T:
        runner = Runner(connection, self._statements)
        result = await runner.finish(unit, first)
        left = [*runner.events, *events]
        if left:
            await connection.execute(LEAVE_EVENTS, *event_values(encoded(left), self._clock.milliseconds()))
        await connection.execute("COMMIT")
        return result

    async def _leave(self, events: Sequence[EncodedEvent]) -> None:
        values = event_values(events, self._clock.milliseconds())
        async with self._pool.lend() as connection:
            await connection.execute(LEAVE_EVENTS, *values)

    async def _read(self, request: Request) -> object:
        if not isinstance(request, (One, All)):
            raise TypeError("a unit that reads may only ask for rows")
        for _ in range(self._retries):
            try:
                return await self._read_once(request)
            except StoreUnavailableError as error:
                if isinstance(error.__cause__, TimeoutError):
                    raise
        return await self._read_once(request)

    async def _read_once(self, request: One | All) -> object:
        try:
            async with self._pool.lend() as connection:
                return await Runner(connection, self._statements).answer(request)
        except asyncpg.CharacterNotInRepertoireError:
            # PostgreSQL's text has no NUL, so that nothing is stored under what was asked for.
            return None if isinstance(request, One) else []


def _end(unit: UnitOfWork[T], answer: object) -> T:
    """Return what a unit returns whose last request was answered; its transaction is over."""
    try:
        unit.send(answer)
    except StopIteration as finished:
        result: T = finished.value
        return result
    raise AssertionError("a request that ends its unit was followed by another")


async def _begin(connection: Connection, *, is_last: bool) -> bool:
    """Begin a transaction; False when the connection turned out to be closed and another one may be tried."""
    try:
        await connection.execute("BEGIN")
    except Exception as error:
        if is_last or isinstance(error, TimeoutError) or not is_broken(error):
            raise
        return False
    return True
