"""The outbox on SQL: a lease is a due time moved on, so a message whose worker died comes back by itself."""

from collections.abc import Collection

from sqlalchemy import func, select

from idp.adapters.sql.clients.logout_queue import CONSENT_WITHDRAWN
from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import run
from idp.adapters.sql.tables.main import outbox
from idp.adapters.sql.trail.leased_messages import claim_in_turn, client_turns, forgetting, retrying
from idp.adapters.sql.unit_of_work import One, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import AccountId, ClientId, Seconds, SessionId
from idp.ports.outbox import PendingLogout

_row = outbox.c
_TOLD = ("message_id", "client_id", "account_id", "session_id", "attempts", "created_at", "kind")
_TURNS = client_turns(outbox, _TOLD)
_FORGET = forgetting(outbox)
_RETRY = retrying(outbox)
_PENDING = select(func.count()).select_from(outbox)
# Identifiers sort as they were made (RFC 9562 section 5.7).
_OLDEST = select(_row.created_at).where(
    _row.message_id == select(func.min(outbox.alias().c.message_id)).scalar_subquery()
)


class SqlOutbox:
    """Implements `Outbox`. `PendingLogout.attempts` counts the attempt that the lease is for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_due(
        self, now: Seconds, lease_until: Seconds, limit: int, busy: Collection[str] = ()
    ) -> tuple[PendingLogout, ...]:
        return await self._database.write(_claim_due(now, lease_until, limit, busy))

    async def delivered(self, message_id: str, event: Event) -> None:
        await self._database.write(run(Run(_FORGET, {"message_id": message_id})), [event])

    async def retry(self, message_id: str, at: Seconds) -> None:
        await self._database.write(run(Run(_RETRY, {"message_id": message_id, "at": at})))

    async def put_off(self, client_id: ClientId, now: Seconds, at: Seconds) -> None:
        values = {"client_id": client_id, "now": now, "at": at}
        await self._database.write(run(Run(_TURNS.putting_off, values)))

    async def abandoned(self, message_id: str, event: Event) -> None:
        await self._database.write(run(Run(_FORGET, {"message_id": message_id})), [event])

    async def pending(self) -> int:
        return await self._database.run_read(_pending())

    async def oldest(self) -> Seconds | None:
        return await self._database.run_read(_oldest())


def _claim_due(
    now: Seconds, lease_until: Seconds, limit: int, busy: Collection[str]
) -> UnitOfWork[tuple[PendingLogout, ...]]:
    rows = yield from claim_in_turn(_TURNS, now, lease_until, limit, busy)
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
        for message_id, client_id, account_id, session_id, attempts, created_at, kind in rows
    )


def _pending() -> UnitOfWork[int]:
    (count,) = yield One(_PENDING, {})
    return int(count)


def _oldest() -> UnitOfWork[Seconds | None]:
    row: Row | None = yield One(_OLDEST, {})
    return None if row is None else row[0]
