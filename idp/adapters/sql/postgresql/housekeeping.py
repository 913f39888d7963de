"""Sweeping on PostgreSQL: partitions go whole, and rows only where they have no partition of their own."""

from typing import Final

from sqlalchemy import MetaData, Table

from idp.adapters.sql.database import Database
from idp.adapters.sql.housekeeping import EXPIRING, UNDIVIDED, Housekeeping
from idp.adapters.sql.postgresql.partitions import (
    PARTITIONED,
    Partitioned,
    detach_partition,
    drop_partition,
    found_partitions,
    is_over,
    make_partition,
)
from idp.domain.ids import Seconds
from idp.ports.errors import StoreUnavailableError


def _default(table: Table) -> Table:
    """The partition of everything that has none of its own."""
    return table.to_metadata(MetaData(), name=f"{table.name}_default")


_DEFAULTS: Final = tuple(map(_default, EXPIRING))


class PartitionedHousekeeping(Housekeeping):
    """Makes the partitions of the time to come, drops those that are over, and sweeps the default ones."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, (*_DEFAULTS, *UNDIVIDED))

    async def sweep(self, now: Seconds, limit: int) -> int:
        """Delete at most `limit` expired rows of each default partition; how many went. Partitions are not counted.

        One table in trouble does not keep the others from their turn. Raises its failure at the end.
        """
        gone = await super().sweep(now, limit)
        found = await self._database.run_read(found_partitions())
        failures: list[StoreUnavailableError] = []
        for table in PARTITIONED:
            try:
                await self._make(table, now, found)
                await self._drop(table, now, found)
            except StoreUnavailableError as failure:
                failures.append(failure)
        if failures:
            raise failures[0]
        return gone

    async def _make(self, table: Partitioned, now: Seconds, found: dict[str, bool]) -> None:
        for start in table.periods(now):
            if table.name(start) not in found:
                await self._database.write(make_partition(table, start))

    async def _drop(self, table: Partitioned, now: Seconds, found: dict[str, bool]) -> None:
        """Detach what is over; the next run drops it. What never expires an operator may have detached to keep."""
        for name, is_attached in found.items():
            start = table.start_of(name)
            if start is None or table.alive is None:
                continue
            if not is_attached:
                await self._database.write(drop_partition(name))
            elif await self._database.run_read(is_over(table, start, now)):
                await self._database.write(detach_partition(table, name, now))
