"""Idle accounts on SQL: one range of `ix_accounts_idle` for each number of notices."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select, tuple_, update

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.people.account_ending import end_everything
from idp.adapters.sql.people.lock_rows import open_row
from idp.adapters.sql.tables.main import Number, accounts
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, UnitOfWork
from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.events import Event
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, Seconds
from idp.ports.clock import Entropy
from idp.ports.idle_accounts import IdleAccount

_row = accounts.c
# As the index has it, word for word: an engine recognises its own expression, not one that means the same.
_since: ColumnElement[int] = literal_column("coalesce(idle_from, created_at)", Number)
_is_active: ColumnElement[bool] = literal_column("status = 'active'")
_FIND = (
    select(_row.account_id, _row.idle_notices, _since, _row.locale)
    .where(
        _is_active,
        _row.idle_notices == bindparam("notices"),
        _since <= bindparam("until"),
        # Said twice: SQLite's planner begins at this one, and sees no range in the pair.
        _since >= bindparam("after_since"),
        tuple_(_since, _row.account_id)
        > tuple_(bindparam("after_since", type_=Number), bindparam("after_account", type_=_row.account_id.type)),
    )
    .order_by(_since, _row.account_id)
    .limit(bindparam("limit"))
)
_AS_FOUND = (
    _is_active,
    _row.account_id == bindparam("found"),
    _row.idle_notices == bindparam("notices"),
    _since == bindparam("since"),
)
_NOTICED = (
    update(accounts)
    .where(*_AS_FOUND)
    .values(idle_notices=_row.idle_notices + 1, idle_from=bindparam("now"))
    .returning(_row.account_id)
)
_LOCK = update(accounts).where(*_AS_FOUND).values(status=bindparam("new_status")).returning(_row.account_id)


class SqlIdleAccounts:
    """Implements `IdleAccounts`."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy

    async def find(
        self, notices: int, *, until: Seconds, after: IdleAccount | None, limit: int
    ) -> tuple[IdleAccount, ...]:
        place = {"after_since": after.since if after else -1, "after_account": after.account_id if after else ""}
        return await self._database.run_read(_find({"notices": notices, "until": until, "limit": limit, **place}))

    async def noticed(self, account: IdleAccount, now: Seconds, event: Event) -> bool:
        return await self._database.write(_noticed(account, now, event))

    async def lock(self, account: IdleAccount, now: Seconds, event: Event) -> bool:
        return await self._database.write(self._lock(account, now, event))

    def _lock(self, account: IdleAccount, now: Seconds, event: Event) -> UnitOfWork[bool]:
        yield Lock((account_lock(account.account_id),))
        row: Row | None = yield One(_LOCK, {**_found(account), "new_status": AccountStatus.LOCKED.value})
        if row is None:
            return False
        yield from open_row(account.account_id, NewLock(ground=LockGround.IDLE), now, self._entropy)
        yield from end_everything(account.account_id, now, RevocationReason.ACCOUNT_LOCKED, event, self._entropy)
        return True


def _found(account: IdleAccount) -> dict[str, Any]:
    return {"found": account.account_id, "notices": account.notices, "since": account.since}


def _find(parameters: dict[str, Any]) -> UnitOfWork[tuple[IdleAccount, ...]]:
    rows: list[Row] = yield All(_FIND, parameters)
    return tuple(
        IdleAccount(AccountId(account_id), notices, Seconds(since), locale)
        for account_id, notices, since, locale in rows
    )


def _noticed(account: IdleAccount, now: Seconds, event: Event) -> UnitOfWork[bool]:
    row: Row | None = yield One(_NOTICED, {**_found(account), "now": now})
    if row is None:
        return False
    yield Append(event)
    return True
