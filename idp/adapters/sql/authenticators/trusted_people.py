"""Who is trusted with letting whom back in, on SQL."""

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from idp.adapters.sql.database import Database
from idp.adapters.sql.single_requests import every_row
from idp.adapters.sql.tables.recovery import trusted_people
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.recovery import TrustedPerson
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds

_row = trusted_people.c
_COLUMNS = (_row.account_id, _row.helper, _row.named_at, _row.accepted_at)
_PAIR = (_row.account_id == bindparam("of_account"), _row.helper == bindparam("by_helper"))
_OF_ACCOUNT = select(*_COLUMNS).where(_row.account_id == bindparam("of_account")).order_by(_row.named_at, _row.helper)
_TRUSTING = select(*_COLUMNS).where(_row.helper == bindparam("by_helper")).order_by(_row.named_at, _row.account_id)
_KNOWN = select(_row.helper).where(*_PAIR)
_COUNT = select(func.count()).where(_row.account_id == bindparam("of_account"))
_NAME = insert(trusted_people)
_ACCEPT = update(trusted_people).where(*_PAIR, _row.accepted_at.is_(None)).values(accepted_at=bindparam("now"))
_REMOVE = delete(trusted_people).where(*_PAIR)
FORGET_TRUST = delete(trusted_people).where(
    or_(_row.account_id == bindparam("of_account"), _row.helper == bindparam("of_account"))
)


class SqlTrustedPeople:
    """Implements `TrustedPeople`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_account(self, account_id: AccountId) -> tuple[TrustedPerson, ...]:
        rows = await self._database.run_read(every_row(All(_OF_ACCOUNT, {"of_account": account_id})))
        return tuple(map(_read, rows))

    async def trusting(self, helper: AccountId) -> tuple[TrustedPerson, ...]:
        rows = await self._database.run_read(every_row(All(_TRUSTING, {"by_helper": helper})))
        return tuple(map(_read, rows))

    async def name(self, person: TrustedPerson, most: int, event: Event) -> bool:
        return await self._database.write(_name(person, most, event))

    async def accept(self, account_id: AccountId, helper: AccountId, now: Seconds, event: Event) -> bool:
        values = {"of_account": account_id, "by_helper": helper, "now": now}
        return await self._database.write(_changed(Run(_ACCEPT, values), event))

    async def remove(self, account_id: AccountId, helper: AccountId, event: Event) -> bool:
        return await self._database.write(
            _changed(Run(_REMOVE, {"of_account": account_id, "by_helper": helper}), event)
        )


def _name(person: TrustedPerson, most: int, event: Event) -> UnitOfWork[bool]:
    # Two who are named at once count each other.
    yield Lock((f"trusted people of {person.account_id}",))
    if (yield One(_KNOWN, {"of_account": person.account_id, "by_helper": person.helper})) is not None:
        return False
    (count,) = yield One(_COUNT, {"of_account": person.account_id})
    if count >= most:
        return False
    yield Run(
        _NAME,
        {
            "account_id": person.account_id,
            "helper": person.helper,
            "named_at": person.named_at,
            "accepted_at": person.accepted_at,
        },
    )
    yield Append(event)
    return True


def _changed(request: Run, event: Event) -> UnitOfWork[bool]:
    if not (yield request):
        return False
    yield Append(event)
    return True


def _read(row: Row) -> TrustedPerson:
    account_id, helper, named_at, accepted_at = row
    return TrustedPerson(
        AccountId(account_id),
        AccountId(helper),
        Seconds(named_at),
        None if accepted_at is None else Seconds(accepted_at),
    )
