"""Second accounts of one human on SQL: found by blind indexes, merged in one transaction."""

from sqlalchemy import bindparam, delete, exists, insert, not_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS
from idp.adapters.sql.people.identity_records import save_record
from idp.adapters.sql.people.likenesses import likeness_indexes
from idp.adapters.sql.people.lock_rows import open_lock, register_lock
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.people.register_marks import MARKS, pass_mark
from idp.adapters.sql.tables.locks import account_locks
from idp.adapters.sql.tables.main import accounts, identifiers, organisation_representatives
from idp.adapters.sql.tables.proofing import account_merges, person_likenesses
from idp.adapters.sql.unit_of_work import All, Lock, Many, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.account_lock import GIVES_WAY_TO_A_MERGE, LockGround, NewLock
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.events import AccountLocked, Event
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.likeness import Likeness, LikenessKind, card_key
from idp.ports.clock import Clock, Entropy
from idp.ports.duplicates import AccountMerge
from idp.ports.vault import Vault

MOST = 20
"""Records that are told to be like one; more say nothing any more."""

_like = person_likenesses.c
_merge = account_merges.c
_LIKE = (
    select(_like.person_id, accounts.c.account_id, _like.kind)
    .join(
        accounts,
        (accounts.c.person_id == _like.person_id) & (accounts.c.kind == AccountKind.CITIZEN.value),
    )
    .where(
        _like.blind_index == bindparam("index"),
        _like.person_id != bindparam("person"),
        not_(exists().where(_merge.merged_person_id == _like.person_id)),
    )
    .order_by(_like.person_id)
    .limit(MOST)
)
_OF_CARD = select(_like.person_id).where(_like.blind_index == bindparam("index")).limit(2)
_MERGES = (
    _merge.merged_account_id,
    _merge.merged_person_id,
    _merge.surviving_account_id,
    _merge.surviving_person_id,
    _merge.change_id,
    _merge.merged_at,
    _merge.decided_by,
)
_MERGE_OF = select(*_MERGES).where(_merge.merged_account_id == bindparam("account"))
_SURVIVOR_OF = select(_merge.surviving_person_id).where(_merge.merged_person_id == bindparam("person"))
_HAS_OFFICER = (
    select(accounts.c.account_id)
    .where(accounts.c.person_id == bindparam("person"), accounts.c.kind == AccountKind.OFFICER.value)
    .limit(1)
)
_HELD = (
    select(account_locks.c.lock_id)
    .where(
        account_locks.c.holder == bindparam("account"),
        account_locks.c.ended.is_(None),
        *(account_locks.c.ground != ground.value for ground in sorted(GIVES_WAY_TO_A_MERGE)),
    )
    .limit(1)
)
_GROUNDS_HELD = select(account_locks.c.ground).where(
    account_locks.c.holder == bindparam("account"), account_locks.c.ended.is_(None)
)
_MARK = insert(account_merges)
# Numbers of both records find the survivor from now on; contacts of the merged one find nobody.
_HAND_OVER_NUMBERS = (
    update(identifiers)
    .where(
        identifiers.c.account_id == bindparam("merged"),
        identifiers.c.kind == IdentifierKind.PERSONAL_NUMBER.value,
    )
    .values(account_id=bindparam("surviving"))
)
_FORGET_CONTACTS = delete(identifiers).where(identifiers.c.account_id == bindparam("merged"))
_GIVE_UP = update(identifiers).where(identifiers.c.blind_index == bindparam("index")).values(verified_at=None)
_REPRESENTS = select(organisation_representatives.c.tax_code).where(
    organisation_representatives.c.person_id == bindparam("person")
)
_REPRESENT = upsert(organisation_representatives).on_conflict_do_nothing(index_elements=["tax_code", "person_id"])
_LONGEST_CHAIN = 8


class SqlDuplicates:
    """Implements `Duplicates`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy

    async def like(self, record: IdentityRecord) -> tuple[Likeness, ...]:
        indexes = [index for index, _ in likeness_indexes(self._data, record.claims, record.card)]
        return await self._database.run_read(_like_any(indexes, record.person_id))

    async def of_card(self, number: str) -> PersonId | None:
        index = self._data.likeness_index(LikenessKind.CARD.value, card_key(number))
        return await self._database.run_read(_only(All(_OF_CARD, {"index": index})))

    async def merge_of(self, account_id: AccountId) -> AccountMerge | None:
        return await self._database.run_read(_read_merge(One(_MERGE_OF, {"account": account_id})))

    async def survivor_of(self, person_id: PersonId) -> PersonId:
        return await self._database.run_read(_survivor_of(person_id))

    async def has_officer(self, person_id: PersonId) -> bool:
        return await self._database.run_read(_found(One(_HAS_OFFICER, {"person": person_id})))

    async def is_held(self, account_id: AccountId) -> bool:
        return await self._database.run_read(_found(One(_HELD, {"account": account_id})))

    async def merge(
        self, merge: AccountMerge, record: IdentityRecord, given_up: tuple[str, ...], event: Event
    ) -> tuple[ClientId, ...] | None:
        return await self._database.write(self._merge(merge, record, given_up, event))

    def _merge(
        self, merge: AccountMerge, record: IdentityRecord, given_up: tuple[str, ...], event: Event
    ) -> UnitOfWork[tuple[ClientId, ...] | None]:
        now = merge.merged_at
        yield BESIDE_IMPORTS
        account_id, ground = merge.merged_account_id, LockGround.MERGED
        locked = AccountLocked(origin=event.origin, account_id=account_id, locked=True, reason=ground.value)
        yield Lock((account_lock(account_id),))
        if (yield from _found(One(_HELD, {"account": account_id}))):
            return None
        # The lock comes first: of several who merge one account at once, one opens it. It never ends.
        told = yield from open_lock(account_id, NewLock(ground=ground), now, locked, self._entropy)
        if told is None:
            return None
        yield Run(_MARK, {column.name: getattr(merge, column.name) for column in _MERGES})
        both = {"merged": merge.merged_account_id, "surviving": merge.surviving_account_id}
        yield Run(_HAND_OVER_NUMBERS, both)
        yield from _inherit_marks(merge)
        yield Run(_FORGET_CONTACTS, {"merged": merge.merged_account_id})
        yield from save_record(record, self._data, self._clock.now(), event, self._entropy)
        if given_up:
            yield Many(_GIVE_UP, [{"index": self._data.identifier_index(number)} for number in given_up])
        rows: list[Row] = yield All(_REPRESENTS, {"person": merge.merged_person_id})
        for (tax_code,) in rows:
            yield Run(_REPRESENT, {"tax_code": tax_code, "person_id": merge.surviving_person_id})
        return told


def _inherit_marks(merge: AccountMerge) -> UnitOfWork[None]:
    """Let what registers told under the merged record's numbers, and send again, be had before by the survivor too."""
    yield Lock((register_lock(merge.surviving_person_id),))
    rows: list[Row] = yield All(_GROUNDS_HELD, {"account": merge.surviving_account_id})
    held = {ground for (ground,) in rows}
    for ground, event_at, event_id in (yield All(MARKS, {"of_holder": merge.merged_person_id})):
        # Where a lock of the survivor's stands, what ends it may be on its way still, and older than this.
        if ground not in held:
            yield from pass_mark(merge.surviving_person_id, ground, event_at, event_id, locks=False)


def _like_any(indexes: list[bytes], person_id: PersonId) -> UnitOfWork[tuple[Likeness, ...]]:
    kinds: dict[tuple[str, str], set[LikenessKind]] = {}
    for index in indexes:
        rows: list[Row] = yield All(_LIKE, {"index": index, "person": person_id})
        for other, account_id, kind in rows:
            kinds.setdefault((other, account_id), set()).add(LikenessKind(kind))
    return tuple(
        Likeness(PersonId(other), AccountId(account_id), frozenset(found))
        for (other, account_id), found in sorted(kinds.items())[:MOST]
    )


def _only(request: All) -> UnitOfWork[PersonId | None]:
    rows: list[Row] = yield request
    return PersonId(rows[0][0]) if len(rows) == 1 else None


def _read_merge(request: One) -> UnitOfWork[AccountMerge | None]:
    row: Row | None = yield request
    if row is None:
        return None
    merged, merged_person, surviving, surviving_person, change_id, merged_at, decided_by = row
    return AccountMerge(
        merged_account_id=AccountId(merged),
        merged_person_id=PersonId(merged_person),
        surviving_account_id=AccountId(surviving),
        surviving_person_id=PersonId(surviving_person),
        change_id=change_id,
        merged_at=Seconds(merged_at),
        decided_by=AccountId(decided_by),
    )


def _survivor_of(person_id: PersonId) -> UnitOfWork[PersonId]:
    """Follow the marks: who survived once may turn out to be somebody's second record later."""
    for _ in range(_LONGEST_CHAIN):
        row: Row | None = yield One(_SURVIVOR_OF, {"person": person_id})
        if row is None:
            break
        person_id = PersonId(row[0])
    return person_id


def _found(request: One) -> UnitOfWork[bool]:
    row: Row | None = yield request
    return row is not None
