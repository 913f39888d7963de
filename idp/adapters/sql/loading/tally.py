"""What came of loading records, and the questions that every kind of record asks of the identifiers."""

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.tables.main import identifiers
from idp.adapters.sql.unit_of_work import Lock, One, Row, Run, UnitOfWork
from idp.domain.ids import AccountId
from idp.domain.records import Loaded
from idp.domain.values import dataclass
from idp.ports.records import RecordConflictError

_HOLDER = select(identifiers.c.account_id).where(identifiers.c.blind_index == bindparam("blind_index"))
_FORGET = delete(identifiers).where(identifiers.c.blind_index == bindparam("blind_index"))
INSERT_IDENTIFIER = insert(identifiers)
_TAKE = upsert(identifiers).on_conflict_do_nothing(index_elements=["blind_index"])

IMPORTING = Lock(("records",))
"""Held by an import: it looks up who is known and writes afterwards what it made of that, alone."""

BESIDE_IMPORTS = Lock(("records",), shared=True)
"""Held, before any other lock, by what changes what imports look up. Those stand beside each other."""


@dataclass(slots=True)
class Tally:
    """Counts while loading."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def count(self, *, changed: bool) -> None:
        """Count a record that was there."""
        if changed:
            self.changed += 1
        else:
            self.unchanged += 1

    def total(self) -> Loaded:
        """The counts so far."""
        return Loaded(self.created, self.changed, self.unchanged)


def holder_of(blind_index: bytes) -> UnitOfWork[AccountId | None]:
    """The account that signs in with an identifier, or None."""
    row: Row | None = yield One(_HOLDER, {"blind_index": blind_index})
    return None if row is None else AccountId(row[0])


def identifier_row(blind_index: bytes, account_id: AccountId, kind: str, now: int) -> dict[str, object]:
    """The row of a verified identifier."""
    return {"blind_index": blind_index, "account_id": account_id, "kind": kind, "verified_at": now}


def take_identifier(blind_index: bytes, account_id: AccountId, kind: str, now: int) -> UnitOfWork[bool]:
    """Let an account sign in with a verified identifier; False when it signs an account in already."""
    taken: int = yield Run(_TAKE, identifier_row(blind_index, account_id, kind, now))
    return bool(taken)


def exchange_identifier(
    account_id: AccountId, kind: str, before: bytes | None, after: bytes | None, path: str, now: int
) -> UnitOfWork[None]:
    """Let an account sign in with another identifier of one kind than before.

    Raises `RecordConflictError` naming `path` when it is somebody else's.
    """
    if before == after:
        return
    if before is not None:
        yield Run(_FORGET, {"blind_index": before})
    if (
        after is not None
        and not (yield from take_identifier(after, account_id, kind, now))
        and (yield from holder_of(after)) != account_id
    ):
        raise taken(path)


def taken(path: str) -> RecordConflictError:
    """An identifier that signs somebody else in."""
    return RecordConflictError(path, "belongs to somebody else")
