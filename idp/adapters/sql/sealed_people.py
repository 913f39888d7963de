"""People's records made ready for the store: keys chosen, everything sealed, before any transaction begins.

This is most of the work of loading and needs no database, so that other processes can do it while one batch is written.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from idp.adapters.sql.personal_data import Erasable, PersonalData, split_record
from idp.adapters.sql.record_credentials import new_totp
from idp.adapters.sql.unit_of_work import Parameters
from idp.domain.account import AccountKind, AccountStatus
from idp.domain.email_address import EmailAddress, comparable_email_address
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.records import PersonRecord
from idp.domain.sign_in_identifier import IdentifierKind
from idp.ports.clock import Clock, Entropy
from idp.ports.vault import Vault

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(PersonRecord)


class Identifier(NamedTuple):
    """What signs somebody in: the name of its field, its blind index and its kind."""

    field: str
    blind_index: bytes
    kind: str


class SealedPerson(NamedTuple):
    """One record, and the rows that it becomes when the person is new.

    The personal number is the first identifier. `encoded` is the record itself, for a person who turns out to be known:
    few are, so it is decoded only then.
    """

    encoded: bytes
    account_id: AccountId
    identifiers: tuple[Identifier, ...]
    person: Parameters
    account: Parameters
    authenticator: Parameters | None

    def record(self) -> PersonRecord:
        """What the file says."""
        return _decoder.decode(self.encoded)


class SealedPeople:
    """Implements `PreparedPeople`."""

    __slots__ = ("people",)

    def __init__(self, people: Sequence[SealedPerson]) -> None:
        self.people = people

    def __len__(self) -> int:
        return len(self.people)

    def before(self, position: int) -> "SealedPeople":
        return SealedPeople(self.people[:position])


class PeopleSealer:
    """Implements `PeoplePreparer`; holds nothing that a database is needed for."""

    def __init__(self, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy

    def prepare(self, people: Sequence[PersonRecord]) -> SealedPeople:
        now = self._clock.now()
        return SealedPeople([self._seal(person, now) for person in people])

    def _seal(self, person: PersonRecord, now: Seconds) -> SealedPerson:
        person_id, account_id = PersonId(self._entropy.identifier()), AccountId(self._entropy.identifier())
        record_key, erasable_key = self._data.new_key(), self._data.new_key()
        record, erasable = split_record(person)
        row = {
            "person_id": person_id,
            "record_key": record_key,
            "record": self._data.seal_record(record_key, person_id, record),
            "erasable_key": erasable_key,
            "erasable": self._data.seal_erasable(erasable_key, person_id, erasable),
            "created_at": now,
        }
        account = new_account(account_id, person_id, AccountKind.CITIZEN, person.password_hash, now)
        account["locale"] = person.claims.get("locale")
        index = self._data.identifier_index(person.personal_number)
        number = Identifier("personal_number", index, IdentifierKind.PERSONAL_NUMBER.value)
        totp = None
        if person.totp_secret is not None:
            sealed = self._data.seal_secret(erasable_key, account_id, person.totp_secret)
            totp = new_totp(self._entropy.identifier(), account_id, sealed, now)
        identifiers = (number, *contact_identifiers(self._data, erasable))
        return SealedPerson(_encoder.encode(person), account_id, identifiers, row, account, totp)


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
