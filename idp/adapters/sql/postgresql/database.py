"""One PostgreSQL database, behind a pool of connections to its primary.

READ COMMITTED: statements are conditional, and what no row guards takes a `Lock`. Nothing is repeated that may have
taken place: a read is, and a transaction that did not begin. What many ask for in the same moment is asked for once:
see docs/decisions/0034-requests-of-a-moment-share-a-statement.md.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeVar, cast

from sqlalchemy.dialects.postgresql.asyncpg import dialect

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.postgresql.event_batches import EventBatches
from idp.adapters.sql.postgresql.grouped_changes import PLANNER, Conclusions
from idp.adapters.sql.postgresql.grouped_reads import Reads
from idp.adapters.sql.postgresql.pending_events import (
    CHAINED_AT_ONCE,
    LEAVE_EVENTS,
    EncodedEvent,
    chain_pending,
    encoded,
    event_values,
    waiting,
)
from idp.adapters.sql.postgresql.pool import Pool
from idp.adapters.sql.postgresql.runner import Runner
from idp.adapters.sql.unit_of_work import All, Conclude, One, Request, Run, UnitOfWork
from idp.domain.events import Event
from idp.ports.clock import Clock

T = TypeVar("T")

_RETRIES: Final = 2
_FOR_CHANGES: Final = 2
"""Connections for changes that are made together, at most; half of all where there are few."""


class PostgresqlDatabase:
    """Opens connections when they are first needed, in whichever process needs them.

    `size` connections at most; `timeout` seconds for a connection and for each statement; `retries` of what is safe to
    repeat.
    """

    def __init__(self, url: str, clock: Clock, *, size: int, timeout: float, retries: int = _RETRIES) -> None:
        self._clock = clock
        self._retries = retries
        apart = min(_FOR_CHANGES, size // 2)
        self._pool = Pool(url, size - apart, timeout)
        self._changes = Pool(url, apart, timeout, PLANNER) if apart else None
        self._statements = CompiledStatements(dialect())  # type: ignore[no-untyped-call] # SQLAlchemy gives it no types
        self._reads = Reads(self._pool, self._statements, retries)
        self._conclusions = Conclusions(self._pool, self._changes, self._statements, clock, retries)
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
            row = await self._conclusions.answer(first)
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
                if not isinstance(request, (One, All)):
                    raise TypeError("a unit that reads may only ask for rows")
                request = unit.send(await self._reads.answer(request))
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
        """How many callers of this process wait for a connection, or for the statement before theirs."""
        changing = self._changes.waiting if self._changes else 0
        return self._pool.waiting + changing + self._reads.waiting + self._conclusions.waiting

    async def close(self) -> None:
        """Let end what was asked for together and close every connection of this process.

        Who asks in this loop afterwards hears `StoreUnavailableError`.
        """
        await asyncio.gather(self._batches.close(), self._reads.close(), self._conclusions.close())
        await self._pool.close()
        if self._changes is not None:
            await self._changes.close()

    async def _alone(self, only: Request) -> object:
        """Answer the one request of a unit, a transaction by itself."""
        async with self._pool.lend() as connection:
            return await Runner(connection, self._statements).answer(only)

    async def _together(self, unit: UnitOfWork[T], first: Request, events: Sequence[Event]) -> T:
        async with self._pool.transaction(self._retries) as connection:
            runner = Runner(connection, self._statements)
            result = await runner.finish(unit, first)
            left = [*runner.events, *events]
            if left:
                await connection.execute(LEAVE_EVENTS, *event_values(encoded(left), self._clock.milliseconds()))
            return result

    async def _leave(self, events: Sequence[EncodedEvent]) -> None:
        values = event_values(events, self._clock.milliseconds())
        async with self._pool.lend() as connection:
            await connection.execute(LEAVE_EVENTS, *values)


def _end(unit: UnitOfWork[T], answer: object) -> T:
    """Return what a unit returns whose last request was answered; its transaction is over."""
    try:
        unit.send(answer)
    except StopIteration as finished:
        result: T = finished.value
        return result
    raise AssertionError("a request that ends its unit was followed by another")
