"""What other systems call their officers, inside a transaction, and who is within reach of such a system."""

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.officers.officer_rows import LATEST, NOT_OVER
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, agencies, officer_posts, persons
from idp.adapters.sql.tables.officers import officer_provisioning
from idp.adapters.sql.unit_of_work import Lock, One, Row, Run, UnitOfWork
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.officer_parts import Noted
from idp.ports.officers import ExternalIdTakenError
from idp.ports.vault import Vault

_post = officer_posts.c
_row = officer_provisioning.c
NEWEST_OF_THESE = and_(NOT_OVER, LATEST)
"""The posts by which officers are within reach."""

_above = (
    select(agencies.c.code, agencies.c.parent)
    .join(officer_posts, _post.agency_code == agencies.c.code)
    .where(_post.account_id == bindparam("account_id"), NEWEST_OF_THESE)
    .cte("above", recursive=True)
)
# UNION, not UNION ALL: a circle in the records ends instead of going round for ever.
_above = _above.union(select(agencies.c.code, agencies.c.parent).where(agencies.c.code == _above.c.parent))
_REACHED = select(_above.c.code).where(_above.c.code == bindparam("root"))
_EXTERNAL = select(_row.account_id).where(_row.external_index == bindparam("external_index"))
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
_GIVE_UP = (
    update(officer_provisioning)
    .where(_row.account_id == bindparam("holder"))
    .values(external_index=None, external_id=None, changed_at=bindparam("now"))
)


def external_index(vault: Vault, client_id: ClientId, external_id: str) -> bytes:
    """What stands for what a client calls an officer."""
    return vault.blind_index("identifier", f"scim\n{client_id}\n{external_id}")


def is_reached(account_id: AccountId, root: str, now: Seconds) -> UnitOfWork[bool]:
    """Whether the officer's latest post, which is not over, lies in the subtree."""
    row: Row | None = yield One(_REACHED, {"account_id": account_id, "root": root, "now": now})
    return row is not None


def called(index: bytes) -> UnitOfWork[AccountId | None]:
    """Whom a client calls so, seen by it or not."""
    row: Row | None = yield One(_EXTERNAL, {"external_index": index})
    return None if row is None else AccountId(row[0])


def note(data: PersonalData, vault: Vault, account_id: AccountId, noted: Noted, now: Seconds) -> UnitOfWork[None]:
    """Remember what a client calls an officer. Raises `ExternalIdTakenError` when it sees another one of that name."""
    index = sealed = None
    if noted.external_id is not None:
        index = external_index(vault, noted.client_id, noted.external_id)
        # Of two who are to be called so the second one sees the first.
        yield Lock((f"external {index.hex()}",))
        holder = yield from called(index)
        if holder is not None and holder != account_id:
            if (yield from is_reached(holder, noted.root, now)):
                raise ExternalIdTakenError
            yield Run(_GIVE_UP, {"holder": holder, "now": now})
        (key,) = yield One(_KEY, {"account_id": account_id})
        sealed = data.seal_officer(key, account_id, "external_id", noted.external_id)
    values = {"account_id": account_id, "client_id": noted.client_id, "changed_at": now}
    yield Run(_KEEP, {**values, "external_index": index, "external_id": sealed})
