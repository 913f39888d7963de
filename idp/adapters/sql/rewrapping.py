"""Data keys under another wrapping key: every wrapped key that the database keeps, walked in order of primary keys.

Those of persons have columns of their own; those of clients, which are few, stand in the client's document.

Keys are replaced only where they still are what was read, so a change made meanwhile wins: it lies under the wrapping
key in use already, or the next walk finds it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, bindparam, func, select, update

from idp.adapters.sql.clients import page_of_clients, replace_client
from idp.adapters.sql.database import Database
from idp.adapters.sql.tables import persons
from idp.adapters.sql.unit_of_work import All, Many, One, Row, UnitOfWork
from idp.domain.client import Client
from idp.domain.ids import PersonId

BATCH: Final = 200
"""Persons read, and changed, at a time."""

START: Final = PersonId("")
"""Comes before every person."""

_WRAPPED: Final[tuple[Column[bytes], ...]] = (persons.c.record_key, persons.c.erasable_key)
_PAGE: Final = (
    select(persons.c.person_id, *_WRAPPED)
    .where(persons.c.person_id > bindparam("after"))
    .order_by(persons.c.person_id)
    .limit(BATCH)
)
_COUNT: Final = select(func.count()).select_from(persons)
_REPLACE: Final = {
    column.name: update(persons)
    .where(persons.c.person_id == bindparam("person"), column == bindparam("known"))
    .values({column.name: bindparam("rewrapped")})
    for column in _WRAPPED
}


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One wrapped data key and its place."""

    person_id: PersonId
    column: str
    value: bytes


class Rewrapping:
    """Walks and replaces wrapped keys, a bounded number in each transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self) -> int:
        """How many persons there are. Raises `StoreUnavailableError`, also when counting takes too long."""
        return await self._database.run_read(_count())

    async def page(self, after: PersonId) -> Sequence[WrappedKey]:
        """The keys of the next `BATCH` persons after one; none at the end."""
        return await self._database.run_read(_page(after))

    async def replace(self, keys: Mapping[WrappedKey, bytes]) -> None:
        """Put each new value in the place of the one that was read, unless that changed meanwhile."""
        await self._database.write(_replace(keys))


class ClientRewrapping:
    """The same for the sealed secrets of clients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, after: str) -> tuple[Client, ...]:
        """The next `BATCH` clients after one, whether they have a sealed secret or not; none at the end."""
        return await self._database.run_read(page_of_clients(after, BATCH))

    async def replace(self, read: Client, rewrapped: Client) -> None:
        """Put a client in the place of the one that was read, unless that changed meanwhile."""
        await self._database.write(replace_client(read, rewrapped))


def _count() -> UnitOfWork[int]:
    row: Row = yield One(_COUNT, {}, alone=True)
    return int(row[0])


def _page(after: PersonId) -> UnitOfWork[Sequence[WrappedKey]]:
    rows: Sequence[Row] = yield All(_PAGE, {"after": after})
    return tuple(_keys(rows))


def _keys(rows: Sequence[Row]) -> Iterator[WrappedKey]:
    for person_id, *values in rows:
        for column, value in zip(_WRAPPED, values, strict=True):
            if value is not None:
                yield WrappedKey(PersonId(person_id), column.name, bytes(value))


def _replace(keys: Mapping[WrappedKey, bytes]) -> UnitOfWork[None]:
    for column, statement in _REPLACE.items():
        changes = [
            {"person": key.person_id, "known": key.value, "rewrapped": rewrapped}
            for key, rewrapped in keys.items()
            if key.column == column
        ]
        if changes:
            yield Many(statement, changes)
