"""Officers on SQL: an account beside the citizen's, found by username, and posts that are never rewritten."""

import msgspec
from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.database import Database
from idp.adapters.sql.personal_data import Erasable, PersonalData, StoredRecord
from idp.adapters.sql.record_tally import identifier_row
from idp.adapters.sql.sealed_people import new_account
from idp.adapters.sql.tables import accounts, agencies, identifiers, officer_posts, officers, persons
from idp.adapters.sql.unit_of_work import Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.account import AccountKind
from idp.domain.events import Event
from idp.domain.ids import AccountId, PersonId
from idp.domain.officer import NO_AGENCY, NewOfficer, NewPost
from idp.domain.sign_in_identifier import IdentifierKind
from idp.ports.clock import Clock, Entropy
from idp.ports.officers import AlreadyOfficerError, UnknownAgencyError, UsernameTakenError
from idp.ports.vault import Vault

# Imports look up who is new and insert afterwards, alone; who makes one account stands beside others.
_BESIDE_IMPORTS = Lock(("records",), shared=True)
_PERSON_KEY = select(persons.c.record_key).where(persons.c.person_id == bindparam("person_id"))
_AGENCY = select(agencies.c.code).where(agencies.c.code == bindparam("code"))
_INSERT_PERSON = insert(persons)
_INSERT_ACCOUNT = upsert(accounts).on_conflict_do_nothing(index_elements=["person_id", "kind"])
_INSERT_OFFICER = insert(officers)
_INSERT_POST = insert(officer_posts)
_TAKE = upsert(identifiers).on_conflict_do_nothing(index_elements=["blind_index"])
_FIND = (
    select(officers.c.account_id)
    .join(identifiers, identifiers.c.account_id == officers.c.account_id)
    .where(identifiers.c.blind_index == bindparam("blind_index"))
)


class SqlOfficers:
    """Implements `Officers`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy

    async def add(self, officer: NewOfficer, event: Event) -> None:
        await self._database.write(self._add(officer, event))

    async def find(self, username: str) -> AccountId | None:
        index = self._data.identifier_index(username)
        return await self._database.run_read(_found(One(_FIND, {"blind_index": index})))

    def _add(self, officer: NewOfficer, event: Event) -> UnitOfWork[None]:
        now = self._clock.now()
        yield _BESIDE_IMPORTS
        yield from known_agency(officer.post.agency_code)
        person_id, key = yield from self._person(officer)
        account = new_account(officer.account_id, person_id, AccountKind.OFFICER, None, now)
        if not (yield Run(_INSERT_ACCOUNT, account)):
            raise AlreadyOfficerError
        index = self._data.identifier_index(officer.username)
        row = identifier_row(index, officer.account_id, IdentifierKind.USERNAME.value, now)
        if not (yield Run(_TAKE, row)):
            raise UsernameTakenError
        username = self._data.seal_officer(key, officer.account_id, "username", officer.username)
        names = {"account_id": officer.account_id, "officer_id": self._entropy.identifier(), "username": username}
        yield Run(_INSERT_OFFICER, names)
        yield Run(_INSERT_POST, self._post_row(key, officer.account_id, officer.post))
        yield Append(event)

    def _person(self, officer: NewOfficer) -> UnitOfWork[tuple[PersonId, bytes]]:
        """The human behind the account and the record's key; who has no number is known by the username."""
        if officer.person_id is not None:
            row: Row | None = yield One(_PERSON_KEY, {"person_id": officer.person_id})
            if row is None:
                raise AlreadyOfficerError
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
            },
        )
        return person_id, record_key

    def _post_row(self, key: bytes, account_id: AccountId, post: NewPost) -> dict[str, object]:
        return {
            "post_id": self._entropy.identifier(),
            "account_id": account_id,
            "agency_code": post.agency_code,
            "position": self._data.seal_officer(key, account_id, "position", post.position),
            "roles": msgspec.json.encode(post.roles).decode(),
            "held_from": post.held_from,
            "held_to": post.held_to,
            "settled_at": None,
        }


def known_agency(code: str) -> UnitOfWork[None]:
    """Raise `UnknownAgencyError` unless there is such an agency, or none is meant."""
    if code != NO_AGENCY and (yield One(_AGENCY, {"code": code})) is None:
        raise UnknownAgencyError


def _found(request: One) -> UnitOfWork[AccountId | None]:
    row: Row | None = yield request
    return None if row is None else AccountId(row[0])
