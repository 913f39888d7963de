"""Officers on SQL: an account beside the citizen's, found by username, and posts from a day to a day."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS, holder_of
from idp.adapters.sql.officers.carried_out import Tools, carried_out, changed
from idp.adapters.sql.officers.officer_post_rows import end_post, give_post, insert_post, known_agency, leave, settle
from idp.adapters.sql.officers.officer_rows import NOT_OVER, OFFICER, POST, WHOSE, opened, read_officer
from idp.adapters.sql.officers.suspension_rows import resume, suspend
from idp.adapters.sql.officers.username_rows import take_username
from idp.adapters.sql.people.lock_rows import person_is_held
from idp.adapters.sql.people.personal_data import Erasable, PersonalData, StoredRecord
from idp.adapters.sql.people.sealed_people import new_account
from idp.adapters.sql.single_requests import every_row
from idp.adapters.sql.tables.main import accounts, identifiers, officer_posts, officers, persons
from idp.adapters.sql.unit_of_work import All, Append, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.account_lock import NewLock
from idp.domain.events import Event, LockEnded, OfficerChanged, Origin
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.offices.officer import NewOfficer, NewPost, OfficerAccount
from idp.ports.clock import Clock, Entropy
from idp.ports.officer_parts import OfficerPart, PostGiven, Renamed
from idp.ports.officers import AlreadyOfficerError, PersonHeldError
from idp.ports.vault import Vault

_PERSON_KEY = select(persons.c.record_key).where(persons.c.person_id == bindparam("person_id"))
_INSERT_PERSON = insert(persons)
_INSERT_ACCOUNT = upsert(accounts).on_conflict_do_nothing(index_elements=["person_id", "kind"])
_INSERT_OFFICER = insert(officers)
_FIND = (
    select(officers.c.account_id)
    .join(identifiers, identifiers.c.account_id == officers.c.account_id)
    .where(identifiers.c.blind_index == bindparam("blind_index"))
)
_OF_PERSON = select(accounts.c.account_id).where(
    accounts.c.person_id == bindparam("person_id"), accounts.c.kind == AccountKind.OFFICER.value
)
_OF_IDENTIFIER = select(officers.c.account_id).where(officers.c.officer_id == bindparam("officer_id"))
_OF_AGENCY = (
    select(*OFFICER, *POST)
    .select_from(WHOSE.join(officer_posts, officer_posts.c.account_id == accounts.c.account_id))
    .where(officer_posts.c.agency_code == bindparam("code"), NOT_OVER)
    .order_by(accounts.c.account_id, officer_posts.c.held_from.desc())
)


class SqlOfficers:
    """Implements `Officers`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy
        self._tools = Tools(self._data, vault, entropy)

    async def add(self, officer: NewOfficer, event: Event, further: Sequence[OfficerPart] = ()) -> None:
        await self._database.write(self._add(officer, event, further))

    async def find(self, username: str) -> AccountId | None:
        index = self._data.identifier_index(username)
        return await self._database.run_read(_found(One(_FIND, {"blind_index": index})))

    async def is_free(self, username: str, account_id: AccountId) -> bool:
        holder = await self._database.run_read(holder_of(self._data.identifier_index(username)))
        return holder in {None, account_id}

    async def get(self, account_id: AccountId) -> OfficerAccount | None:
        return await self._database.run_read(read_officer(self._data, account_id))

    async def of_person(self, person_id: PersonId) -> AccountId | None:
        return await self._database.run_read(_found(One(_OF_PERSON, {"person_id": person_id})))

    async def of_identifier(self, officer_id: str) -> AccountId | None:
        return await self._database.run_read(_found(One(_OF_IDENTIFIER, {"officer_id": officer_id})))

    async def of_agency(self, code: str, now: Seconds) -> tuple[OfficerAccount, ...]:
        rows = await self._database.run_read(every_row(All(_OF_AGENCY, {"code": code, "now": now})))
        width = len(OFFICER)
        return tuple(
            opened(self._data, officer, [row[width:] for row in posts])
            for officer, posts in groupby(rows, key=lambda row: row[:width])
        )

    async def give_post(
        self, account_id: AccountId, post: NewPost, seen: str, event: Event, *, instead: bool = False
    ) -> None:
        at = (self._data, self._entropy)
        await self._database.write(give_post(*at, account_id, post, seen, self._clock.now(), event, instead=instead))

    async def end_post(self, account_id: AccountId, seen: str, at: Seconds, event: Event) -> None:
        await self._database.write(end_post(account_id, seen, at, event))

    async def leave(self, account_id: AccountId, seen: str, now: Seconds, event: OfficerChanged) -> None:
        await self._database.write(leave(self._entropy, account_id, seen, now, event))

    async def come_back(
        self,
        seen: OfficerAccount,
        username: str,
        post: NewPost,
        renamed: Event,
        joined: Event,
        further: Sequence[OfficerPart] = (),
    ) -> None:
        parts = (Renamed(seen.username, username, renamed), PostGiven(post, joined), *further)
        await self._database.write(changed(self._tools, seen.account_id, seen.version, parts, self._clock.now()))

    async def suspend(self, account_id: AccountId, lock: NewLock, seen: str, now: Seconds, event: Event) -> None:
        await self._database.write(suspend(self._entropy, account_id, lock, seen, now, event))

    async def resume(
        self, account_id: AccountId, references: Sequence[str], seen: str, now: Seconds, event: LockEnded
    ) -> None:
        await self._database.write(resume(account_id, references, seen, now, event))

    async def settle(self, now: Seconds, limit: int, origin: Origin) -> int:
        return await self._database.write(settle(self._entropy, now, limit, origin))

    def _add(self, officer: NewOfficer, event: Event, further: Sequence[OfficerPart]) -> UnitOfWork[None]:
        now = self._clock.now()
        yield BESIDE_IMPORTS
        yield from known_agency(officer.post.agency_code)
        person_id, key = yield from self._person(officer)
        account = new_account(officer.account_id, person_id, AccountKind.OFFICER, None, now)
        if not (yield Run(_INSERT_ACCOUNT, account)):
            raise AlreadyOfficerError
        yield from take_username(self._data, officer.account_id, officer.username, now)
        username = self._data.seal_officer(key, officer.account_id, "username", officer.username)
        names = {"account_id": officer.account_id, "officer_id": self._entropy.identifier(), "username": username}
        yield Run(_INSERT_OFFICER, names)
        yield from insert_post(self._data, self._entropy, key, officer.account_id, officer.post)
        yield Append(event)
        yield from carried_out(self._tools, officer.account_id, further, now)

    def _person(self, officer: NewOfficer) -> UnitOfWork[tuple[PersonId, bytes]]:
        """The human behind the account and the record's key; who has no number is known by the username."""
        if officer.person_id is not None:
            row: Row | None = yield One(_PERSON_KEY, {"person_id": officer.person_id})
            if row is None:
                raise AlreadyOfficerError
            if (yield from person_is_held(officer.person_id)):
                raise PersonHeldError
            return officer.person_id, row[0]
        person_id = PersonId(self._entropy.identifier())
        record_key, erasable_key = self._data.new_key(), self._data.new_key()
        record = StoredRecord(personal_number="", identity_level=0, claims={"name": officer.username})
        yield Run(
            _INSERT_PERSON,
            {
                "person_id": person_id,
                "record_key": record_key,
                "record": self._data.seal_record(record_key, person_id, record),
                "erasable_key": erasable_key,
                "erasable": self._data.seal_erasable(erasable_key, person_id, Erasable()),
                "created_at": self._clock.now(),
                "updated_at": None,
            },
        )
        return person_id, record_key


def _found(request: One) -> UnitOfWork[AccountId | None]:
    row: Row | None = yield request
    return None if row is None else AccountId(row[0])
