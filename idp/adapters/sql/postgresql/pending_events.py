"""Audit events on their way into the chain.

A transaction leaves its events here, unordered and without waiting for anybody; later one process at a time moves them,
oldest first, behind the end of the chain. They are durable with their transaction. A chain of plain hashes proves
nothing before its end was signed, so that the minute until the next checkpoint is as open as it would be otherwise, and
no transaction waits for another one's commit.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text, TextClause, func, select, text

from idp.adapters.sql.trail.audit_writing import append_unchained
from idp.adapters.sql.unit_of_work import All, Lock, One, Row, UnitOfWork
from idp.domain.audit.audit_chain import UnchainedEvent
from idp.domain.events import Event

STREAM: Final = "main"
"""One process chains at a time, so one stream serves them all."""

CHAINED_AT_ONCE: Final = 2_000

audit_pending = Table(
    "audit_pending",
    MetaData(),
    Column("batch", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("at_milliseconds", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("fields", LargeBinary, nullable=False),
)

# Nodes' clocks differ: the order is that of the one clock they share, the server's, to the microsecond.
_LEAVE: Final = """
INSERT INTO audit_pending (batch, position, at_milliseconds, name, fields)
SELECT batch.id, event.position, ${moment}::BIGINT, event.name, event.fields
FROM (SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || gen_random_uuid() AS id) AS batch,
     unnest(${names}::TEXT[], ${fields}::BYTEA[]) WITH ORDINALITY AS event (name, fields, position)
"""
LEAVE_FOR_KEYS: Final = """
INSERT INTO audit_pending (batch, position, at_milliseconds, name, fields)
SELECT batch.id, event.position, ${moment}::BIGINT, event.name, event.fields
FROM (SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || gen_random_uuid() AS id) AS batch,
     unnest(${keys}::{type}[], ${names}::TEXT[], ${fields}::BYTEA[])
     WITH ORDINALITY AS event (key, name, fields, position)
WHERE event.key IN (SELECT outcome.key FROM outcome)
"""
"""The same for those events whose key stands in `outcome`; to be formatted with the places and the type of the key."""
_CONCLUDED: Final = """
WITH outcome AS ({statement}), left_events AS ({leave} WHERE EXISTS (SELECT FROM outcome)) SELECT * FROM outcome
"""
LEAVE_EVENTS: Final = _LEAVE.format(moment=1, names=2, fields=3)
"""Bound to the moment in milliseconds, the names and the encoded fields of any number of events."""

_LOCK: Final = Lock(("audit chain",))
_OLDEST: Final = (
    select(audit_pending.c.at_milliseconds).order_by(audit_pending.c.batch, audit_pending.c.position).limit(1)
)
_WAITING: Final = select(func.count(), _OLDEST.scalar_subquery()).select_from(audit_pending)

_fields = msgspec.json.Decoder(dict[str, Any])


@cache
def _taking(limit: int) -> TextClause:
    """Take the oldest events; the number stands in the statement, so that its plan is not one for a tenth of all."""
    return text(
        f"""
        WITH taken AS (
            DELETE FROM audit_pending
            WHERE (batch, position) IN (
                SELECT batch, position FROM audit_pending ORDER BY batch, position LIMIT {limit}
            )
            RETURNING batch, position, at_milliseconds, name, fields
        )
        SELECT at_milliseconds, name, fields FROM taken ORDER BY batch, position
        """  # noqa: S608 -- a number of our own
    )


EncodedEvent = tuple[str, bytes]
"""Name and fields."""


def encoded(events: Sequence[Event]) -> list[EncodedEvent]:
    """The events as they are stored."""
    return [(event.name, msgspec.json.encode(event.fields())) for event in events]


def event_values(events: Sequence[EncodedEvent], at_milliseconds: int) -> tuple[int, list[str], list[bytes]]:
    """The values of `LEAVE_EVENTS`."""
    return at_milliseconds, [name for name, _ in events], [fields for _, fields in events]


def concluded(statement: str, parameters: int) -> str:
    """A statement with so many parameters of its own that leaves events when it answers a row; their values follow."""
    leave = _LEAVE.format(moment=parameters + 1, names=parameters + 2, fields=parameters + 3)
    return _CONCLUDED.format(statement=statement, leave=leave)


def chain_pending() -> UnitOfWork[int]:
    """Move the oldest events into the chain, at most `CHAINED_AT_ONCE`; how many went."""
    yield _LOCK
    rows: list[Row] = yield All(_taking(CHAINED_AT_ONCE), {})
    events = [UnchainedEvent(at, name, _fields.decode(fields)) for at, name, fields in rows]
    if events:
        yield from append_unchained(STREAM, events)
    return len(events)


def waiting() -> UnitOfWork[tuple[int, int | None]]:
    """How many events wait, and since when the oldest does (milliseconds since 1970)."""
    row: Row = yield One(_WAITING, {})
    return int(row[0]), row[1]
