"""Alerts on SQL: kept and queued together with how far the audit trail was read, or with the fact itself."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.single_requests import run
from idp.adapters.sql.tables.notices import alert_messages, contact_changes, past_sign_ins, security_alerts
from idp.adapters.sql.trail.trail_positions import move_on, trail_position
from idp.adapters.sql.unit_of_work import All, Many, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import Contact
from idp.domain.accounts.security_alert import KEPT, MOST_TOLD, TOLD_WITHIN, AlertKind, Channel, SecurityAlert
from idp.domain.ids import AccountId, Seconds
from idp.ports.vault import Vault

READER: Final = "alerts"

_row = security_alerts.c
COLUMNS: Final = (_row.alert_id, _row.account_id, _row.kind, _row.at, _row.place, _row.reference, _row.seen_at)
_KEEP = insert(security_alerts)
_QUEUE = insert(alert_messages)
_RECENT = select(func.count()).where(
    _row.account_id == bindparam("of_account"),
    _row.kind == bindparam("kind"),
    _row.at > bindparam("since"),
)
_OF_ACCOUNT = (
    select(*COLUMNS)
    .where(_row.account_id == bindparam("of_account"), _row.alert_id < bindparam("before"))
    .order_by(_row.alert_id.desc())
    .limit(bindparam("most"))
)
_of_account = _row.account_id == bindparam("of_account")
_UNSEEN = select(func.count()).where(_of_account, _row.seen_at.is_(None))
_SEE = update(security_alerts).where(_of_account, _row.seen_at.is_(None)).values(seen_at=bindparam("now"))
_KINDS: Final = frozenset(kind.value for kind in AlertKind)
_FORGET: Final = tuple(
    delete(table).where(table.c.account_id == bindparam("of_account"))
    for table in (past_sign_ins, security_alerts, alert_messages, contact_changes)
)


class SqlSecurityAlerts:
    """Implements `SecurityAlerts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self, stream: str) -> int:
        return await self._database.run_read(trail_position(READER, stream))

    async def add(self, stream: str, seen: int, reached: int, alerts: Sequence[SecurityAlert]) -> bool:
        return await self._database.write(_add(stream, seen, reached, alerts))

    async def of_account(self, account_id: AccountId, before: str, limit: int) -> tuple[SecurityAlert, ...]:
        place = {"of_account": account_id, "before": before or AFTER_ALL, "most": limit}
        return await self._database.run_read(_listed(place))

    async def unseen(self, account_id: AccountId) -> int:
        return await self._database.run_read(_count(account_id))

    async def mark_seen(self, account_id: AccountId, now: Seconds) -> None:
        await self._database.write(run(Run(_SEE, {"of_account": account_id, "now": now})))


def keep_alert(alert: SecurityAlert, former: Contact | None, vault: Vault, key: bytes) -> UnitOfWork[None]:
    """Keep one alert with the fact that it tells; `former` is where `Channel.FORMER` goes, sealed under `key`."""
    yield Run(_KEEP, _stored(alert))
    sealed = None if former is None else vault.seal(key, address_context(alert.alert_id), msgspec.json.encode(former))
    yield Many(_QUEUE, [_message(alert, channel, sealed) for channel in alert.channels])


def forget_notices(account_id: AccountId) -> UnitOfWork[None]:
    """Forget where an account was signed in from, what its owner was told, and what became of contacts."""
    for forget in _FORGET:
        yield Run(forget, {"of_account": account_id})


def is_known(row: Row) -> bool:
    """Whether a row of `COLUMNS` is of a kind that this release has: one of the next release may have written it."""
    return row[2] in _KINDS


def alert_of(row: Row) -> SecurityAlert:
    """The alert in a row of `COLUMNS`."""
    alert_id, account_id, kind, at, place, reference, seen_at = row
    return SecurityAlert(
        alert_id=alert_id,
        account_id=AccountId(account_id),
        kind=AlertKind(kind),
        at=Seconds(at),
        place=place,
        reference=reference,
        seen_at=None if seen_at is None else Seconds(seen_at),
    )


def address_context(alert_id: str) -> str:
    """What the address of a message is bound to."""
    return f"alert_messages.address:{alert_id}"


def _add(stream: str, seen: int, reached: int, alerts: Sequence[SecurityAlert]) -> UnitOfWork[bool]:
    moved = yield from move_on(READER, stream, seen, reached)
    if not moved:
        return False
    for alert in alerts:
        # Before the alert itself is there: only those before it count.
        recent = {"of_account": alert.account_id, "kind": alert.kind.value, "since": alert.at - TOLD_WITHIN}
        (told,) = yield One(_RECENT, recent)
        yield Run(_KEEP, _stored(alert))
        if (told < MOST_TOLD or not alert.is_limited) and alert.channels:
            yield Many(_QUEUE, [_message(alert, channel, None) for channel in alert.channels])
    return True


def _stored(alert: SecurityAlert) -> dict[str, object]:
    return {
        "alert_id": alert.alert_id,
        "account_id": alert.account_id,
        "kind": alert.kind.value,
        "at": alert.at,
        "place": alert.place,
        "reference": alert.reference,
        "seen_at": alert.seen_at,
        "expires_at": alert.at + KEPT,
    }


def _message(alert: SecurityAlert, channel: Channel, address: bytes | None) -> dict[str, object]:
    return {
        "message_id": f"{alert.alert_id}.{channel.value}",
        "alert_id": alert.alert_id,
        "account_id": alert.account_id,
        "channel": channel.value,
        "address": address if channel is Channel.FORMER else None,
        "attempts": 0,
        "created_at": alert.at,
        "due_at": alert.at,
    }


def _listed(place: dict[str, object]) -> UnitOfWork[tuple[SecurityAlert, ...]]:
    rows: list[Row] = yield All(_OF_ACCOUNT, place)
    return tuple(alert_of(row) for row in rows if is_known(row))


def _count(account_id: AccountId) -> UnitOfWork[int]:
    (count,) = yield One(_UNSEEN, {"of_account": account_id})
    return int(count)
