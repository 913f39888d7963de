"""People's records made ready for the store: keys chosen, everything sealed, before any transaction begins.

This is most of the work of loading and needs no database, so that other processes can do it while one batch is written.
"""

from collections.abc import Callable, Sequence

import msgspec

from idp.adapters.sql.loading.credentials import new_totp
from idp.adapters.sql.people.likenesses import likeness_indexes
from idp.adapters.sql.people.name_words import word_tokens
from idp.adapters.sql.people.personal_data import Erasable, PersonalData, StoredRecord, split_record
from idp.adapters.sql.unit_of_work import Parameters
from idp.domain.accounts.account import AccountKind, AccountStatus
from idp.domain.accounts.email_address import EmailAddress, comparable_email_address
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.identity_record import NewPerson
from idp.domain.records import UPDATED_AT, PersonRecord
from idp.ports.clock import Clock, Entropy
from idp.ports.vault import Vault

_encoder = msgspec.msgpack.Encoder()
_record = msgspec.msgpack.Decoder(PersonRecord)


class Identifier(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What signs somebody in: the name of its field, its blind index and its kind."""

    field: str
    blind_index: bytes
    kind: str


class SealedSecret(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A one-time-code authenticator."""

    authenticator_id: str
    secret: bytes


class SealedPerson(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One record, and what is stored of it when the person is new; the personal number is the first identifier.

    `encoded` is the record itself, for a person who turns out to be known: few are, so it is decoded only then.
    """

    encoded: bytes
    person_id: PersonId
    account_id: AccountId
    identifiers: tuple[Identifier, ...]
    record_key: bytes
    record: bytes
    erasable_key: bytes
    erasable: bytes
    password_hash: str | None
    locale: str | None
    totp: SealedSecret | None
    sealed_at: Seconds
    likenesses: tuple[tuple[bytes, str], ...]
    words: tuple[bytes, ...]
    updated_at: Seconds

    def told(self) -> PersonRecord:
        """What the file says."""
        return _record.decode(self.encoded)

    def person_row(self) -> Parameters:
        """The row of a new person."""
        return {
            "person_id": self.person_id,
            "record_key": self.record_key,
            "record": self.record,
            "erasable_key": self.erasable_key,
            "erasable": self.erasable,
            "created_at": self.sealed_at,
            "updated_at": self.updated_at,
        }

    def account_row(self) -> Parameters:
        """The row of a new person's account."""
        row = new_account(self.account_id, self.person_id, AccountKind.CITIZEN, self.password_hash, self.sealed_at)
        row["locale"] = self.locale
        return row

    def authenticator_row(self) -> Parameters | None:
        """The row of a new person's one-time-code authenticator."""
        if self.totp is None:
            return None
        return new_totp(self.totp.authenticator_id, self.account_id, self.totp.secret, self.sealed_at)


_people = msgspec.msgpack.Decoder(list[SealedPerson])


class SealedPeople:
    """Implements `PreparedPeople`; travels in one piece."""

    __slots__ = ("people",)

    def __init__(self, people: Sequence[SealedPerson]) -> None:
        self.people = people

    def __len__(self) -> int:
        return len(self.people)

    def __reduce__(self) -> tuple[Callable[[bytes], "SealedPeople"], tuple[bytes]]:
        """Let it travel as bytes: thousands of small objects would take ten times as long."""
        return _arrived, (_encoder.encode(self.people),)

    def before(self, position: int) -> "SealedPeople":
        return SealedPeople(self.people[:position])


def _arrived(encoded: bytes) -> SealedPeople:
    return SealedPeople(_people.decode(encoded))


class PeopleSealer:
    """Implements `PeoplePreparer`; holds nothing that a database is needed for."""

    def __init__(self, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy

    def prepare(self, people: Sequence[PersonRecord]) -> SealedPeople:
        now = self._clock.now()
        return SealedPeople([self._seal(person, split_record(person)[0], now) for person in people])

    def seal_new(self, person: NewPerson) -> SealedPerson:
        """One person who comes with facts and a card."""
        record = StoredRecord(
            personal_number=person.personal_number,
            identity_level=person.identity_level,
            claims=dict(person.claims),
            verification=None if person.verification is None else dict(person.verification),
            level_expires_at=person.level_expires_at,
            attributes=dict(person.attributes),
            card=person.card,
        )
        told = PersonRecord(
            person.personal_number,
            dict(person.own_claims),
            email=person.email,
            phone_number=person.phone_number,
            password_hash=person.password_hash,
        )
        return self._seal(told, record, self._clock.now())

    def _seal(self, person: PersonRecord, record: StoredRecord, now: Seconds) -> SealedPerson:
        person_id, account_id = PersonId(self._entropy.identifier()), AccountId(self._entropy.identifier())
        record_key, erasable_key = self._data.new_key(), self._data.new_key()
        _, erasable = split_record(person)
        totp = None
        if person.totp_secret is not None:
            sealed = self._data.seal_secret(erasable_key, account_id, person.totp_secret)
            totp = SealedSecret(self._entropy.identifier(), sealed)
        index = self._data.identifier_index(person.personal_number)
        number = Identifier("personal_number", index, IdentifierKind.PERSONAL_NUMBER.value)
        return SealedPerson(
            encoded=_encoder.encode(person),
            person_id=person_id,
            account_id=account_id,
            identifiers=(number, *contact_identifiers(self._data, erasable)),
            record_key=record_key,
            record=self._data.seal_record(record_key, person_id, record),
            erasable_key=erasable_key,
            erasable=self._data.seal_erasable(erasable_key, person_id, erasable),
            password_hash=person.password_hash,
            locale=person.claims.get("locale"),
            totp=totp,
            sealed_at=now,
            likenesses=likeness_indexes(self._data, record.claims, record.card),
            words=word_tokens(self._data, record.claims),
            updated_at=person.claims.get(UPDATED_AT, now),
        )


def contact_identifiers(data: PersonalData, erasable: Erasable) -> list[Identifier]:
    """What the contacts sign in with; an address is found however it is spelled."""
    found = []
    if erasable.email is not None:
        canonical = comparable_email_address(EmailAddress(erasable.email))
        found.append(Identifier("email", data.identifier_index(canonical), IdentifierKind.EMAIL.value))
    if erasable.phone_number is not None:
        index = data.identifier_index(erasable.phone_number)
        found.append(Identifier("phone_number", index, IdentifierKind.PHONE_NUMBER.value))
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
        "idle_from": None,
        "idle_notices": 0,
    }
