"""Loading people: a batch is looked up at once and its new people are inserted at once.

Known people are compared by what they decrypt to.
"""

from collections.abc import Sequence
from dataclasses import field
from typing import TypeAlias

from sqlalchemy import and_, bindparam, insert, select, update

from idp.adapters.sql.authority.birthdates import LOOK_AT_WARD
from idp.adapters.sql.loading.credentials import Credentials
from idp.adapters.sql.loading.holders import Holders
from idp.adapters.sql.loading.tally import Tally
from idp.adapters.sql.look_up import is_one_of_the_keys, portions
from idp.adapters.sql.people.identity_records import give_number
from idp.adapters.sql.people.kept_for_numbers import NumberTaken, awaited_numbers
from idp.adapters.sql.people.likenesses import INSERT_LIKENESSES, exchange_likenesses, likeness_indexes, likeness_rows
from idp.adapters.sql.people.name_words import INSERT_WORDS, exchange_words, word_rows, word_tokens
from idp.adapters.sql.people.personal_data import Erasable, PersonalData, StoredRecord, split_record, with_untold
from idp.adapters.sql.people.sealed_people import SealedPerson, contact_identifiers
from idp.adapters.sql.people.updates import UPDATED, is_told_alike, kept, moved, told_at, without_moment
from idp.adapters.sql.tables.main import accounts, authenticators, identifiers, persons
from idp.adapters.sql.unit_of_work import All, Fill, Many, Parameters, Row, UnitOfWork
from idp.domain.accounts.account import AuthenticatorKind
from idp.domain.events import Origin
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.records import UPDATED_AT
from idp.domain.values import dataclass
from idp.ports.clock import Entropy

_KNOWN = (
    select(
        identifiers.c.blind_index,
        accounts.c.account_id,
        accounts.c.person_id,
        persons.c.record_key,
        persons.c.record,
        persons.c.erasable_key,
        persons.c.erasable,
        persons.c.updated_at,
        accounts.c.password_hash,
        authenticators.c.secret,
    )
    .select_from(
        identifiers.join(accounts, accounts.c.account_id == identifiers.c.account_id)
        .join(persons, persons.c.person_id == accounts.c.person_id)
        .outerjoin(
            authenticators,
            and_(
                authenticators.c.account_id == accounts.c.account_id,
                authenticators.c.kind == AuthenticatorKind.ONE_TIME_CODE.value,
            ),
        )
    )
    .where(is_one_of_the_keys(identifiers.c.blind_index))
)
_INSERT_PERSON = insert(persons)
_INSERT_ACCOUNT = insert(accounts)
_INSERT_AUTHENTICATOR = insert(authenticators)
_UPDATE_PERSON = (
    update(persons)
    .where(persons.c.person_id == bindparam("person_id"))
    .values(
        record=bindparam("record"),
        erasable_key=bindparam("erasable_key"),
        erasable=bindparam("erasable"),
        updated_at=UPDATED,
    )
)
_UPDATE_LOCALE = (
    update(accounts).where(accounts.c.account_id == bindparam("account_id")).values(locale=bindparam("locale"))
)


_Exchanged: TypeAlias = tuple[PersonId, tuple[tuple[bytes, str], ...], tuple[tuple[bytes, str], ...]]
"""A person, and what stood for the record before and after."""
_Renamed: TypeAlias = tuple[PersonId, tuple[bytes, ...], tuple[bytes, ...]]
"""The same of the words that the person is found by."""


@dataclass(slots=True)
class _Rows:
    """What a batch inserts and updates, each table at once."""

    persons: list[Parameters] = field(default_factory=list)
    accounts: list[Parameters] = field(default_factory=list)
    authenticators: list[Parameters] = field(default_factory=list)
    rewritten: list[Parameters] = field(default_factory=list)
    locales: list[Parameters] = field(default_factory=list)
    likenesses: list[Parameters] = field(default_factory=list)
    exchanged: list[_Exchanged] = field(default_factory=list)
    words: list[Parameters] = field(default_factory=list)
    renamed: list[_Renamed] = field(default_factory=list)
    other_birthdates: list[Parameters] = field(default_factory=list)

    def add(self, person: SealedPerson) -> None:
        """Insert a new person."""
        self.persons.append(person.person_row())
        self.accounts.append(person.account_row())
        if (authenticator := person.authenticator_row()) is not None:
            self.authenticators.append(authenticator)
        self.likenesses += likeness_rows(person.person_id, person.likenesses)
        self.words += word_rows(person.person_id, person.words)

    def exchange(self, data: PersonalData, person_id: PersonId, before: StoredRecord, after: StoredRecord) -> None:
        """Let a known person be found by what the record became."""
        old, new = (likeness_indexes(data, each.claims, each.card) for each in (before, after))
        self.exchanged.append((person_id, old, new))
        old_words, new_words = (word_tokens(data, each.claims) for each in (before, after))
        self.renamed.append((person_id, old_words, new_words))

    def write(self) -> UnitOfWork[None]:
        """Write everything but identifiers and changed credentials."""
        yield Fill(_INSERT_PERSON, self.persons)
        yield Fill(_INSERT_ACCOUNT, self.accounts)
        yield Fill(_INSERT_AUTHENTICATOR, self.authenticators)
        yield Many(_UPDATE_PERSON, self.rewritten)
        yield Many(_UPDATE_LOCALE, self.locales)
        yield Fill(INSERT_LIKENESSES, self.likenesses)
        yield Fill(INSERT_WORDS, self.words)
        for person_id, before, after in self.exchanged:
            yield from exchange_likenesses(person_id, before, after)
        for person_id, old, new in self.renamed:
            yield from exchange_words(person_id, old, new)
        yield Many(LOOK_AT_WARD, self.other_birthdates)


@dataclass(frozen=True, slots=True)
class _Known:
    """A person as stored."""

    account_id: AccountId
    person_id: PersonId
    record_key: bytes
    record: bytes
    erasable_key: bytes | None
    erasable: bytes | None
    updated_at: int | None
    password_hash: str | None
    totp_secret: bytes | None


class PeopleLoader:
    """Loads one batch of people within a transaction, at the moment `now`."""

    def __init__(self, data: PersonalData, entropy: Entropy, now: Seconds, origin: Origin) -> None:
        self._data = data
        self._entropy = entropy
        self._now = now
        self._origin = origin
        self._rows = _Rows()
        self._holders = Holders(now)
        self._credentials = Credentials(data, entropy, now, origin)

    def load(self, people: Sequence[SealedPerson], tally: Tally) -> UnitOfWork[None]:
        """Load every record. Raises `RecordConflictError` naming the first that contradicts what is stored."""
        yield from self._holders.look_up({each.blind_index for person in people for each in person.identifiers})
        numbers = {person.identifiers[0].blind_index for person in people}
        known = yield from _known([index for index in numbers if self._holders.held(index)])
        awaited = yield from awaited_numbers([index for index in numbers if not self._holders.held(index)])
        for position, person in enumerate(people):
            path = f"people[{position}]"
            stored = known.get(person.identifiers[0].blind_index)
            if stored is not None:
                tally.count(changed=self._change(person, stored, path))
                continue
            for identifier in person.identifiers:
                self._holders.take(identifier, person.account_id, path)
            self._rows.add(person)
            tally.created += 1
        yield from self._rows.write()
        yield from self._holders.write()
        yield from self._credentials.write()
        for person in people:
            if person.identifiers[0].blind_index in awaited:
                yield from self._count_kept(person)

    def _count_kept(self, person: SealedPerson) -> UnitOfWork[None]:
        """Let what registers told under the number of somebody new count, as long as it is awaited."""
        taken = NumberTaken(
            number=person.identifiers[0].blind_index,
            account_id=person.account_id,
            person_id=person.person_id,
            now=self._now,
            origin=self._origin,
        )
        yield from give_number(taken, self._data, self._entropy)

    def _change(self, person: SealedPerson, known: _Known, path: str) -> bool:
        """Bring a known person to what the record says; whether anything was different."""
        if known.erasable_key is None:
            return False  # The account was closed for good: what was erased then comes back with no file.
        wanted = person.told()
        told, erasable = split_record(wanted)
        old_record = self._data.open_record(known.record_key, known.person_id, known.record)
        record = with_untold(told, old_record)
        old_erasable = self._data.open_erasable(known.erasable_key, known.person_id, known.erasable)
        before = told_at(known.updated_at, old_erasable, old_record, self._now)
        is_same = without_moment(old_erasable) == erasable and is_told_alike(old_record, record, self._now)
        moment = self._moment(before, wanted.claims.get(UPDATED_AT), is_same=is_same)
        changed = not is_same or record != old_record or moment["updated"] != before
        if changed:
            self._rewrite(known, known.erasable_key, record, erasable, moment)
            self._rows.exchange(self._data, known.person_id, old_record, record)
            if old_record.claims.get("birthdate") != record.claims.get("birthdate"):
                self._rows.other_birthdates.append({"person": known.person_id, "at": self._now})
            self._exchange_contacts(known.account_id, old_erasable, person, path)
        return (
            self._credentials.change(
                known.account_id,
                known.erasable_key,
                stored=(known.password_hash, known.totp_secret),
                wanted=(wanted.password_hash, wanted.totp_secret),
            )
            or changed
        )

    def _moment(self, before: Seconds | None, by_the_file: int | None, *, is_same: bool) -> Parameters:
        """When what services are told changed last, which a file may say too; never earlier than it was."""
        if by_the_file is not None and by_the_file > max(before or 0, 0 if is_same else self._now):
            return kept(by_the_file)
        return kept(before) if is_same else moved(before, self._now)

    def _rewrite(self, known: _Known, key: bytes, record: StoredRecord, erasable: Erasable, moment: Parameters) -> None:
        self._rows.rewritten.append(
            {
                "person_id": known.person_id,
                "record": self._data.seal_record(known.record_key, known.person_id, record),
                "erasable_key": key,
                "erasable": self._data.seal_erasable(key, known.person_id, erasable),
                **moment,
            }
        )
        self._rows.locales.append({"account_id": known.account_id, "locale": erasable.claims.get("locale")})

    def _exchange_contacts(self, account_id: AccountId, before: Erasable, after: SealedPerson, path: str) -> None:
        """Let the account sign in with its new contacts; those that stay are left alone."""
        old = {each.blind_index for each in contact_identifiers(self._data, before)}
        new = after.identifiers[1:]
        for index in old - {each.blind_index for each in new}:
            self._holders.release(index)
        for each in new:
            if each.blind_index not in old:
                self._holders.take(each, account_id, path)


def _known(numbers: Sequence[bytes]) -> UnitOfWork[dict[bytes, _Known]]:
    """Everybody who is stored, by the blind index of the personal number."""
    found: dict[bytes, _Known] = {}
    for keys in portions(sorted(numbers)):
        rows: list[Row] = yield All(_KNOWN, keys)
        found |= {index: _Known(*row) for index, *row in rows}
    return found
