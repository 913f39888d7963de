"""Data keys under another wrapping key: every wrapped key that the database keeps, walked in order of primary keys.

Most have columns of their own, which `KEEPERS` lists; those of clients, which are few, stand in the client's document.

Keys are replaced only where they still are what was read, so a change made meanwhile wins: it lies under the wrapping
key in use already, or the next walk finds it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Column, bindparam, func, select, update
from sqlalchemy.sql import Executable

from idp.adapters.sql.clients.client_rows import page_of_clients, replace_client
from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.changes import change_requests
from idp.adapters.sql.tables.locks import kept_number_changes
from idp.adapters.sql.tables.main import persons
from idp.adapters.sql.tables.proofing import proofing_cases
from idp.adapters.sql.unit_of_work import All, Many, One, Row, UnitOfWork
from idp.domain.clients.client import Client
from idp.domain.values import dataclass

BATCH: Final = 200
"""Rows read, and changed, at a time."""

START: Final = ""
"""Comes before every row."""


class Keeper:
    """A table whose rows keep wrapped keys, and the statements that walk it."""

    def __init__(self, row: Column[str], *columns: Column[bytes]) -> None:
        """`row` is the primary key, `columns` hold the wrapped keys."""
        self.columns = columns
        self.count = select(func.count()).select_from(row.table)
        self.page = select(row, *columns).where(row > bindparam("after")).order_by(row).limit(BATCH)
        self.replace = {
            column.name: update(row.table)
            .where(row == bindparam("row"), column == bindparam("known"))
            .values({column.name: bindparam("rewrapped")})
            for column in columns
        }

    @property
    def statements(self) -> tuple[Executable, ...]:
        """Everything that is run, by engines that want to know it beforehand."""
        return (self.count, self.page, *self.replace.values())


PERSONS: Final = Keeper(persons.c.person_id, persons.c.record_key, persons.c.erasable_key)
KEEPERS: Final = (
    PERSONS,
    Keeper(change_requests.c.change_id, change_requests.c.payload_key),
    Keeper(proofing_cases.c.case_id, proofing_cases.c.findings_key),
    Keeper(kept_number_changes.c.kept_id, kept_number_changes.c.change_key),
)
"""Every table with a key of its own in each row, persons first: there are the most of them."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One wrapped data key and its place."""

    row: str
    column: str
    value: bytes


class Rewrapping:
    """Walks and replaces the wrapped keys of one table, a bounded number in each transaction."""

    def __init__(self, database: Database, keeper: Keeper = PERSONS) -> None:
        self._database = database
        self._keeper = keeper

    async def count(self) -> int:
        """How many rows there are. Raises `StoreUnavailableError`, also when counting takes too long."""
        return await self._database.run_read(_count(self._keeper))

    async def page(self, after: str) -> Sequence[WrappedKey]:
        """The keys of the next `BATCH` rows after one; none at the end."""
        return await self._database.run_read(_page(self._keeper, after))

    async def replace(self, keys: Mapping[WrappedKey, bytes]) -> None:
        """Put each new value in the place of the one that was read, unless that changed meanwhile."""
        await self._database.write(_replace(self._keeper, keys))


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


def _count(keeper: Keeper) -> UnitOfWork[int]:
    row: Row = yield One(keeper.count, {}, alone=True)
    return int(row[0])


def _page(keeper: Keeper, after: str) -> UnitOfWork[Sequence[WrappedKey]]:
    rows: Sequence[Row] = yield All(keeper.page, {"after": after})
    return tuple(_keys(keeper, rows))


def _keys(keeper: Keeper, rows: Sequence[Row]) -> Iterator[WrappedKey]:
    for row, *values in rows:
        for column, value in zip(keeper.columns, values, strict=True):
            if value is not None:
                yield WrappedKey(row, column.name, bytes(value))


def _replace(keeper: Keeper, keys: Mapping[WrappedKey, bytes]) -> UnitOfWork[None]:
    for column, statement in keeper.replace.items():
        changes = [
            {"row": key.row, "known": key.value, "rewrapped": rewrapped}
            for key, rewrapped in keys.items()
            if key.column == column
        ]
        if changes:
            yield Many(statement, changes)
