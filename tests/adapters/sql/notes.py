"""Units of work on the one table that takes anything (a note is a key with bytes), and what the record says of them."""

from sqlalchemy import bindparam, insert, select, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.main import short_lived
from idp.adapters.sql.trail.audit import SqlAuditLog
from idp.adapters.sql.unit_of_work import All, Append, Conclude, Many, One, Row, Run, UnitOfWork
from tests.ports.samples import NOW, event, faults

_WRITE = insert(short_lived).values(key=bindparam("key"), value=bindparam("value"), expires_at=NOW)
_TOUCH = (
    update(short_lived)
    .where(short_lived.c.key == bindparam("note"))
    .values(value=bindparam("touched"))
    .returning(short_lived.c.key)
)
_READ = select(short_lived.c.value).where(short_lived.c.key == bindparam("key"))
_KEYS = select(short_lived.c.key).order_by(short_lived.c.key)


def write_note(key: str, value: bytes = b"", *, audited: bool = False) -> UnitOfWork[str]:
    yield Run(_WRITE, {"key": key, "value": value})
    if audited:
        yield Append(event(key))
    return key


def write_note_alone(key: str) -> UnitOfWork[str]:
    yield Run(_WRITE, {"key": key, "value": b""}, alone=True)
    return key


def conclude_or_fail(key: str, error: Exception) -> UnitOfWork[str]:
    """Keep a note that is there, and end; where it is not, write it and fail after all."""
    row: Row | None = yield Conclude(_TOUCH, {"note": key, "touched": b"touched"}, [event(key)])
    if row is not None:
        return key
    yield Run(_WRITE, {"key": key, "value": b""})
    raise error


def write_notes(*keys: str) -> UnitOfWork[None]:
    yield Many(_WRITE, [{"key": key, "value": b""} for key in keys])


def write_then_fail(key: str, error: Exception) -> UnitOfWork[None]:
    yield Run(_WRITE, {"key": key, "value": b""})
    yield Append(event(key))
    raise error


def read_note(key: str) -> UnitOfWork[bytes | None]:
    row: Row | None = yield One(_READ, {"key": key})
    return None if row is None else row[0]


def all_keys() -> UnitOfWork[list[str]]:
    rows: list[Row] = yield All(_KEYS, {})
    return [key for (key,) in rows]


async def audited(database: Database) -> list[str]:
    """Whose events stand in the record, in order; its chain must hold."""
    records = [record async for record in SqlAuditLog(database).records()]
    assert list(faults(records)) == []
    return [record.payload.decode().split('"account_id":"')[1].split('"')[0] for record in records]
