"""Deleting what has expired, a bounded number of rows at a time, so that nobody waits for it."""

from typing import Any

from sqlalchemy import Delete, Table, bindparam, delete, select

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables import ended_sessions, grants, revoked_access_tokens
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.domain.ids import Seconds

_GRACE = 24 * 3600
"""Seconds for which an expired grant is still told from an unknown one."""


def _expired(table: Table) -> Delete:
    (key,) = table.primary_key.columns
    old: Any = (
        select(key)
        .where(table.c.expires_at <= bindparam("before"))
        .order_by(table.c.expires_at)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
    )
    return delete(table).where(key.in_(old))


_EXPIRED = (_expired(grants), _expired(revoked_access_tokens), _expired(ended_sessions))


class Housekeeping:
    """Sweeps the durable tables; the short-lived store sweeps itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sweep(self, now: Seconds, limit: int) -> int:
        """Delete at most `limit` expired rows of each table; how many went."""
        return await self._database.write(_sweep(now - _GRACE, limit))


def _sweep(before: int, limit: int) -> UnitOfWork[int]:
    swept = 0
    for statement in _EXPIRED:
        swept += yield Run(statement, {"before": before, "limit": limit})
    return swept
