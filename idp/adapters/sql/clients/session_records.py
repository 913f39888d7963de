"""Records of sessions on SQL: written with the event of the sign-in, read against what ends sessions."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.clients.grants import account_lock, session_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.people.accounts import RECORD_USE
from idp.adapters.sql.single_requests import first_row
from idp.adapters.sql.tables.main import accounts, ended_sessions
from idp.adapters.sql.tables.safety import session_records
from idp.adapters.sql.unit_of_work import All, Conclude, Lock, One, Row, Run, UnitOfWork
from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds, SessionId
from idp.domain.sign_ins.session_record import SessionRecord

_row = session_records.c
_new = insert(session_records).from_select(
    [column.name for column in session_records.c],
    select(*(bindparam(column.name, type_=column.type) for column in session_records.c)).where(
        accounts.c.account_id == bindparam("account_id"),
        accounts.c.sessions_valid_from == bindparam("valid_from"),
    ),
)
_KEEP: Final = _new.on_conflict_do_update(
    index_elements=["session_id"],
    set_={
        column.name: _new.excluded[column.name]
        for column in session_records.c
        if column not in {_row.session_id, _row.account_id}
    },
).returning(_row.session_id)
_RECORD_USE: Final = RECORD_USE.where(accounts.c.sessions_valid_from == bindparam("valid_from"))
_HAS_ENDED: Final = select(ended_sessions.c.session_id).where(ended_sessions.c.session_id == bindparam("session_id"))


def _read(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(
        _row.session_id,
        _row.account_id,
        _row.store_key,
        _row.browser,
        _row.system,
        _row.source,
        _row.place,
        _row.started_at,
        _row.expires_at,
    ).where(_row.account_id == bindparam("account_id"), *conditions)


_GET: Final = _read(_row.session_id == bindparam("session_id"))
_valid_from = (
    select(accounts.c.sessions_valid_from).where(accounts.c.account_id == bindparam("account_id")).scalar_subquery()
)
# Identifiers sort as they were made.
_OF_ACCOUNT: Final = (
    _read(_row.session_id < bindparam("before"), _row.expires_at > bindparam("now"), _row.started_at >= _valid_from)
    .order_by(_row.session_id.desc())
    .limit(bindparam("most"))
)


class SqlSessionRecords:
    """Implements `SessionRecords`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self,
        record: SessionRecord,
        event: Event,
        *,
        valid_from: Seconds,
        used_at: Seconds | None = None,
        goes_on: bool = False,
    ) -> bool:
        return await self._database.write(_keep(record, event, valid_from, used_at, goes_on=goes_on))

    async def of_account(self, account_id: AccountId, now: Seconds, limit: int) -> tuple[SessionRecord, ...]:
        return await self._database.run_read(_open(account_id, now, limit))

    async def get(self, account_id: AccountId, session_id: SessionId) -> SessionRecord | None:
        values = {"account_id": account_id, "session_id": session_id}
        found = await self._database.run_read(_found(All(_GET, values)))
        return next(iter(found), None)

    async def has_ended(self, session_id: SessionId) -> bool:
        mark = await self._database.run_read(first_row(One(_HAS_ENDED, {"session_id": session_id})))
        return mark is not None


def _keep(
    record: SessionRecord, event: Event, valid_from: Seconds, used_at: Seconds | None, *, goes_on: bool
) -> UnitOfWork[bool]:
    # Whoever ends the session, or all of the account, holds the lock alone: either this is seen by the one, or that by
    # the other.
    locks = (account_lock(record.account_id), session_lock(record.session_id))
    holds = goes_on or used_at is not None
    if holds:
        yield Lock(locks, shared=True)
    if goes_on and (yield One(_HAS_ENDED, {"session_id": record.session_id})) is not None:
        return False
    if used_at is not None:
        yield Run(_RECORD_USE, {"account_id": record.account_id, "now": used_at, "valid_from": valid_from})
    values = {
        "session_id": record.session_id,
        "account_id": record.account_id,
        "store_key": record.store_key,
        "browser": record.browser.family.value,
        "system": record.browser.system.value,
        "source": record.source,
        "place": record.place,
        "started_at": record.started_at,
        "expires_at": record.expires_at,
        "valid_from": valid_from,
    }
    row: Row | None = yield Conclude(_KEEP, values, (event,), shared=() if holds else locks)
    return row is not None


def _open(account_id: AccountId, now: Seconds, limit: int) -> UnitOfWork[tuple[SessionRecord, ...]]:
    """Read sessions and ask of each whether it has ended: what has lies in partitions, found by identifier alone."""
    shown: list[SessionRecord] = []
    before = AFTER_ALL
    while len(shown) < limit:
        some = yield from _found(
            All(_OF_ACCOUNT, {"account_id": account_id, "now": now, "before": before, "most": limit})
        )
        for record in some:
            has_ended: Row | None = yield One(_HAS_ENDED, {"session_id": record.session_id})
            shown += [] if has_ended else [record]
        if len(some) < limit:
            break
        before = some[-1].session_id
    return tuple(shown[:limit])


def _found(request: All) -> UnitOfWork[tuple[SessionRecord, ...]]:
    rows: list[Row] = yield request
    return tuple(
        SessionRecord(
            session_id=SessionId(session_id),
            account_id=AccountId(account_id),
            store_key=store_key,
            browser=BrowserKind(BrowserFamily(browser), System(system)),
            source=source,
            place=place,
            started_at=Seconds(started_at),
            expires_at=Seconds(expires_at),
        )
        for session_id, account_id, store_key, browser, system, source, place, started_at, expires_at in rows
    )
