"""Deleting what has expired, a bounded number of rows at a time, so that nobody waits for it."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Delete, Table, bindparam, delete, literal_column, select

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.assurance import sign_in_facts
from idp.adapters.sql.tables.locks import kept_number_changes, kept_register_events
from idp.adapters.sql.tables.main import ended_sessions, grants, revoked_access_tokens
from idp.adapters.sql.tables.notices import contact_changes, past_sign_ins, security_alerts
from idp.adapters.sql.tables.people import record_accesses
from idp.adapters.sql.tables.person_side import releases
from idp.adapters.sql.tables.recovery import recovery_requests, recovery_words
from idp.adapters.sql.tables.safety import security_events, session_records, trusted_browsers
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.domain.ids import Seconds

GRACE: Final = 24 * 3600
"""Seconds for which what has expired is still told from what was never there."""

EXPIRING: Final = (grants, revoked_access_tokens, ended_sessions)
"""Tables whose rows are needed until `expires_at`; on PostgreSQL they lie in partitions."""

UNDIVIDED: Final = (
    sign_in_facts,
    releases,
    record_accesses,
    past_sign_ins,
    security_alerts,
    contact_changes,
    session_records,
    trusted_browsers,
    security_events,
    recovery_requests,
    recovery_words,
    kept_register_events,
    kept_number_changes,
)
"""Others of which that is so, on every engine in one piece."""


@cache
def expired_rows(table: Table, limit: int) -> Delete:
    """Delete at most `limit` of the rows that expired before a moment.

    The limit stands in the statement: a plan made without knowing it expects a tenth of the table, and reads it all.
    """
    (key,) = table.primary_key.columns
    old: Any = (
        select(key)
        .where(table.c.expires_at <= bindparam("before"))
        .order_by(table.c.expires_at)
        .limit(literal_column(str(limit)))
        .with_for_update(skip_locked=True)
    )
    return delete(table).where(key.in_(old))


class Housekeeping:
    """Sweeps the durable tables; the short-lived store sweeps itself."""

    def __init__(self, database: Database, tables: Sequence[Table] = (*EXPIRING, *UNDIVIDED)) -> None:
        self._database = database
        self._tables = tables

    async def sweep(self, now: Seconds, limit: int) -> int:
        """Delete at most `limit` expired rows of each table; how many went."""
        return await self._database.write(self._sweep(now - GRACE, limit))

    def _sweep(self, before: int, limit: int) -> UnitOfWork[int]:
        swept = 0
        for table in self._tables:
            swept += yield Run(expired_rows(table, limit), {"before": before})
        return swept
