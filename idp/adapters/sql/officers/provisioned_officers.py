"""Officers as another system sees them, on SQL: those whose latest post lies in one subtree of agencies."""

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.officers.officer_post_rows import leave, posts_as_seen
from idp.adapters.sql.officers.officer_rows import LATEST, NOT_OVER, read_officer
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, agencies, officer_posts, persons
from idp.adapters.sql.tables.officers import officer_provisioning
from idp.adapters.sql.unit_of_work import All, Lock, One, Row, Run, UnitOfWork
from idp.domain.events import OfficerChanged
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.clock import Clock, Entropy
from idp.ports.officers import ExternalIdTakenError, Provisioned
from idp.ports.vault import Vault

_post = officer_posts.c
_LATEST = and_(NOT_OVER, LATEST)

_within = select(agencies.c.code).where(agencies.c.code == bindparam("root")).cte("within", recursive=True)
# UNION, not UNION ALL: a circle in the records ends instead of going round for ever.
_within = _within.union(select(agencies.c.code).where(agencies.c.parent == _within.c.code))
_POSTS_WITHIN = _within.join(officer_posts, _post.agency_code == _within.c.code)
_COUNT = select(func.count()).select_from(_POSTS_WITHIN).where(_LATEST)
_PAGE = (
    select(_post.account_id)
    .select_from(_POSTS_WITHIN)
    .where(_LATEST)
    # Not by the bare column: in its index's order every officer would be looked at for the few of a small agency.
    .order_by(func.coalesce(_post.account_id, ""))
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_above = (
    select(agencies.c.code, agencies.c.parent)
    .join(officer_posts, _post.agency_code == agencies.c.code)
    .where(_post.account_id == bindparam("account_id"), _LATEST)
    .cte("above", recursive=True)
)
_above = _above.union(select(agencies.c.code, agencies.c.parent).where(agencies.c.code == _above.c.parent))
_REACHED = select(_above.c.code).where(_above.c.code == bindparam("root"))
_NOTE = (
    select(
        officer_provisioning.c.client_id,
        officer_provisioning.c.external_id,
        officer_provisioning.c.changed_at,
        persons.c.record_key,
    )
    .select_from(
        officer_provisioning.join(accounts, accounts.c.account_id == officer_provisioning.c.account_id).join(
            persons, persons.c.person_id == accounts.c.person_id
        )
    )
    .where(officer_provisioning.c.account_id == bindparam("account_id"))
)
_EXTERNAL = select(officer_provisioning.c.account_id).where(
    officer_provisioning.c.external_index == bindparam("external_index")
)
_KEY = (
    select(persons.c.record_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("account_id"))
)
_new = upsert(officer_provisioning)
_KEEP = _new.on_conflict_do_update(
    index_elements=["account_id"],
    set_={name: _new.excluded[name] for name in ("client_id", "external_index", "external_id", "changed_at")},
)


class SqlProvisionedOfficers:
    """Implements `ProvisionedOfficers`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy
        self._vault = vault
        self._data = PersonalData(vault)
        self._clock = clock

    async def get(self, account_id: AccountId, root: str) -> Provisioned | None:
        return await self._database.run_read(self._get(account_id, root))

    async def page(self, root: str, skip: int, limit: int) -> tuple[int, tuple[Provisioned, ...]]:
        return await self._database.run_read(self._page(root, skip, limit))

    async def find_external(self, client_id: ClientId, external_id: str) -> AccountId | None:
        index = self._index(client_id, external_id)
        return await self._database.run_read(_external(index))

    async def note(
        self,
        account_id: AccountId,
        client_id: ClientId,
        external_id: str | None,
        now: Seconds,
        *,
        seen: str | None = None,
    ) -> None:
        noting = self._note(account_id, client_id, external_id, now)
        await self._database.write(noting if seen is None else _as_seen(account_id, seen, noting))

    async def leave(
        self,
        account_id: AccountId,
        client_id: ClientId,
        seen: str,
        now: Seconds,
        event: OfficerChanged,
        *,
        only_from: Seconds | None = None,
    ) -> None:
        leaving = leave(self._entropy, account_id, seen, now, event, only_from=only_from)
        await self._database.write(self._leave(leaving, account_id, client_id, now))

    def _leave(
        self, leaving: UnitOfWork[str], account_id: AccountId, client_id: ClientId, now: Seconds
    ) -> UnitOfWork[None]:
        yield from leaving
        yield from self._note(account_id, client_id, None, now)

    def _get(self, account_id: AccountId, root: str) -> UnitOfWork[Provisioned | None]:
        values = {"account_id": account_id, "root": root, "now": self._clock.now()}
        reached: Row | None = yield One(_REACHED, values)
        return None if reached is None else (yield from self._read(account_id))

    def _page(self, root: str, skip: int, limit: int) -> UnitOfWork[tuple[int, tuple[Provisioned, ...]]]:
        where = {"root": root, "now": self._clock.now()}
        (total,) = yield One(_COUNT, where)
        rows: list[Row] = yield All(_PAGE, {**where, "most": limit, "skip": skip})
        found = []
        for (account_id,) in rows:
            one = yield from self._read(AccountId(account_id))
            if one is not None:
                found.append(one)
        return total, tuple(found)

    def _read(self, account_id: AccountId) -> UnitOfWork[Provisioned | None]:
        officer = yield from read_officer(self._data, account_id)
        if officer is None:
            return None
        row: Row | None = yield One(_NOTE, {"account_id": account_id})
        if row is None:
            return Provisioned(officer=officer, changed_at=officer.created_at)
        client_id, sealed, changed_at, key = row
        external_id = None if sealed is None else self._data.open_officer(key, account_id, "external_id", sealed)
        return Provisioned(
            officer=officer, client_id=ClientId(client_id), external_id=external_id, changed_at=Seconds(changed_at)
        )

    def _note(
        self, account_id: AccountId, client_id: ClientId, external_id: str | None, now: Seconds
    ) -> UnitOfWork[None]:
        index = sealed = None
        if external_id is not None:
            index = self._index(client_id, external_id)
            holder = yield from _external(index)
            if holder not in {None, account_id}:
                raise ExternalIdTakenError
            (key,) = yield One(_KEY, {"account_id": account_id})
            sealed = self._data.seal_officer(key, account_id, "external_id", external_id)
        yield Run(
            _KEEP,
            {
                "account_id": account_id,
                "client_id": client_id,
                "external_index": index,
                "external_id": sealed,
                "changed_at": now,
            },
        )

    def _index(self, client_id: ClientId, external_id: str) -> bytes:
        return self._vault.blind_index("identifier", f"scim\n{client_id}\n{external_id}")


def _as_seen(account_id: AccountId, seen: str, noting: UnitOfWork[None]) -> UnitOfWork[None]:
    yield Lock((account_lock(account_id),))
    yield from posts_as_seen(account_id, seen)
    yield from noting


def _external(index: bytes) -> UnitOfWork[AccountId | None]:
    row: Row | None = yield One(_EXTERNAL, {"external_index": index})
    return None if row is None else AccountId(row[0])
