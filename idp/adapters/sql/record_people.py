"""Loading people: new ones are collected and inserted together, known ones are compared by what they decrypt to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, bindparam, insert, select, update

from idp.adapters.sql.personal_data import Erasable, IdentityRecord, PersonalData, split_record
from idp.adapters.sql.record_credentials import credentials_changed, new_totp
from idp.adapters.sql.record_tally import (
    INSERT_IDENTIFIER,
    Tally,
    exchange_identifier,
    holder_of,
    identifier_row,
    taken,
)
from idp.adapters.sql.tables import accounts, authenticators, identifiers, persons
from idp.adapters.sql.unit_of_work import Many, One, Parameters, Row, Run, UnitOfWork
from idp.domain.account import AccountKind, AccountStatus, AuthenticatorKind
from idp.domain.email_address import EmailAddress, comparable_email_address
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.records import PersonRecord
from idp.domain.sign_in_identifier import IdentifierKind
from idp.ports.clock import Entropy

_KNOWN = (
    select(
        accounts.c.account_id,
        accounts.c.person_id,
        persons.c.record_key,
        persons.c.record,
        persons.c.erasable_key,
        persons.c.erasable,
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
    .where(identifiers.c.blind_index == bindparam("blind_index"))
)
_INSERT_PERSON = insert(persons)
_INSERT_ACCOUNT = insert(accounts)
_INSERT_AUTHENTICATOR = insert(authenticators)
_UPDATE_PERSON = (
    update(persons)
    .where(persons.c.person_id == bindparam("person_id"))
    .values(record=bindparam("record"), erasable_key=bindparam("erasable_key"), erasable=bindparam("erasable"))
)
_UPDATE_LOCALE = (
    update(accounts).where(accounts.c.account_id == bindparam("account_id")).values(locale=bindparam("locale"))
)


@dataclass(slots=True)
class _NewRows:
    """Rows of one batch, inserted together. `indexes` are the identifiers that they bring."""

    persons: list[Parameters] = field(default_factory=list)
    accounts: list[Parameters] = field(default_factory=list)
    identifiers: list[Parameters] = field(default_factory=list)
    authenticators: list[Parameters] = field(default_factory=list)
    indexes: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Known:
    """A person as stored."""

    account_id: AccountId
    person_id: PersonId
    record_key: bytes
    record: bytes
    erasable_key: bytes | None
    erasable: bytes | None
    password_hash: str | None
    totp_secret: bytes | None


class PeopleLoader:
    """Loads people's records within a transaction, at the moment `now`."""

    def __init__(self, data: PersonalData, entropy: Entropy, now: Seconds) -> None:
        self._data = data
        self._entropy = entropy
        self._now = now

    def load(self, people: Sequence[PersonRecord], tally: Tally) -> UnitOfWork[None]:
        """Load every record. Raises `RecordConflictError` naming the first that contradicts what is stored."""
        rows = _NewRows()
        for position, person in enumerate(people):
            index = self._data.identifier_index(person.personal_number)
            row: Row | None = yield One(_KNOWN, {"blind_index": index})
            path = f"people[{position}]"
            if row is not None:
                tally.count(changed=(yield from self._change(person, _Known(*row), path)))
            else:
                yield from self._create(person, index, rows, path)
                tally.created += 1
        yield Many(_INSERT_PERSON, rows.persons)
        yield Many(_INSERT_ACCOUNT, rows.accounts)
        yield Many(INSERT_IDENTIFIER, rows.identifiers)
        yield Many(_INSERT_AUTHENTICATOR, rows.authenticators)

    def _create(self, person: PersonRecord, index: bytes, rows: _NewRows, path: str) -> UnitOfWork[None]:
        person_id, account_id = PersonId(self._entropy.identifier()), AccountId(self._entropy.identifier())
        record_key, erasable_key = self._data.new_key(), self._data.new_key()
        record, erasable = split_record(person)
        rows.persons.append(
            {
                "person_id": person_id,
                "record_key": record_key,
                "record": self._data.seal_record(record_key, person_id, record),
                "erasable_key": erasable_key,
                "erasable": self._data.seal_erasable(erasable_key, person_id, erasable),
                "created_at": self._now,
            }
        )
        rows.accounts.append(
            new_account(account_id, person_id, AccountKind.CITIZEN, person.password_hash, self._now)
            | {"locale": person.claims.get("locale")}
        )
        found = [(index, IdentifierKind.PERSONAL_NUMBER.value, "personal_number"), *self._contact_indexes(erasable)]
        for blind_index, kind, name in found:
            held = blind_index in rows.indexes or (yield from holder_of(blind_index)) is not None
            if held:
                raise taken(f"{path}.{name}")
            rows.indexes.add(blind_index)
            rows.identifiers.append(identifier_row(blind_index, account_id, kind, self._now))
        if person.totp_secret is not None:
            sealed = self._data.seal_secret(erasable_key, account_id, person.totp_secret)
            rows.authenticators.append(new_totp(self._entropy.identifier(), account_id, sealed, self._now))

    def _change(self, person: PersonRecord, known: _Known, path: str) -> UnitOfWork[bool]:
        """Bring a known person to what the record says; whether anything was different."""
        record, erasable = split_record(person)
        old_record = self._data.open_record(known.record_key, known.person_id, known.record)
        old_erasable = self._data.open_erasable(known.erasable_key, known.person_id, known.erasable)
        key = known.erasable_key or self._data.new_key()
        # Without its row the new key of an erased person would be lost, and what is sealed under it.
        changed = known.erasable_key is None or (record, erasable) != (old_record, old_erasable)
        if changed:
            yield from self._rewrite(known, key, record, erasable)
            yield from self._exchange_contacts(known.account_id, old_erasable, erasable, path)
        return (
            yield from credentials_changed(
                self._data,
                known.account_id,
                key,
                stored=(known.password_hash, known.totp_secret if known.erasable_key else None),
                wanted=(person.password_hash, person.totp_secret),
                new_id=self._entropy.identifier(),
                now=self._now,
            )
        ) or changed

    def _rewrite(self, known: _Known, key: bytes, record: IdentityRecord, erasable: Erasable) -> UnitOfWork[None]:
        yield Run(
            _UPDATE_PERSON,
            {
                "person_id": known.person_id,
                "record": self._data.seal_record(known.record_key, known.person_id, record),
                "erasable_key": key,
                "erasable": self._data.seal_erasable(key, known.person_id, erasable),
            },
        )
        yield Run(_UPDATE_LOCALE, {"account_id": known.account_id, "locale": erasable.claims.get("locale")})

    def _exchange_contacts(
        self, account_id: AccountId, before: Erasable, after: Erasable, path: str
    ) -> UnitOfWork[None]:
        old = {kind: index for index, kind, _ in self._contact_indexes(before)}
        new = {kind: index for index, kind, _ in self._contact_indexes(after)}
        for kind, name in ((IdentifierKind.EMAIL.value, "email"), (IdentifierKind.PHONE_NUMBER.value, "phone_number")):
            yield from exchange_identifier(account_id, kind, old.get(kind), new.get(kind), f"{path}.{name}", self._now)

    def _contact_indexes(self, erasable: Erasable) -> list[tuple[bytes, str, str]]:
        """Blind index, kind and field name of each contact; an address is found however it is spelled."""
        found = []
        if erasable.email is not None:
            canonical = comparable_email_address(EmailAddress(erasable.email))
            found.append((self._data.identifier_index(canonical), IdentifierKind.EMAIL.value, "email"))
        if erasable.phone_number is not None:
            index = self._data.identifier_index(erasable.phone_number)
            found.append((index, IdentifierKind.PHONE_NUMBER.value, "phone_number"))
        return found


def new_account(
    account_id: AccountId, person_id: PersonId, kind: AccountKind, password_hash: str | None, now: Seconds
) -> dict[str, object]:
    """The row of a new account."""
    return {
        "account_id": account_id,
        "person_id": person_id,
        "kind": kind.value,
        "status": AccountStatus.ACTIVE.value,
        "sessions_valid_from": 0,
        "password_hash": password_hash,
        "always_ask": 0,
        "locale": None,
        "created_at": now,
    }
