"""Stores as spans: the unit of work by its name, and what kinds of statements it ran on which tables."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from opentelemetry.trace import SpanKind, Tracer, get_current_span, use_span
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.expression import Select

from idp.adapters.observability.tracing.steps import note_failure
from idp.adapters.sql.database import Database
from idp.adapters.sql.unit_of_work import Append, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.ports.short_lived import ShortLivedStore, Throttle

T = TypeVar("T")

MOST_STATEMENTS: Final = 16
"""Statements that one span names; a unit of work has a few, an import thousands."""


class TracedDatabase:
    """`Database` around another one."""

    def __init__(self, database: Database, tracer: Tracer, system: str) -> None:
        self._database = database
        self._tracer = tracer
        self._system = system

    async def write(self, unit: UnitOfWork[T] | None, events: Sequence[Event] = ()) -> T:
        if not get_current_span().is_recording():
            return await self._database.write(unit, events)
        summary: list[str] = []
        watched = None if unit is None else _watch(unit, summary)
        return await self._noted("write", unit, summary, lambda: self._database.write(watched, events))

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        if not get_current_span().is_recording():
            return await self._database.run_read(unit)
        summary: list[str] = []
        watched = _watch(unit, summary)
        return await self._noted("read", unit, summary, lambda: self._database.run_read(watched))

    async def settle_events(self) -> None:
        await self._database.settle_events()

    async def close(self) -> None:
        await self._database.close()

    async def _noted(
        self, operation: str, unit: UnitOfWork[T] | None, summary: list[str], run: Callable[[], Awaitable[T]]
    ) -> T:
        name = "events" if unit is None else str(getattr(unit, "__name__", "unit")).lstrip("_")
        span = self._tracer.start_span(
            f"database {operation} {name}",
            kind=SpanKind.CLIENT,
            attributes={"db.system.name": self._system, "db.operation.name": operation},
        )
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                return await run()
            except Exception as failure:
                note_failure(span, failure)
                raise
            finally:
                if summary:
                    span.set_attribute("db.query.summary", "; ".join(summary))


def _watch(unit: UnitOfWork[T], summary: list[str]) -> UnitOfWork[T]:
    """Pass the unit's requests on and note what kinds of statements they are."""
    answer: object = None
    try:
        while True:
            request = unit.send(answer)
            if len(summary) < MOST_STATEMENTS:
                summary.append(_kind_of(request))
            answer = yield request
    except StopIteration as finished:
        result: T = finished.value
        return result


def _kind_of(request: object) -> str:
    """`UPDATE sessions`, `INSERT audit` and the like: verb and tables, no value."""
    if type(request) is Append:
        return "APPEND event"
    statement: Executable | None = getattr(request, "statement", None)
    if statement is None:
        return type(request).__name__.upper()
    verb = type(statement).__name__.upper()
    if isinstance(statement, UpdateBase):
        return f"{verb} {getattr(statement.table, 'name', '')}".rstrip()
    if isinstance(statement, Select):
        return f"{verb} {' '.join(str(getattr(each, 'name', 'join')) for each in statement.get_final_froms())}".rstrip()
    return verb


class TracedShortLivedStore:
    """`ShortLivedStore` around another one; the kind of a key is told, the key is not."""

    def __init__(self, store: ShortLivedStore, tracer: Tracer) -> None:
        self._store = store
        self._tracer = tracer

    async def put(self, key: str, value: bytes, expires_at: Seconds, *, tombstone: str = "") -> None:
        await self._noted("put", key, lambda: self._store.put(key, value, expires_at, tombstone=tombstone))

    async def get(self, key: str, now: Seconds) -> bytes | None:
        return await self._noted("get", key, lambda: self._store.get(key, now))

    async def replace(self, key: str, expected: bytes, value: bytes, expires_at: Seconds) -> bool:
        return await self._noted("replace", key, lambda: self._store.replace(key, expected, value, expires_at))

    async def delete(self, key: str) -> None:
        await self._noted("delete", key, lambda: self._store.delete(key))

    async def claim(self, key: str, now: Seconds, *, keep_until: Seconds) -> Claimed | AlreadyUsed | Unknown:
        return await self._noted("claim", key, lambda: self._store.claim(key, now, keep_until=keep_until))

    async def increment(self, key: str, now: Seconds, expires_at: Seconds) -> int:
        return await self._noted("increment", key, lambda: self._store.increment(key, now, expires_at))

    async def mark(self, key: str, now: Seconds, expires_at: Seconds) -> tuple[int, Seconds]:
        return await self._noted("mark", key, lambda: self._store.mark(key, now, expires_at))

    async def take(self, throttles: tuple[Throttle, ...], now: Seconds) -> int:
        return await self._noted("take", "throttle:", lambda: self._store.take(throttles, now))

    async def give_back(self, throttles: tuple[Throttle, ...]) -> None:
        await self._noted("give_back", "throttle:", lambda: self._store.give_back(throttles))

    async def used(self, throttles: tuple[Throttle, ...], now: Seconds) -> tuple[int, ...]:
        return await self._noted("used", "throttle:", lambda: self._store.used(throttles, now))

    async def remembers_since(self, now: Seconds) -> Seconds:
        return await self._noted("remembers_since", "", lambda: self._store.remembers_since(now))

    async def sweep(self, now: Seconds, limit: int) -> int:
        return await self._store.sweep(now, limit)

    async def _noted(self, operation: str, key: str, run: Callable[[], Awaitable[T]]) -> T:
        if not get_current_span().is_recording():
            return await run()
        kind, colon, _ = key.partition(":")
        attributes = {"db.operation.name": operation, "db.collection.name": kind if colon else "other"}
        span = self._tracer.start_span(f"state {operation}", kind=SpanKind.CLIENT, attributes=attributes)
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                return await run()
            except Exception as failure:
                note_failure(span, failure)
                raise
