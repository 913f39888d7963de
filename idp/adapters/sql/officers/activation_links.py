"""Links that activate accounts, on SQL: one is used up by the statement that accepts it."""

import msgspec
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.authenticators.enrolled_methods import forget_authenticators
from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.officers.officer_rows import NOT_OVER
from idp.adapters.sql.people.accounts import change_password
from idp.adapters.sql.tables.main import accounts, officer_posts
from idp.adapters.sql.tables.officers import activation_links
from idp.adapters.sql.unit_of_work import All, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountStatus
from idp.domain.enrolment.activation_link import ActivationLink
from idp.domain.events import AccountActivated, Event, Origin
from idp.domain.ids import AccountId, Seconds, TokenHash
from idp.domain.offices.administration import roles_among
from idp.ports.activation_links import RoleHeldError
from idp.ports.clock import Entropy

_row = activation_links.c
_new = upsert(activation_links)
_PUT = _new.on_conflict_do_update(
    index_elements=["account_id"],
    set_={column.name: _new.excluded[column.name] for column in _row if column is not _row.account_id},
)
_COLUMNS = (_row.account_id, _row.token_hash, _row.created_at, _row.expires_at, _row.claimed_at)
_FIND = select(*_COLUMNS).where(_row.token_hash == bindparam("token_hash"))
_OF_ACCOUNT = select(*_COLUMNS).where(_row.account_id == bindparam("account_id"))
_is_active = (
    select(accounts.c.account_id)
    .where(accounts.c.account_id == _row.account_id, accounts.c.status == AccountStatus.ACTIVE.value)
    .exists()
)
_WHOSE = select(_row.account_id).where(_row.token_hash == bindparam("used_hash"))
_CLAIM = (
    update(activation_links)
    .where(
        _row.token_hash == bindparam("used_hash"),
        _row.claimed_at.is_(None),
        _row.expires_at > bindparam("now"),
        _is_active,
    )
    .values(claimed_at=bindparam("now"))
    .returning(_row.account_id)
)
_ROLES = select(officer_posts.c.roles).where(officer_posts.c.account_id == bindparam("account_id"), NOT_OVER)

_open_of_account = (
    _row.account_id == bindparam("of_account"),
    _row.claimed_at.is_(None),
    _row.expires_at > bindparam("now"),
)
_END_OPEN = delete(activation_links).where(*_open_of_account).returning(_row.account_id)
_END_ONE = (
    delete(activation_links)
    .where(*_open_of_account, _row.created_at == bindparam("made_at"))
    .returning(_row.account_id)
)

_roles = msgspec.json.Decoder(tuple[str, ...])


class SqlActivationLinks:
    """Implements `ActivationLinks`."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy

    async def put(self, link: ActivationLink, event: Event, *, lends_roles: bool) -> None:
        await self._database.write(_put(link, lends_roles=lends_roles), [event])

    async def find(self, token_hash: TokenHash) -> ActivationLink | None:
        return await self._database.run_read(_find(One(_FIND, {"token_hash": token_hash})))

    async def of_account(self, account_id: AccountId) -> ActivationLink | None:
        return await self._database.run_read(_find(One(_OF_ACCOUNT, {"account_id": account_id})))

    async def redeem(self, token_hash: TokenHash, password_hash: str, now: Seconds, origin: Origin) -> AccountId | None:
        return await self._database.write(self._redeem(token_hash, password_hash, now, origin))

    def _redeem(
        self, token_hash: TokenHash, password_hash: str, now: Seconds, origin: Origin
    ) -> UnitOfWork[AccountId | None]:
        whose: Row | None = yield One(_WHOSE, {"used_hash": token_hash})
        if whose is None:
            return None
        account_id = AccountId(whose[0])
        # The account first, then its link, as everybody does who gives a role and ends the links that are there.
        yield Lock((account_lock(account_id),))
        row: Row | None = yield One(_CLAIM, {"used_hash": token_hash, "now": now})
        if row is None:
            return None
        event = AccountActivated(origin=origin, account_id=account_id)
        yield from change_password(account_id, password_hash, now, event, self._entropy)
        yield from forget_authenticators(account_id)
        return account_id


def end_open_link(account_id: AccountId, now: Seconds, made_at: Seconds | None = None) -> UnitOfWork[bool]:
    """End the link of an account that nobody used, only the one that was made at `made_at`; False when there is none.

    The caller holds the lock of the account, as whoever uses a link does.
    """
    account = {"of_account": account_id, "now": now}
    request = One(_END_OPEN, account) if made_at is None else One(_END_ONE, {**account, "made_at": made_at})
    row: Row | None = yield request
    return row is not None


def _put(link: ActivationLink, *, lends_roles: bool) -> UnitOfWork[None]:
    if not lends_roles:
        # Whoever gives a role holds this lock, too, and ends the links that are there by then.
        yield Lock((account_lock(link.account_id),))
        posts: list[Row] = yield All(_ROLES, {"account_id": link.account_id, "now": link.created_at})
        if any(roles_among(_roles.decode(roles)) for (roles,) in posts):
            raise RoleHeldError
    yield Run(
        _PUT,
        {
            "account_id": link.account_id,
            "token_hash": link.token_hash,
            "created_at": link.created_at,
            "expires_at": link.expires_at,
            "claimed_at": link.claimed_at,
        },
    )


def _find(request: One) -> UnitOfWork[ActivationLink | None]:
    row: Row | None = yield request
    if row is None:
        return None
    account_id, kept_hash, created_at, expires_at, claimed_at = row
    return ActivationLink(
        AccountId(account_id),
        TokenHash(bytes(kept_hash)),
        Seconds(created_at),
        Seconds(expires_at),
        None if claimed_at is None else Seconds(claimed_at),
    )
