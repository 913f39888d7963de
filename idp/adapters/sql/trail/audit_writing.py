"""Appending audit events to their stream, inside the transaction that they belong to."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select

from idp.adapters.sql.tables.main import audit_records
from idp.adapters.sql.unit_of_work import Fill, One, Row, UnitOfWork
from idp.domain.audit.audit_chain import AuditRecord, ChainHead, UnchainedEvent, extend, extend_with
from idp.domain.events import Event

_HEAD = (
    select(audit_records.c.sequence, audit_records.c.digest)
    .where(audit_records.c.stream == bindparam("stream"))
    .order_by(audit_records.c.sequence.desc())
    .limit(1)
)
_INSERT = insert(audit_records)


def append_events(stream: str, events: Sequence[Event], at_milliseconds: int) -> UnitOfWork[None]:
    """Chain `events` to the end of `stream`; the caller holds the lock that keeps others from appending to it."""
    head = yield from _head(stream)
    yield _insert(extend(stream, head, events, at_milliseconds))


def append_unchained(stream: str, events: Sequence[UnchainedEvent]) -> UnitOfWork[None]:
    """Do the same with events that have had their time for a while."""
    head = yield from _head(stream)
    yield _insert(extend_with(stream, head, events))


def _head(stream: str) -> UnitOfWork[ChainHead]:
    row: Row | None = yield One(_HEAD, {"stream": stream})
    return ChainHead(*row) if row else ChainHead()


def _insert(records: Sequence[AuditRecord]) -> Fill:
    return Fill(
        _INSERT,
        [
            {
                "stream": record.stream,
                "sequence": record.sequence,
                "at_milliseconds": record.at_milliseconds,
                "name": record.name,
                "payload": record.payload,
                "previous": record.previous,
                "digest": record.digest,
            }
            for record in records
        ],
    )
