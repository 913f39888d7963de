"""Officers as another system sees them, on SQL: those whose latest post lies in one subtree of agencies."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from idp.adapters.sql.database import Database
from idp.adapters.sql.officers.carried_out import Tools, changed
from idp.adapters.sql.officers.officer_rows import read_officer
from idp.adapters.sql.officers.provisioning_rows import NEWEST_OF_THESE, called, external_index, is_reached
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, agencies, officer_posts, persons
from idp.adapters.sql.tables.officers import officer_provisioning
from idp.adapters.sql.unit_of_work import All, One, Row, UnitOfWork
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.clock import Clock, Entropy
from idp.ports.officer_parts import OfficerPart
from idp.ports.officers import Provisioned
from idp.ports.vault import Vault

_post = officer_posts.c

_within = select(agencies.c.code).where(agencies.c.code == bindparam("root")).cte("within", recursive=True)
# UNION, not UNION ALL: a circle in the records ends instead of going round for ever.
_within = _within.union(select(agencies.c.code).where(agencies.c.parent == _within.c.code))
_POSTS_WITHIN = _within.join(officer_posts, _post.agency_code == _within.c.code)
_COUNT = select(func.count()).select_from(_POSTS_WITHIN).where(NEWEST_OF_THESE)
_PAGE = (
    select(_post.account_id)
    .select_from(_POSTS_WITHIN)
    .where(NEWEST_OF_THESE)
    # Not by the bare column: in its index's order every officer would be looked at for the few of a small agency.
    .order_by(func.coalesce(_post.account_id, ""))
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
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


class SqlProvisionedOfficers:
    """Implements `ProvisionedOfficers`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._vault = vault
        self._data = PersonalData(vault)
        self._tools = Tools(self._data, vault, entropy)
        self._clock = clock

    async def get(self, account_id: AccountId, root: str) -> Provisioned | None:
        return await self._database.run_read(self._get(account_id, root))

    async def page(self, root: str, skip: int, limit: int) -> tuple[int, tuple[Provisioned, ...]]:
        return await self._database.run_read(self._page(root, skip, limit))

    async def find_external(self, client_id: ClientId, external_id: str) -> AccountId | None:
        return await self._database.run_read(called(external_index(self._vault, client_id, external_id)))

    async def change(self, account_id: AccountId, seen: str, parts: Sequence[OfficerPart], now: Seconds) -> None:
        await self._database.write(changed(self._tools, account_id, seen, parts, now))

    def _get(self, account_id: AccountId, root: str) -> UnitOfWork[Provisioned | None]:
        reached = yield from is_reached(account_id, root, self._clock.now())
        return (yield from self._read(account_id)) if reached else None

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
