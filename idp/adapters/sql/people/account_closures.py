"""Closing accounts on SQL: everything that may be erased goes in the transaction that locks the account for good."""

from typing import Final

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.authenticators.enrolled_methods import forget_authenticators
from idp.adapters.sql.authenticators.recoveries import FORGET_RECOVERIES
from idp.adapters.sql.authenticators.trusted_people import FORGET_TRUST
from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS
from idp.adapters.sql.people.lock_rows import open_lock
from idp.adapters.sql.tables.consents import consents
from idp.adapters.sql.tables.main import accounts, identifiers, persons
from idp.adapters.sql.tables.person_side import account_closures
from idp.adapters.sql.tables.safety import security_events, session_records, trusted_browsers
from idp.adapters.sql.trail.security_alerts import forget_notices
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind, AccountStatus
from idp.domain.accounts.account_closure import AccountClosure
from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.events import Event
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.account_closures import OfficersDoNotCloseError
from idp.ports.clock import Entropy

_row = account_closures.c
_COLUMNS = (_row.account_id, _row.asked_at, _row.due_at, _row.closed_at)
_OF_ACCOUNT = select(*_COLUMNS).where(_row.account_id == bindparam("of_account"))
_own = accounts.alias("own")
_other = accounts.alias("other")
_IS_OFFICER_TOO = exists().where(
    _own.c.account_id == _row.account_id,
    _other.c.person_id == _own.c.person_id,
    _other.c.kind == AccountKind.OFFICER.value,
    _other.c.status == AccountStatus.ACTIVE.value,
)
_OFFICER_OF = (
    select(_other.c.account_id)
    .join(_own, _own.c.person_id == _other.c.person_id)
    .where(
        _own.c.account_id == bindparam("of_account"),
        _other.c.kind == AccountKind.OFFICER.value,
        _other.c.status == AccountStatus.ACTIVE.value,
    )
    .limit(1)
)
_ASK = insert(account_closures).on_conflict_do_nothing(index_elements=["account_id"]).returning(_row.account_id)
_TAKE_BACK = (
    delete(account_closures)
    .where(_row.account_id == bindparam("of_account"), _row.closed_at.is_(None), _row.due_at > bindparam("now"))
    .returning(_row.account_id)
)
_DUE = (
    select(*_COLUMNS)
    .where(_row.closed_at.is_(None), _row.due_at <= bindparam("now"), ~_IS_OFFICER_TOO)
    .order_by(_row.due_at, _row.account_id)
    .limit(bindparam("most"))
)
_CLOSE = (
    update(account_closures)
    .where(_row.account_id == bindparam("of_account"), _row.closed_at.is_(None), _row.due_at == bindparam("due"))
    .values(closed_at=bindparam("now"))
    .returning(_row.account_id)
)
_PERSON = select(accounts.c.person_id).where(accounts.c.account_id == bindparam("of_account"))
# What the key sealed is unreadable from now on wherever a copy of it lies.
_DESTROY_KEY = (
    update(persons).where(persons.c.person_id == bindparam("of_person")).values(erasable_key=None, erasable=None)
)
FORGET_ACCOUNT = (
    update(accounts)
    .where(accounts.c.account_id == bindparam("of_account"))
    .values(password_hash=None, locale=None, always_ask=0)
)
# The number stays taken: a person has one account, and this one was it.
FREE_CONTACTS = delete(identifiers).where(
    identifiers.c.account_id == bindparam("of_account"),
    identifiers.c.kind != IdentifierKind.PERSONAL_NUMBER.value,
)
_FORGET: Final = (
    delete(consents).where(consents.c.account_id == bindparam("of_account")),
    FREE_CONTACTS,
    FORGET_TRUST,
    *FORGET_RECOVERIES,
    *(
        delete(table).where(table.c.account_id == bindparam("of_account"))
        for table in (session_records, trusted_browsers, security_events)
    ),
    FORGET_ACCOUNT,
)


class SqlAccountClosures:
    """Implements `AccountClosures`."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy

    async def of_account(self, account_id: AccountId) -> AccountClosure | None:
        found = await self._database.run_read(_found(All(_OF_ACCOUNT, {"of_account": account_id})))
        return next(iter(found), None)

    async def ask(self, closure: AccountClosure, event: Event) -> bool:
        return await self._database.write(_ask(closure, event))

    async def take_back(self, account_id: AccountId, now: Seconds, event: Event) -> bool:
        return await self._database.write(_take_back(account_id, now, event))

    async def due(self, now: Seconds, limit: int) -> tuple[AccountClosure, ...]:
        return await self._database.run_read(_found(All(_DUE, {"now": now, "most": limit})))

    async def close(self, closure: AccountClosure, now: Seconds, event: Event) -> tuple[ClientId, ...] | None:
        return await self._database.write(_close(closure, now, event, self._entropy))


def _found(request: All) -> UnitOfWork[tuple[AccountClosure, ...]]:
    rows: list[Row] = yield request
    return tuple(
        AccountClosure(
            AccountId(account_id), Seconds(asked_at), Seconds(due_at), None if closed_at is None else Seconds(closed_at)
        )
        for account_id, asked_at, due_at, closed_at in rows
    )


def _ask(closure: AccountClosure, event: Event) -> UnitOfWork[bool]:
    yield Lock((account_lock(closure.account_id),))
    if (yield One(_OFFICER_OF, {"of_account": closure.account_id})) is not None:
        raise OfficersDoNotCloseError
    values = {"asked_at": closure.asked_at, "due_at": closure.due_at, "closed_at": None}
    row: Row | None = yield One(_ASK, {"account_id": closure.account_id, **values})
    if row is None:
        return False
    yield Append(event)
    return True


def _take_back(account_id: AccountId, now: Seconds, event: Event) -> UnitOfWork[bool]:
    yield Lock((account_lock(account_id),))
    row: Row | None = yield One(_TAKE_BACK, {"of_account": account_id, "now": now})
    if row is None:
        return False
    yield Append(event)
    return True


def _close(
    closure: AccountClosure, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...] | None]:
    account = {"of_account": closure.account_id}
    yield BESIDE_IMPORTS
    yield Lock((account_lock(closure.account_id),))
    if (yield One(_OFFICER_OF, account)) is not None:
        return None
    row: Row | None = yield One(_CLOSE, {**account, "due": closure.due_at, "now": now})
    if row is None:
        return None
    lock = NewLock(ground=LockGround.CLOSED)
    told = yield from open_lock(closure.account_id, lock, now, event, entropy, RevocationReason.ACCOUNT_CLOSED)
    (person_id,) = yield One(_PERSON, account)
    yield Run(_DESTROY_KEY, {"of_person": person_id})
    for forget in _FORGET:
        yield Run(forget, account)
    yield from forget_authenticators(closure.account_id)
    yield from forget_notices(closure.account_id)
    return told
