"""Locks on SQL; what registers tell is applied in the order in which it happened there."""

from sqlalchemy import bindparam, exists, select

from idp.adapters.sql.database import Database
from idp.adapters.sql.people.lock_rows import COLUMNS, end_lock, open_lock, read_lock
from idp.adapters.sql.people.register_changes import Held, change_holder, change_person
from idp.adapters.sql.tables.locks import account_locks
from idp.adapters.sql.unit_of_work import All, One, Row, UnitOfWork
from idp.domain.accounts.account_lock import PREFIX_OF_ORGANISATIONS, AccountLock, LockGround, NewLock
from idp.domain.events import Event, LockEnded, RegisterEventReceived
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.ports.account_locks import RegisterChange
from idp.ports.clock import Entropy

MOST = 100
"""Locks of one account that are listed."""

_row = account_locks.c
_OF_ACCOUNT = (
    select(*COLUMNS).where(_row.holder == bindparam("of_holder")).order_by(_row.since.desc(), _row.lock_id).limit(MOST)
)
_HELD = select(exists().where(_row.holder == bindparam("of_holder"), _row.ended.is_(None)))
_DUE = (
    select(*COLUMNS)
    .where(_row.ended.is_(None), _row.until <= bindparam("now"))
    .order_by(_row.until)
    .limit(bindparam("most"))
)


class SqlAccountLocks:
    """Implements `AccountLocks`."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy

    async def of_account(self, account_id: AccountId) -> tuple[AccountLock, ...]:
        return await self._database.run_read(_all(All(_OF_ACCOUNT, {"of_holder": account_id})))

    async def holds_organisation(self, tax_code: str) -> bool:
        holder = PREFIX_OF_ORGANISATIONS + tax_code
        return await self._database.run_read(_truth(One(_HELD, {"of_holder": holder})))

    async def open(
        self, account_id: AccountId, lock: NewLock, now: Seconds, event: Event
    ) -> tuple[ClientId, ...] | None:
        return await self._database.write(open_lock(account_id, lock, now, event, self._entropy))

    async def end(
        self, account_id: AccountId, ground: LockGround, reference: str, now: Seconds, event: LockEnded
    ) -> bool:
        return await self._database.write(end_lock(account_id, ground, reference, now, event))

    async def due(self, now: Seconds, limit: int) -> tuple[AccountLock, ...]:
        return await self._database.run_read(_all(All(_DUE, {"now": now, "most": limit})))

    async def apply_to_person(
        self, person_id: PersonId, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterEventReceived:
        return await self._database.write(change_person(person_id, change, event, self._entropy))

    async def apply_to_organisation(
        self, tax_code: str, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterEventReceived:
        held = Held(PREFIX_OF_ORGANISATIONS + tax_code, ())
        return await self._database.write(change_holder(held, change, event, self._entropy))


def _all(request: All) -> UnitOfWork[tuple[AccountLock, ...]]:
    rows: list[Row] = yield request
    return tuple(read_lock(row) for row in rows)


def _truth(request: One) -> UnitOfWork[bool]:
    row: Row = yield request
    return bool(row[0])
