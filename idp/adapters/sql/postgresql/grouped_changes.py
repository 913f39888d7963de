"""Conditional changes of the same moment that differ in their values alone: one statement and one commit for them.

Nothing is different for who asks: what fails for one fails for nobody else.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

import asyncpg

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.postgresql.gathering import Apart, Gathering
from idp.adapters.sql.postgresql.grouped_statements import Holding, grouped_conclusion, holding, in_columns, type_of
from idp.adapters.sql.postgresql.home import Door
from idp.adapters.sql.postgresql.pending_events import concluded, encoded, event_values
from idp.adapters.sql.postgresql.pool import Pool
from idp.adapters.sql.postgresql.runner import Connection, in_order, share
from idp.adapters.sql.unit_of_work import Conclude, Row
from idp.ports.clock import Clock
from idp.ports.errors import StoreContendedError, StoreUnavailableError

MOST_CONCLUDED: Final = 64
"""Requests in one statement."""

PLANNER: Final = {
    # Changes of a group look their rows up one by one, as they do alone.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    # A row that somebody holds keeps nobody waiting but who wants it: that request is made again by itself.
    "lock_timeout": "100",
}
"""For the connections of changes."""

_Row: TypeAlias = Row | None

_NOT_DEFINED: Final = (asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError)


class _Group(NamedTuple):
    """A change as a statement for many, and as a function of its connection that holds locks besides."""

    statement: str
    holding: Holding


class Conclusions:
    """Requests that end their unit when they find a row, with their events, in as few transactions as can be.

    `pool` is for whoever is alone, and `changes` (with `PLANNER`) for those that have a key; None: nobody has company.
    `retries` of a transaction that did not begin.
    """

    def __init__(
        self, pool: Pool, changes: Pool | None, statements: CompiledStatements, clock: Clock, retries: int
    ) -> None:
        self._pool = pool
        self._changes = changes
        self._statements = statements
        self._clock = clock
        self._retries = retries
        self._door = Door()
        self._gatherings: dict[str, Gathering[Conclude, _Row]] = {}
        self._single: dict[str, str] = {}
        self._may_define = True

    async def answer(self, request: Conclude) -> Row | None:
        """The row, once it and its events are durable; None when there is none and nothing was left."""
        self._door.enter()
        if self._changes is None or not request.key:
            return await self._alone(request)
        text = self._statements[request.statement].text
        try:
            gathering = self._gatherings[text]
        except KeyError:
            gathering = self._gatherings[text] = self._gather(self._changes, request)
        return await gathering.ask(request)

    async def close(self) -> None:
        """Let what waits here end; who asks in this loop afterwards hears `StoreUnavailableError`."""
        self._door.close()
        await asyncio.gather(*(each.close() for each in self._gatherings.values()))

    @property
    def waiting(self) -> int:
        """Requests that have not left yet."""
        return sum(each.waiting for each in self._gatherings.values())

    def _gather(self, changes: Pool, first: Conclude) -> Gathering[Conclude, _Row]:
        key = first.key
        text, bind = self._statements[first.statement]
        # A name for each parameter is bound to its own place.
        names = {name: name for name in first.parameters}
        place = bind(names).index(key) + 1
        grouped = grouped_conclusion(text, place)
        group = _Group(grouped, holding(grouped, type_of(text, place)))

        async def carry(requests: Sequence[Conclude]) -> Sequence[_Row] | Sequence[Apart[_Row]]:
            # In one order everywhere, so that no two groups wait for each other's rows.
            ordered = sorted(requests, key=lambda each: each.parameters[key])  # type: ignore[arg-type, return-value]
            try:
                rows = await self._together(changes, group, ordered)
            except Exception as error:
                if isinstance(error, StoreUnavailableError) and not isinstance(error, StoreContendedError):
                    raise
                # The server undid it: a row that somebody holds, or somebody's values. Alone it shows whose.
                return [Apart(partial(self._alone, each)) for each in requests]
            found = {row[0]: row for row in rows}
            return [found.get(each.parameters[key]) for each in requests]

        return Gathering(carry, most=MOST_CONCLUDED, key=lambda each: each.parameters[key])

    async def _together(self, changes: Pool, group: _Group, requests: Sequence[Conclude]) -> Sequence[Any]:
        shared = in_order(name for each in requests for name in each.shared)
        if len(requests) == 1 and not shared:
            return [row] if (row := await self._run(changes, requests[0])) else []
        bind, key = self._statements[requests[0].statement].bind, requests[0].key
        events = [(each.parameters[key], event) for each in requests for event in encoded(each.events)]
        at, names, fields = event_values([event for _, event in events], self._clock.milliseconds())
        asked = in_columns([bind(each.parameters) for each in requests])
        values = (*asked, at, [of for of, _ in events], names, fields)
        if not shared or not self._may_define:
            return await self._fetch(changes, shared, group.statement, values)
        async with changes.lend() as connection:
            try:
                return await _held(connection, group.holding, (shared, *values))
            except (asyncpg.InsufficientPrivilegeError, *_NOT_DEFINED):
                # Nobody may define one, or somebody between us and the server gives each statement another session.
                self._may_define = False
        return await self._fetch(changes, shared, group.statement, values)

    async def _alone(self, request: Conclude) -> Row | None:
        return await self._run(self._pool, request)

    async def _run(self, pool: Pool, request: Conclude) -> Row | None:
        text, bind = self._statements[request.statement]
        own = bind(request.parameters)
        whole = self._single.get(text)
        if whole is None:
            whole = self._single[text] = concluded(text, len(own))
        values = (*own, *event_values(encoded(request.events), self._clock.milliseconds()))
        rows = await self._fetch(pool, request.shared, whole, values)
        return rows[0] if rows else None

    async def _fetch(self, pool: Pool, shared: Sequence[str], text: str, values: tuple[object, ...]) -> Sequence[Any]:
        if not shared:
            async with pool.lend() as connection:
                rows: Any = await connection.fetch(text, *values)
        else:
            async with pool.transaction(self._retries) as connection:
                # A statement of its own: the next one sees what those did who held them alone.
                await share(connection, shared)
                rows = await connection.fetch(text, *values)
        return list(rows)


async def _held(connection: Connection, group: Holding, values: tuple[object, ...]) -> Sequence[Any]:
    rows: Any
    try:
        rows = await connection.fetch(group.call, *values)
    except _NOT_DEFINED:
        # A connection's first one. Nothing has taken place.
        await connection.execute(group.function)
        rows = await connection.fetch(group.call, *values)
    return list(rows)
