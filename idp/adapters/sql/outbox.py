"""The outbox on SQL: a lease is a due time moved on, so a message whose worker died comes back by itself."""

from functools import cache

from sqlalchemy import Update, bindparam, delete, func, literal_column, select, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.logout_queue import CONSENT_WITHDRAWN
from idp.adapters.sql.single_requests import run
from idp.adapters.sql.tables import outbox
from idp.adapters.sql.unit_of_work import All, One, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import AccountId, ClientId, Seconds, SessionId
from idp.ports.outbox import PendingLogout

_row = outbox.c
_ID = _row.message_id == bindparam("message_id")
_FORGET = delete(outbox).where(_ID)
_RETRY = update(outbox).where(_ID).values(due_at=bindparam("at"))
_PENDING = select(func.count()).select_from(outbox)
# Identifiers sort as they were made (RFC 9562 section 5.7).
_OLDEST = select(_row.created_at).where(
    _row.message_id == select(func.min(outbox.alias().c.message_id)).scalar_subquery()
)


@cache
def _claiming(limit: int) -> Update:
    """Lease at most `limit` messages; the number stands in the statement, so that its plan is one for few rows."""
    return (
        update(outbox)
        .where(
            _row.message_id.in_(
                select(_row.message_id)
                .where(_row.due_at <= bindparam("now"))
                .order_by(_row.due_at, _row.message_id)
                .limit(literal_column(str(limit)))
                .with_for_update(skip_locked=True)
            )
        )
        .values(due_at=bindparam("lease_until"), attempts=_row.attempts + 1)
        .returning(
            _row.message_id, _row.client_id, _row.account_id, _row.session_id, _row.attempts, _row.created_at, _row.kind
        )
    )


class SqlOutbox:
    """Implements `Outbox`. `PendingLogout.attempts` counts the attempt that the lease is for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_due(self, now: Seconds, lease_until: Seconds, limit: int) -> tuple[PendingLogout, ...]:
        return await self._database.write(_claim_due(now, lease_until, limit))

    async def delivered(self, message_id: str, event: Event) -> None:
        await self._database.write(run(Run(_FORGET, {"message_id": message_id})), [event])

    async def retry(self, message_id: str, at: Seconds) -> None:
        await self._database.write(run(Run(_RETRY, {"message_id": message_id, "at": at})))

    async def abandoned(self, message_id: str, event: Event) -> None:
        await self._database.write(run(Run(_FORGET, {"message_id": message_id})), [event])

    async def pending(self) -> int:
        return await self._database.run_read(_pending())

    async def oldest(self) -> Seconds | None:
        return await self._database.run_read(_oldest())


def _claim_due(now: Seconds, lease_until: Seconds, limit: int) -> UnitOfWork[tuple[PendingLogout, ...]]:
    rows: list[Row] = yield All(_claiming(limit), {"now": now, "lease_until": lease_until})
    return tuple(
        PendingLogout(
            message_id,
            ClientId(client_id),
            AccountId(account_id),
            SessionId(session_id),
            attempts,
            Seconds(created_at),
            session_goes_on=kind == CONSENT_WITHDRAWN,
        )
        for message_id, client_id, account_id, session_id, attempts, created_at, kind in sorted(rows)
    )


def _pending() -> UnitOfWork[int]:
    (count,) = yield One(_PENDING, {})
    return int(count)


def _oldest() -> UnitOfWork[Seconds | None]:
    row: Row | None = yield One(_OLDEST, {})
    return None if row is None else row[0]
