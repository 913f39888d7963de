"""The audit trail on SQL, written and read."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import and_, bindparam, func, or_, select

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables import audit_records
from idp.adapters.sql.unit_of_work import All, Row, UnitOfWork
from idp.domain.audit_chain import AuditRecord
from idp.domain.events import Event

_PAGE = 1_000

_row = audit_records.c
_COLUMNS = (_row.stream, _row.sequence, _row.at_milliseconds, _row.name, _row.payload, _row.previous, _row.digest)
_AFTER = (
    select(*_COLUMNS)
    .where(
        or_(
            _row.stream > bindparam("stream"),
            and_(_row.stream == bindparam("stream"), _row.sequence > bindparam("sequence")),
        )
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
_newest = select(_row.stream, func.max(_row.sequence).label("sequence")).group_by(_row.stream).subquery("newest")
_HEADS = (
    select(*_COLUMNS)
    .join(_newest, and_(_row.stream == _newest.c.stream, _row.sequence == _newest.c.sequence))
    .order_by(_row.stream)
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
        while True:
            page = await self._database.run_read(_read(All(statement, place)))
            for record in page:
                yield record
            if len(page) < _PAGE:
                return
            place = {"stream": page[-1].stream, "sequence": page[-1].sequence}

    async def heads(self) -> Sequence[AuditRecord]:
        return await self._database.run_read(_read(All(_HEADS, {})))


def _read(request: All) -> UnitOfWork[list[AuditRecord]]:
    rows: list[Row] = yield request
    return [AuditRecord(*row) for row in rows]
