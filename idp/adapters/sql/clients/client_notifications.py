"""Notifications of clients on SQL: a lease is a due time moved on, as in the outbox of logout tokens."""

from collections.abc import Collection

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import run
from idp.adapters.sql.tables.notifications import client_notifications
from idp.adapters.sql.trail.leased_messages import claim_in_turn, client_turns, forgetting, retrying
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import ClientId, Seconds
from idp.ports.client_notifications import PendingNotification

_TOLD = ("message_id", "client_id", "reference", "attempts", "created_at")
_QUEUE = (
    insert(client_notifications)
    .values(
        message_id=bindparam("message_id"),
        client_id=bindparam("client_id"),
        reference=bindparam("reference"),
        attempts=0,
        created_at=bindparam("now"),
        due_at=bindparam("now"),
    )
    .on_conflict_do_nothing(index_elements=["message_id"])
)
_TURNS = client_turns(client_notifications, _TOLD)
_FORGET = forgetting(client_notifications)
_RETRY = retrying(client_notifications)


class SqlClientNotifications:
    """Implements `ClientNotifications`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(self, message_id: str, client_id: ClientId, reference: str, now: Seconds) -> None:
        values = {"message_id": message_id, "client_id": client_id, "reference": reference, "now": now}
        await self._database.write(run(Run(_QUEUE, values)))

    async def claim_due(
        self, now: Seconds, lease_until: Seconds, limit: int, busy: Collection[str] = ()
    ) -> tuple[PendingNotification, ...]:
        return await self._database.write(_claim_due(now, lease_until, limit, busy))

    async def retry(self, message_id: str, at: Seconds) -> None:
        await self._database.write(run(Run(_RETRY, {"message_id": message_id, "at": at})))

    async def put_off(self, client_id: ClientId, now: Seconds, at: Seconds) -> None:
        values = {"client_id": client_id, "now": now, "at": at}
        await self._database.write(run(Run(_TURNS.putting_off, values)))

    async def finished(self, message_id: str, event: Event) -> None:
        await self._database.write(run(Run(_FORGET, {"message_id": message_id})), [event])


def _claim_due(
    now: Seconds, lease_until: Seconds, limit: int, busy: Collection[str]
) -> UnitOfWork[tuple[PendingNotification, ...]]:
    rows = yield from claim_in_turn(_TURNS, now, lease_until, limit, busy)
    return tuple(
        PendingNotification(message_id, ClientId(client_id), reference, attempts, Seconds(created_at))
        for message_id, client_id, reference, attempts, created_at in rows
    )
