"""Delivery of alerts on SQL: a lease is a due time moved on, as in the outbox of logout tokens."""

import msgspec
from sqlalchemy import bindparam, select

from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import run
from idp.adapters.sql.tables.notices import alert_messages, security_alerts
from idp.adapters.sql.trail.leased_messages import claiming, forgetting, retrying
from idp.adapters.sql.trail.security_alerts import COLUMNS, address_context, alert_of, is_known
from idp.adapters.sql.trail.sign_in_history import ERASABLE_KEY
from idp.adapters.sql.unit_of_work import All, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import Contact
from idp.domain.accounts.security_alert import AlertMessage, Channel
from idp.domain.events import Event
from idp.domain.ids import Seconds
from idp.ports.vault import Vault

_TOLD = ("message_id", "alert_id", "channel", "address", "attempts", "created_at")
_FORGET = forgetting(alert_messages)
_RETRY = retrying(alert_messages)
_ALERT = select(*COLUMNS).where(security_alerts.c.alert_id == bindparam("alert_id"))

_contact = msgspec.json.Decoder(Contact)


class SqlAlertMessages:
    """Implements `AlertMessages`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def claim_due(self, now: Seconds, lease_until: Seconds, limit: int) -> tuple[AlertMessage, ...]:
        return await self._database.write(self._claim_due(now, lease_until, limit))

    async def finished(self, message_id: str) -> None:
        await self._database.write(run(Run(_FORGET, {"message_id": message_id})))

    async def given_up(self, message_id: str, event: Event) -> None:
        await self._database.write(run(Run(_FORGET, {"message_id": message_id})), [event])

    async def retry(self, message_id: str, at: Seconds) -> None:
        await self._database.write(run(Run(_RETRY, {"message_id": message_id, "at": at})))

    def _claim_due(self, now: Seconds, lease_until: Seconds, limit: int) -> UnitOfWork[tuple[AlertMessage, ...]]:
        rows: list[Row] = yield All(claiming(alert_messages, _TOLD, limit), {"now": now, "lease_until": lease_until})
        claimed = []
        for row in sorted(rows):
            found: Row | None = yield One(_ALERT, {"alert_id": row[1]})
            if found is not None and not is_known(found):
                # Nodes of the next release have its words: the lease ends, and one of them takes it.
                continue
            message = None if found is None else (yield from self._message(row, found))
            if message is None:
                # The alert expired or its account was closed.
                yield Run(_FORGET, {"message_id": row[0]})
            else:
                claimed.append(message)
        return tuple(claimed)

    def _message(self, row: Row, found: Row) -> UnitOfWork[AlertMessage | None]:
        message_id, alert_id, channel, sealed, attempts, created_at = row
        alert = alert_of(found)
        address = None
        if sealed is not None:
            key: Row | None = yield One(ERASABLE_KEY, {"of_account": alert.account_id})
            if key is None or key[0] is None:
                return None
            address = _contact.decode(self._vault.open(key[0], address_context(alert_id), sealed))
        return AlertMessage(
            message_id=message_id,
            channel=Channel(channel),
            alert=alert,
            attempts=attempts,
            created_at=Seconds(created_at),
            address=address,
        )
