"""Locks on SQL; what registers tell is applied in the order in which it happened there."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, exists, select

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.people.lock_rows import COLUMNS, end_lock, end_row, open_lock, open_row, read_lock, register_lock
from idp.adapters.sql.people.register_marks import pass_mark
from idp.adapters.sql.tables.locks import account_locks
from idp.adapters.sql.tables.main import accounts
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.account_lock import (
    HOLDS_THE_PERSON,
    PREFIX_OF_ORGANISATIONS,
    AccountLock,
    LockGround,
    NewLock,
    RegisterEffect,
    RegisterOutcome,
)
from idp.domain.events import AccountLocked, Event, LockEnded, RegisterEventReceived
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.values import dataclass
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
_ACCOUNTS = (
    select(accounts.c.account_id, accounts.c.kind)
    .where(accounts.c.person_id == bindparam("of_person"))
    .order_by(accounts.c.account_id)
)


@dataclass(frozen=True, slots=True)
class _Held:
    """Whom an effect may reach: accounts by kind."""

    holder: str
    accounts: tuple[tuple[AccountId, AccountKind], ...]


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
        return await self._database.write(self._apply_to_person(person_id, change, event))

    async def apply_to_organisation(
        self, tax_code: str, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterEventReceived:
        held = _Held(PREFIX_OF_ORGANISATIONS + tax_code, ())
        return await self._database.write(self._apply(held, change, event))

    def _apply_to_person(
        self, person_id: PersonId, change: RegisterChange, event: RegisterEventReceived
    ) -> UnitOfWork[RegisterEventReceived]:
        # Nobody gives the person another account between this look and the locks.
        yield Lock((register_lock(person_id),))
        rows: list[Row] = yield All(_ACCOUNTS, {"of_person": person_id})
        found = tuple((AccountId(account_id), AccountKind(kind)) for account_id, kind in rows)
        return (yield from self._apply(_Held(person_id, found), change, event))

    def _apply(
        self, held: _Held, change: RegisterChange, event: RegisterEventReceived
    ) -> UnitOfWork[RegisterEventReceived]:
        names = tuple(account_lock(account_id) for account_id, _ in held.accounts)
        yield Lock((register_lock(held.holder), *names))
        passed, touched = False, list[AccountId]()
        for effect in change.effects:
            told = pass_mark(held.holder, effect.ground.value, change.event_at, change.event_id, locks=effect.locks)
            if not (yield from told):
                continue
            passed = True
            touched += yield from self._reach(held, effect, change, event)
        outcome = RegisterOutcome.APPLIED if passed else RegisterOutcome.OVERTAKEN
        recorded = replace(event, outcome=outcome.value, accounts=tuple(dict.fromkeys(touched)))
        yield Append(recorded)
        return recorded

    def _reach(
        self, held: _Held, effect: RegisterEffect, change: RegisterChange, event: RegisterEventReceived
    ) -> UnitOfWork[Sequence[AccountId]]:
        ground, now = effect.ground, change.now
        if not held.accounts:
            if effect.locks:
                yield from open_row(held.holder, NewLock(ground=ground), now, self._entropy)
            else:
                yield from end_row(held.holder, ground, None, now)
            return ()
        touched = []
        for account_id, kind in held.accounts:
            if kind is not AccountKind.CITIZEN and ground not in HOLDS_THE_PERSON:
                continue
            if effect.locks:
                locked = AccountLocked(origin=event.origin, account_id=account_id, locked=True, reason=ground.value)
                told = yield from open_lock(account_id, NewLock(ground=ground), now, locked, self._entropy)
                changed = told is not None
            else:
                ended = LockEnded(
                    origin=event.origin, account_id=account_id, ground=ground.value, client_id=event.client_id
                )
                changed = yield from end_lock(account_id, ground, None, now, ended)
            if changed:
                touched.append(account_id)
        return touched


def _all(request: All) -> UnitOfWork[tuple[AccountLock, ...]]:
    rows: list[Row] = yield request
    return tuple(read_lock(row) for row in rows)


def _truth(request: One) -> UnitOfWork[bool]:
    row: Row = yield request
    return bool(row[0])
