"""Identity records on SQL: one person's row at a time, replaced only where it still is what was read."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Select, bindparam, insert, select, update

from idp.adapters.sql.authority.birthdates import LOOK_AT_WARD
from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.tally import BESIDE_IMPORTS, holder_of, take_identifier
from idp.adapters.sql.people.ageing_records import look_again
from idp.adapters.sql.people.kept_for_numbers import NewestNumber, NumberTaken, count_kept, wait_for_numbers
from idp.adapters.sql.people.likenesses import INSERT_LIKENESSES, exchange_likenesses, likeness_indexes, likeness_rows
from idp.adapters.sql.people.name_words import INSERT_WORDS, exchange_words, word_rows, word_tokens
from idp.adapters.sql.people.personal_data import PersonalData, StoredRecord
from idp.adapters.sql.people.register_marks import PERSONAL_NUMBER, pass_mark, passed_mark
from idp.adapters.sql.people.sealed_people import Identifier, PeopleSealer, SealedPerson
from idp.adapters.sql.people.updates import UPDATED, is_told_alike, kept, moved, told_at
from idp.adapters.sql.single_requests import first_row
from idp.adapters.sql.tables.main import accounts, identifiers, persons
from idp.adapters.sql.unit_of_work import Append, Fill, One, Parameters, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.account_lock import RegisterEvent, RegisterOutcome
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.events import Event, Origin, RegisterEventReceived
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.identity_record import IdentityRecord, NewPerson
from idp.domain.people.number_change import renumbered
from idp.domain.refused_value import InconsistentRecord
from idp.domain.values import dataclass
from idp.ports.clock import Clock, Entropy
from idp.ports.identity_records import AlreadyKnownError, RecordChangedError, RegisterMoment
from idp.ports.vault import Vault

_NUMBER = IdentifierKind.PERSONAL_NUMBER.value
_COLUMNS = (persons.c.person_id, persons.c.record_key, persons.c.record)
_OF_PERSON = select(*_COLUMNS).where(persons.c.person_id == bindparam("key"))
_OF_ACCOUNT = (
    select(*_COLUMNS)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("key"))
)
_OF_NUMBER = (
    select(*_COLUMNS)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .join(identifiers, identifiers.c.account_id == accounts.c.account_id)
    .where(identifiers.c.blind_index == bindparam("key"), identifiers.c.kind == _NUMBER)
)
_CITIZEN = (
    select(
        persons.c.record_key,
        accounts.c.account_id,
        persons.c.erasable_key,
        persons.c.erasable,
        persons.c.updated_at,
    )
    .outerjoin(accounts, (accounts.c.person_id == persons.c.person_id) & (accounts.c.kind == AccountKind.CITIZEN.value))
    .where(persons.c.person_id == bindparam("person_id"), persons.c.record == bindparam("seal"))
)
_REPLACE = (
    update(persons)
    .where(persons.c.person_id == bindparam("person_id"), persons.c.record == bindparam("seal"))
    .values(record=bindparam("replacement"), updated_at=UPDATED)
)
# A number that was given up when two accounts were merged signs nobody in.
_IN_FORCE_AGAIN = (
    update(identifiers)
    .where(identifiers.c.blind_index == bindparam("index"), identifiers.c.verified_at.is_(None))
    .values(verified_at=bindparam("now"))
)
_INSERT_PERSON = insert(persons)
_INSERT_ACCOUNT = insert(accounts)


@dataclass(frozen=True, slots=True)
class _Change:
    """A record to be written, the index of its number, and on whose account."""

    record: IdentityRecord
    number: bytes
    now: Seconds
    origin: Origin


class SqlIdentityRecords:
    """Implements `IdentityRecords`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy
        self._sealer = PeopleSealer(vault, clock, entropy)

    async def of_person(self, person_id: PersonId) -> IdentityRecord | None:
        return await self._read(_OF_PERSON, person_id)

    async def of_account(self, account_id: AccountId) -> IdentityRecord | None:
        return await self._read(_OF_ACCOUNT, account_id)

    async def of_number(self, personal_number: str) -> IdentityRecord | None:
        return await self._read(_OF_NUMBER, self._data.identifier_index(personal_number))

    async def create(self, person: NewPerson, event: Event | Callable[[AccountId], Event]) -> AccountId:
        sealed = self._sealer.seal_new(person)
        told = event if isinstance(event, Event) else event(sealed.account_id)
        return await self._database.write(create_record(sealed, self._data, told.origin, self._entropy), [told])

    async def save(self, record: IdentityRecord, event: Event) -> None:
        await self._database.write(save_record(record, self._data, self._clock.now(), event, self._entropy))

    async def renumbered_at(self, person_id: PersonId) -> int | None:
        return await self._database.run_read(passed_mark(person_id, PERSONAL_NUMBER))

    async def renumber(self, record: IdentityRecord, moment: RegisterMoment, event: Event) -> bool:
        return await self._database.write(self._renumber(record, moment, event))

    def _renumber(self, record: IdentityRecord, moment: RegisterMoment, event: Event) -> UnitOfWork[bool]:
        yield BESIDE_IMPORTS
        mark = pass_mark(record.person_id, PERSONAL_NUMBER, moment.event_at, moment.event_id, locks=False)
        if not (yield from mark):
            return False
        yield from save_record(record, self._data, self._clock.now(), event, self._entropy)
        return True

    async def _read(self, statement: Select[*tuple[object, ...]], key: str | bytes) -> IdentityRecord | None:
        row = await self._database.run_read(first_row(One(statement, {"key": key}, alone=True)))
        if row is None:
            return None
        person_id, key_of_record, sealed = row
        return opened_record(self._data, person_id, key_of_record, sealed)


def opened_record(data: PersonalData, person_id: PersonId, key: bytes, sealed: bytes) -> IdentityRecord:
    """Return a record as stored."""
    stored = data.open_record(key, person_id, sealed)
    return IdentityRecord(
        person_id=person_id,
        personal_number=stored.personal_number,
        identity_level=stored.identity_level,
        claims=stored.claims,
        former_numbers=stored.former_numbers,
        level_expires_at=stored.level_expires_at,
        verification=stored.verification,
        attributes=stored.attributes,
        card=stored.card,
        seal=bytes(sealed),
    )


def _stored(record: IdentityRecord, former_numbers: tuple[str, ...]) -> StoredRecord:
    return StoredRecord(
        personal_number=record.personal_number,
        identity_level=record.identity_level,
        claims=dict(record.claims),
        verification=None if record.verification is None else dict(record.verification),
        former_numbers=former_numbers,
        level_expires_at=record.level_expires_at,
        attributes=dict(record.attributes),
        card=record.card,
    )


def create_record(person: SealedPerson, data: PersonalData, origin: Origin, entropy: Entropy) -> UnitOfWork[AccountId]:
    """Do what `IdentityRecords.create` does, within a transaction."""
    number = person.identifiers[0].blind_index
    yield BESIDE_IMPORTS
    yield from wait_for_numbers((number,))
    # In one order everywhere, so that two who claim each other's contacts do not wait for one another.
    for each in sorted(person.identifiers, key=lambda identifier: identifier.blind_index):
        yield from _take(each, person.account_id, person.sealed_at)
    yield Run(_INSERT_PERSON, person.person_row())
    yield Run(_INSERT_ACCOUNT, person.account_row())
    yield from look_again(person.person_id, person.sealed_at)
    yield Fill(INSERT_LIKENESSES, likeness_rows(person.person_id, person.likenesses))
    yield Fill(INSERT_WORDS, word_rows(person.person_id, person.words))
    taken = NumberTaken(
        number=number,
        account_id=person.account_id,
        person_id=person.person_id,
        now=person.sealed_at,
        origin=origin,
    )
    yield from give_number(taken, data, entropy)
    return person.account_id


def give_number(taken: NumberTaken, data: PersonalData, entropy: Entropy) -> UnitOfWork[None]:
    """Let count what was kept under a number; the record gets the one that was issued last."""
    newest = yield from count_kept(taken, entropy)
    if newest is not None:
        yield from _renumber_to(newest, taken, data, entropy)


def _renumber_to(newest: NewestNumber, taken: NumberTaken, data: PersonalData, entropy: Entropy) -> UnitOfWork[None]:
    change = data.open_number_change(newest.key, newest.kept_id, newest.sealed)
    event = RegisterEventReceived(
        origin=taken.origin,
        client_id=newest.client_id,
        event_type=RegisterEvent.NUMBER_CHANGED.value,
        event_id=newest.event_id,
        outcome=RegisterOutcome.APPLIED.value,
    )
    row: Row = yield One(_OF_PERSON, {"key": taken.person_id})
    try:
        changed = renumbered(opened_record(data, *row), change)
    except InconsistentRecord:
        changed = None
    holder = yield from holder_of(data.identifier_index(change.personal_number))
    if changed is None or holder != taken.account_id:
        yield Append(replace(event, outcome=RegisterOutcome.CONTRADICTED.value))
    elif (yield from pass_mark(taken.person_id, PERSONAL_NUMBER, newest.event_at, newest.event_id, locks=False)):
        yield from save_record(changed, data, taken.now, event, entropy)


def _take(identifier: Identifier, account_id: AccountId, now: Seconds) -> UnitOfWork[None]:
    if not (yield from take_identifier(identifier.blind_index, account_id, identifier.kind, now)):
        raise AlreadyKnownError(identifier.field)


def save_record(
    record: IdentityRecord, data: PersonalData, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[None]:
    """Do what `IdentityRecords.save` does, within a transaction."""
    change = _Change(record, data.identifier_index(record.personal_number), now, event.origin)
    read = {"person_id": record.person_id, "seal": record.seal}
    yield BESIDE_IMPORTS
    row: Row | None = yield One(_CITIZEN, read)
    if row is None:
        raise RecordChangedError
    key, account_id, *others = row
    before = data.open_record(key, record.person_id, record.seal)
    former = tuple(dict.fromkeys((*before.former_numbers, *record.former_numbers)))
    taken: NumberTaken | None = None
    if before.personal_number != record.personal_number:
        held = dict.fromkeys((*former, before.personal_number))
        former = tuple(number for number in held if number != record.personal_number)
        taken = yield from _take_number(account_id, change)
    after = _stored(record, former)
    update_moment = _moment(data, record.person_id, tuple(others), before, after, now)
    replacement = data.seal_record(key, record.person_id, after)
    replaced: int = yield Run(_REPLACE, {**read, "replacement": replacement, **update_moment})
    if not replaced:
        raise RecordChangedError
    before_and_after = (likeness_indexes(data, each.claims, each.card) for each in (before, record))
    yield from exchange_likenesses(record.person_id, *before_and_after)
    yield from exchange_words(record.person_id, *(word_tokens(data, each.claims) for each in (before, record)))
    yield from look_again(record.person_id, now)
    if before.claims.get("birthdate") != record.claims.get("birthdate"):
        yield Run(LOOK_AT_WARD, {"person": record.person_id, "at": now})
    yield Append(event)
    if taken is not None:
        yield from give_number(taken, data, entropy)


def _moment(
    data: PersonalData, person_id: PersonId, row: Row, before: StoredRecord, after: StoredRecord, now: Seconds
) -> Parameters:
    """Parameters of `UPDATED` for a record in the place of another; the row is what else stands with it."""
    key, sealed, updated_at = row
    told = told_at(updated_at, data.open_erasable(key, person_id, sealed), before, now)
    return kept(told) if is_told_alike(before, after, now) else moved(told, now)


def _take_number(account_id: AccountId | None, change: _Change) -> UnitOfWork[NumberTaken | None]:
    """Let the person sign in with another number, and return it; one that was his or hers before is there already."""
    if account_id is None:
        return None
    yield from wait_for_numbers((change.number,))
    holder = yield from holder_of(change.number)
    if holder == account_id:
        yield Run(_IN_FORCE_AGAIN, {"index": change.number, "now": change.now})
        return None
    yield from _take(Identifier("personal_number", change.number, _NUMBER), account_id, change.now)
    return NumberTaken(
        number=change.number,
        account_id=account_id,
        person_id=change.record.person_id,
        now=change.now,
        origin=change.origin,
    )
