"""The audit trail on SQL, written and read."""

from collections.abc import AsyncIterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, tuple_

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.consents import consent_evidence
from idp.adapters.sql.tables.main import audit_records, grants, persons
from idp.adapters.sql.unit_of_work import All, One, Row, UnitOfWork
from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.events import Event
from idp.domain.grants.grant import PREFIX
from idp.domain.ids import Seconds

_PAGE = 1_000

_row = audit_records.c
_COLUMNS = (_row.stream, _row.sequence, _row.at_milliseconds, _row.name, _row.payload, _row.previous, _row.digest)
_AFTER = (
    select(*_COLUMNS)
    .where(
        tuple_(_row.stream, _row.sequence)
        > tuple_(bindparam("stream", type_=_row.stream.type), bindparam("sequence", type_=_row.sequence.type))
    )
    .order_by(_row.stream, _row.sequence)
    .limit(_PAGE)
)
_OF_STREAM = (
    select(*_COLUMNS)
    .where(_row.stream == bindparam("stream"), _row.sequence > bindparam("sequence"))
    .order_by(_row.sequence)
    .limit(_PAGE)
)
_told = select(*_COLUMNS).where(
    _row.stream == bindparam("stream"), _row.sequence > bindparam("sequence"), _row.sequence <= bindparam("to")
)
# Streams are few and records many: one look-up finds the next stream, another its newest record.
_NEXT_STREAM = select(_row.stream).where(_row.stream > bindparam("stream")).order_by(_row.stream).limit(1)
_HEAD = select(*_COLUMNS).where(_row.stream == bindparam("stream")).order_by(_row.sequence.desc()).limit(1)
_NEWEST = (
    select(*_COLUMNS)
    .where(_row.stream == bindparam("stream"), _row.sequence < bindparam("before"))
    .order_by(_row.sequence.desc())
    .limit(bindparam("most"))
)
_OLDEST_PLACE = select(_row.sequence).where(_row.stream == bindparam("stream")).order_by(_row.sequence).limit(1)
# A record may have been dropped with its partition: the next one that is there tells the time of the place.
_FROM_PLACE = (
    select(_row.sequence, _row.at_milliseconds)
    .where(_row.stream == bindparam("stream"), _row.sequence >= bindparam("sequence"))
    .order_by(_row.sequence)
    .limit(1)
)
# Identifiers sort as they were made, those of grants within the week in which they expire: the newest of each week.
_newest_of_week = select(func.max(grants.c.grant_id).label("grant_id")).cte("newest_of_week", recursive=True)
_newest_of_week = _newest_of_week.union_all(
    select(
        select(func.max(grants.c.grant_id))
        .where(grants.c.grant_id < func.substr(_newest_of_week.c.grant_id, 1, PREFIX))
        .scalar_subquery()
    ).where(_newest_of_week.c.grant_id.is_not(None))
)
_begun = select(grants.c.started_at).where(grants.c.grant_id == _newest_of_week.c.grant_id).scalar_subquery()
_evidence, _people = consent_evidence.alias(), persons.alias()
_TRACES = select(
    select(func.max(_begun)).select_from(_newest_of_week).scalar_subquery(),
    select(consent_evidence.c.at)
    .where(consent_evidence.c.evidence_id == select(func.max(_evidence.c.evidence_id)).scalar_subquery())
    .scalar_subquery(),
    select(persons.c.created_at)
    .where(persons.c.person_id == select(func.max(_people.c.person_id)).scalar_subquery())
    .scalar_subquery(),
)


class SqlAuditTrail:
    """Implements `AuditTrail`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, *events: Event) -> None:
        if events:
            await self._database.write(None, events)


class SqlAuditLog:
    """Implements `AuditLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def records(self, stream: str | None = None, after: int = 0) -> AsyncIterator[AuditRecord]:
        statement = _AFTER if stream is None else _OF_STREAM
        place = {"stream": stream or "", "sequence": after}
        await self._database.settle_events()
        while True:
            page = await self._database.run_read(_read(All(statement, place)))
            for record in page:
                yield record
            if len(page) < _PAGE:
                return
            place = {"stream": page[-1].stream, "sequence": page[-1].sequence}

    async def told(self, stream: str, after: int, to: int, names: frozenset[str]) -> Sequence[AuditRecord]:
        place = {"stream": stream, "sequence": after, "to": to}
        return await self._database.run_read(_read(All(_of_names(names), place)))

    async def heads(self) -> Sequence[AuditRecord]:
        await self._database.settle_events()
        return await self._database.run_read(_heads())

    async def newest(self, stream: str, before: int, limit: int) -> Sequence[AuditRecord]:
        return await self._database.run_read(_read(All(_NEWEST, {"stream": stream, "before": before, "most": limit})))

    async def first_sequence_from(self, stream: str, at_milliseconds: int) -> int:
        return await self._database.run_read(_first_from(stream, at_milliseconds))

    async def last_trace(self) -> Seconds | None:
        return await self._database.run_read(_last_trace())


@cache
def _of_names(names: frozenset[str]) -> Select[Any]:
    """Return the statement for one of the few sets of names that readers look for: made once, so compiled once."""
    return _told.where(_row.name.in_([literal(name) for name in sorted(names)])).order_by(_row.sequence)


def _heads() -> UnitOfWork[list[AuditRecord]]:
    heads = []
    stream: Row | None = yield One(_NEXT_STREAM, {"stream": ""})
    while stream is not None:
        row: Row = yield One(_HEAD, {"stream": stream[0]})
        heads.append(AuditRecord(*row))
        stream = yield One(_NEXT_STREAM, {"stream": stream[0]})
    return heads


def _first_from(stream: str, at_milliseconds: int) -> UnitOfWork[int]:
    """Halve the range of sequences until the place is found: a look-up for each doubling of the records."""
    head: Row | None = yield One(_HEAD, {"stream": stream})
    oldest: Row | None = yield One(_OLDEST_PLACE, {"stream": stream})
    if head is None or oldest is None:
        return 1
    low, high = oldest[0], AuditRecord(*head).sequence + 1
    while low < high:
        middle = (low + high) // 2
        row: Row | None = yield One(_FROM_PLACE, {"stream": stream, "sequence": middle})
        if row is None or row[1] >= at_milliseconds:
            high = middle
        else:
            low = row[0] + 1
    return int(low)


def _last_trace() -> UnitOfWork[Seconds | None]:
    row: Row = yield One(_TRACES, {})
    return max((Seconds(moment) for moment in row if moment is not None), default=None)


def _read(request: All) -> UnitOfWork[list[AuditRecord]]:
    rows: list[Row] = yield request
    return [AuditRecord(*row) for row in rows]
