"""Requests of the same moment that differ in their parameters alone: one statement for all of them.

A look-up or a conditional change costs the server a tenth of what it costs to be asked, to wake up and to answer; the
same holds for us. Nothing is different for who asks: what fails for one fails for nobody else.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import asyncpg

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.postgresql.gathering import Apart, Gathering
from idp.adapters.sql.postgresql.grouped_statements import (
    NotGroupableError,
    by_place,
    grouped_conclusion,
    grouped_read,
    in_columns,
)
from idp.adapters.sql.postgresql.pending_events import concluded, encoded, event_values
from idp.adapters.sql.postgresql.pool import Pool
from idp.adapters.sql.postgresql.runner import Runner, share
from idp.adapters.sql.unit_of_work import All, Conclude, One, Row
from idp.ports.clock import Clock
from idp.ports.errors import StoreContendedError, StoreUnavailableError

MOST_READ: Final = 64
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


class Reads:
    """Rows for everybody. `retries` of a read that met a connection that was lost."""

    def __init__(self, pool: Pool, statements: CompiledStatements, retries: int) -> None:
        self._pool = pool
        self._statements = statements
        self._retries = retries
        self._gatherings: dict[str, Gathering[One, _Row] | None] = {}

    async def answer(self, request: One | All) -> object:
        """The rows that were asked for. Raises `StoreUnavailableError`."""
        if isinstance(request, All):
            return await self._alone(request)
        text = self._statements[request.statement].text
        try:
            gathering = self._gatherings[text]
        except KeyError:
            gathering = self._gatherings[text] = self._gather(text)
        return await (gathering.ask(request) if gathering else self._alone(request))

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
        self._gatherings: dict[str, Gathering[Conclude, _Row]] = {}
        self._single: dict[str, str] = {}

    async def answer(self, request: Conclude) -> Row | None:
        """The row, once it and its events are durable; None when there is none and nothing was left."""
        if self._changes is None or not request.key:
            return await self._alone(request)
        text = self._statements[request.statement].text
        try:
            gathering = self._gatherings[text]
        except KeyError:
            gathering = self._gatherings[text] = self._gather(self._changes, request)
        return await gathering.ask(request)

    @property
    def waiting(self) -> int:
        """Requests that have not left yet."""
        return sum(each.waiting for each in self._gatherings.values())

    def _gather(self, changes: Pool, first: Conclude) -> Gathering[Conclude, _Row]:
        key = first.key
        text, bind = self._statements[first.statement]
        # A name for each parameter is bound to its own place.
        names = {name: name for name in first.parameters}
        grouped = grouped_conclusion(text, bind(names).index(key) + 1)

        async def carry(requests: Sequence[Conclude]) -> Sequence[_Row] | Sequence[Apart[_Row]]:
            # In one order everywhere, so that no two groups wait for each other's rows.
            ordered = sorted(requests, key=lambda each: each.parameters[key])  # type: ignore[arg-type, return-value]
            try:
                rows = await self._together(changes, grouped, ordered)
            except Exception as error:
                if isinstance(error, StoreUnavailableError) and not isinstance(error, StoreContendedError):
                    raise
                # The server undid it: a row that somebody holds, or somebody's values. Alone it shows whose.
                return [Apart(partial(self._alone, each)) for each in requests]
            found = {row[0]: row for row in rows}
            return [found.get(each.parameters[key]) for each in requests]

        return Gathering(carry, most=MOST_CONCLUDED, key=lambda each: each.parameters[key])

    async def _together(self, changes: Pool, grouped: str, requests: Sequence[Conclude]) -> Sequence[Any]:
        if len(requests) == 1:
            return [row] if (row := await self._run(changes, requests[0])) else []
        bind, key = self._statements[requests[0].statement].bind, requests[0].key
        events = [(each.parameters[key], event) for each in requests for event in encoded(each.events)]
        at, names, fields = event_values([event for _, event in events], self._clock.milliseconds())
        values = (
            *in_columns([bind(each.parameters) for each in requests]),
            at,
            [of for of, _ in events],
            names,
            fields,
        )
        return await self._fetch(changes, [name for each in requests for name in each.shared], grouped, values)

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
