"""Requests of the same moment that differ in their parameters alone: one statement for all of them.

A look-up or a conditional change costs the server a tenth of what it costs to be asked, to wake up and to answer; the
same holds for us. Nothing is different for who asks: what fails for one fails for nobody else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import asyncpg

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.postgresql.gathering import Apart, Gathering
from idp.adapters.sql.postgresql.grouped_statements import (
    NotGroupableError,
    by_place,
    grouped_read,
    in_columns,
)
from idp.adapters.sql.postgresql.home import Door
from idp.adapters.sql.postgresql.pool import Pool
from idp.adapters.sql.postgresql.runner import Runner
from idp.adapters.sql.unit_of_work import All, One, Row
from idp.ports.errors import StoreUnavailableError

MOST_READ: Final = 64
"""Requests in one statement."""

_Row: TypeAlias = Row | None


class Reads:
    """Rows for everybody. `retries` of a read that met a connection that was lost."""

    def __init__(self, pool: Pool, statements: CompiledStatements, retries: int) -> None:
        self._pool = pool
        self._statements = statements
        self._retries = retries
        self._door = Door()
        self._gatherings: dict[str, Gathering[One, _Row] | None] = {}

    async def answer(self, request: One | All) -> object:
        """The rows that were asked for. Raises `StoreUnavailableError`."""
        self._door.enter()
        if isinstance(request, All):
            return await self._alone(request)
        text = self._statements[request.statement].text
        try:
            gathering = self._gatherings[text]
        except KeyError:
            gathering = self._gatherings[text] = self._gather(text)
        return await (gathering.ask(request) if gathering else self._alone(request))

    async def close(self) -> None:
        """Let what waits here end; who asks in this loop afterwards hears `StoreUnavailableError`."""
        self._door.close()
        await asyncio.gather(*(each.close() for each in self._gatherings.values() if each))

    @property
    def waiting(self) -> int:
        """Requests that have not left yet."""
        return sum(each.waiting for each in self._gatherings.values() if each)

    def _gather(self, text: str) -> Gathering[One, _Row] | None:
        try:
            grouped = grouped_read(text)
        except NotGroupableError:
            return None

        async def carry(requests: Sequence[One]) -> Sequence[_Row] | Sequence[Apart[_Row]]:
            if len(requests) == 1:
                return [await self._alone(requests[0])]
            try:
                rows: Sequence[_Row] = await self._persist(lambda: self._together(grouped, requests))
            except StoreUnavailableError:
                raise
            except Exception:  # noqa: BLE001 -- somebody's values: whose they are shows when each is asked alone
                return [Apart(partial(self._alone, each)) for each in requests]
            return rows

        return Gathering(carry, most=MOST_READ)

    async def _together(self, grouped: str, requests: Sequence[One]) -> Sequence[_Row]:
        bind = self._statements[requests[0].statement].bind
        values = in_columns([bind(each.parameters) for each in requests])
        async with self._pool.lend() as connection:
            return by_place(await connection.fetch(grouped, *values), len(requests))

    async def _alone(self, request: One | All) -> Any:  # noqa: ANN401 -- a row or all of them
        return await self._persist(lambda: self._once(request))

    async def _persist(self, read: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 -- likewise
        for _ in range(self._retries):
            try:
                return await read()
            except StoreUnavailableError as error:
                if isinstance(error.__cause__, TimeoutError):
                    raise
        return await read()

    async def _once(self, request: One | All) -> object:
        try:
            async with self._pool.lend() as connection:
                return await Runner(connection, self._statements).answer(request)
        except asyncpg.CharacterNotInRepertoireError:
            # PostgreSQL's text has no NUL, so that nothing is stored under what was asked for.
            return None if isinstance(request, One) else []
