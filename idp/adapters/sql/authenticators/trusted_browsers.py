"""Trusted browsers on SQL: whatever ends an account's sessions ends them too, and writes nothing here."""

from typing import Final

from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.main import accounts
from idp.adapters.sql.tables.safety import trusted_browsers
from idp.adapters.sql.unit_of_work import All, Append, Conclude, One, Row, Run, UnitOfWork
from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.authenticators.trusted_browser import TrustedBrowser
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds

_row = trusted_browsers.c
_new = insert(trusted_browsers)
_TRUST: Final = _new.on_conflict_do_update(
    index_elements=["browser_id"],
    set_={name: _new.excluded[name] for name in ("browser", "system", "place", "trusted_at", "expires_at")},
).returning(_row.browser_id)
_valid_from = (
    select(accounts.c.sessions_valid_from).where(accounts.c.account_id == bindparam("account_id")).scalar_subquery()
)
_stands = and_(
    _row.account_id == bindparam("account_id"),
    _row.expires_at > bindparam("now"),
    _row.trusted_at >= _valid_from,
)
_IS_TRUSTED: Final = select(_row.browser_id).where(_row.browser_id == bindparam("browser_id"), _stands)
_OF_ACCOUNT: Final = (
    select(_row.browser_id, _row.browser, _row.system, _row.place, _row.trusted_at)
    .where(_stands)
    .order_by(_row.trusted_at.desc(), _row.browser_id)
)
_REVOKE_ALL = delete(trusted_browsers).where(_row.account_id == bindparam("account_id"))
_REVOKE: Final = _REVOKE_ALL.where(_row.browser_id == bindparam("browser_id")).returning(_row.browser_id)


class SqlTrustedBrowsers:
    """Implements `TrustedBrowsers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def trust(self, browser: TrustedBrowser, event: Event) -> None:
        values = {
            "browser_id": browser.browser_id,
            "account_id": browser.account_id,
            "browser": browser.browser.family.value,
            "system": browser.browser.system.value,
            "place": browser.place,
            "trusted_at": browser.trusted_at,
            "expires_at": browser.expires_at,
        }
        await self._database.write(_concluded(Conclude(_TRUST, values, (event,))))

    async def is_trusted(self, browser_id: str, account_id: AccountId, now: Seconds) -> bool:
        values = {"browser_id": browser_id, "account_id": account_id, "now": now}
        return await self._database.run_read(_is_there(One(_IS_TRUSTED, values)))

    async def of_account(self, account_id: AccountId, now: Seconds) -> tuple[TrustedBrowser, ...]:
        found = All(_OF_ACCOUNT, {"account_id": account_id, "now": now})
        return await self._database.run_read(_listed(account_id, found))

    async def revoke(self, account_id: AccountId, browser_id: str, event: Event) -> bool:
        values = {"account_id": account_id, "browser_id": browser_id}
        return await self._database.write(_concluded(Conclude(_REVOKE, values, (event,))))

    async def revoke_all(self, account_id: AccountId, event: Event) -> int:
        return await self._database.write(_revoke_all(account_id, event))


def _concluded(request: Conclude) -> UnitOfWork[bool]:
    row: Row | None = yield request
    return row is not None


def _is_there(request: One) -> UnitOfWork[bool]:
    row: Row | None = yield request
    return row is not None


def _listed(account_id: AccountId, request: All) -> UnitOfWork[tuple[TrustedBrowser, ...]]:
    rows: list[Row] = yield request
    return tuple(
        TrustedBrowser(
            browser_id=browser_id,
            account_id=account_id,
            browser=BrowserKind(BrowserFamily(family), System(system)),
            place=place,
            trusted_at=Seconds(trusted_at),
        )
        for browser_id, family, system, place, trusted_at in rows
    )


def _revoke_all(account_id: AccountId, event: Event) -> UnitOfWork[int]:
    count: int = yield Run(_REVOKE_ALL, {"account_id": account_id})
    if count:
        yield Append(event)
    return count
