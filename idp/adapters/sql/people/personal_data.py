"""What is encrypted of a person, in two parts under two keys: the record that the law keeps, and what may be erased."""

from typing import Any, Final

import msgspec

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.ageing import Proof
from idp.domain.people.identity_record import RECORD_CLAIMS, AttributeFacts, IdentityCard
from idp.domain.people.number_change import NumberChange
from idp.domain.people.predicates import RESIDENCE
from idp.domain.records import UPDATED_AT, PersonRecord
from idp.ports.vault import Vault


class StoredRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """Kept as the law says: what is stored of an `IdentityRecord`."""

    personal_number: str
    identity_level: int
    claims: dict[str, Any]
    verification: dict[str, Any] | None = None
    former_numbers: tuple[str, ...] = ()
    level_expires_at: Seconds | None = None
    attributes: dict[str, AttributeFacts] = {}
    card: IdentityCard | None = None

    def proof(self) -> Proof:
        """The parts that age."""
        return Proof(self.identity_level, self.level_expires_at, self.attributes, self.card)


class Erasable(msgspec.Struct, frozen=True, omit_defaults=True):
    """Contacts and preferences."""

    email: str | None = None
    phone_number: str | None = None
    claims: dict[str, Any] = {}

    def contacts(self) -> tuple[Contact, ...]:
        """Contacts, e-mail first; what is stored is verified."""
        found = []
        if self.email is not None:
            found.append(Contact(ContactKind.EMAIL, self.email))
        if self.phone_number is not None:
            found.append(Contact(ContactKind.PHONE, self.phone_number))
        return tuple(found)

    def all_claims(self) -> dict[str, Any]:
        """The standard claims in this part (OpenID Connect Core section 5.1)."""
        told = dict(self.claims)
        if self.email is not None:
            told |= {"email": self.email, "email_verified": True}
        if self.phone_number is not None:
            told |= {"phone_number": self.phone_number, "phone_number_verified": True}
        return told


_TOKEN_SIZE: Final = 16
_identity_record = msgspec.json.Decoder(StoredRecord)
_erasable = msgspec.json.Decoder(Erasable)
_number_change = msgspec.json.Decoder(NumberChange)


def split_record(person: PersonRecord) -> tuple[StoredRecord, Erasable]:
    """The two parts of a person's record; when it changed last is a column of its own."""
    kept = {name: value for name, value in person.claims.items() if name in RECORD_CLAIMS}
    own = {name: value for name, value in person.claims.items() if name not in RECORD_CLAIMS | {UPDATED_AT}}
    return (
        StoredRecord(person.personal_number, person.level, kept, person.verification),
        Erasable(person.email, person.phone_number, own),
    )


def with_untold(told: StoredRecord, known: StoredRecord) -> StoredRecord:
    """What a file tells of a person who is known, with everything that files do not tell.

    A file tells who somebody is and may leave out where he or she lives. Facts stay with the attributes that stay; what
    proved less does not speak for a higher level.
    """
    replaced = RECORD_CLAIMS - {RESIDENCE} | told.claims.keys()
    claims = told.claims | {name: value for name, value in known.claims.items() if name not in replaced}
    is_same = {**{name: claims.get(name) == value for name, value in known.claims.items()}, "personal_number": True}
    verification = told.verification
    if verification is None and told.identity_level <= known.identity_level:
        verification = known.verification
    return StoredRecord(
        # A number that was given up still finds the person, who keeps the one in force.
        personal_number=known.personal_number,
        identity_level=told.identity_level,
        claims=claims,
        verification=verification,
        former_numbers=known.former_numbers,
        level_expires_at=known.level_expires_at if told.identity_level == known.identity_level else None,
        attributes={name: facts for name, facts in known.attributes.items() if is_same.get(name)},
        card=known.card,
    )


class PersonalData:
    """Seals and opens the encrypted columns; each value is bound to its column and row."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def new_key(self) -> bytes:
        """A fresh wrapped key."""
        return self._vault.new_key()

    def identifier_index(self, canonical: str) -> bytes:
        """What stands for a canonical sign-in identifier in the unique index across all kinds."""
        return self._vault.blind_index("identifier", canonical)

    def likeness_index(self, kind: str, value: str) -> bytes:
        """What stands for something that two records of one human have in common."""
        return self._vault.blind_index(f"likeness.{kind}", value)

    def search_token(self, kind: str, value: str) -> bytes:
        """What stands for a word of a name or a time of birth: sixteen bytes, since many people share each."""
        return self._vault.blind_index(f"people.{kind}", value)[:_TOKEN_SIZE]

    def seal_record(self, key: bytes, person_id: PersonId, record: StoredRecord) -> bytes:
        return self._vault.seal(key, f"persons.record:{person_id}", msgspec.json.encode(record))

    def open_record(self, key: bytes, person_id: PersonId, sealed: bytes) -> StoredRecord:
        return _identity_record.decode(self._vault.open(key, f"persons.record:{person_id}", sealed))

    def seal_erasable(self, key: bytes, person_id: PersonId, erasable: Erasable) -> bytes:
        return self._vault.seal(key, f"persons.erasable:{person_id}", msgspec.json.encode(erasable))

    def open_erasable(self, key: bytes | None, person_id: PersonId, sealed: bytes | None) -> Erasable:
        """What may be erased; nothing once the key was destroyed."""
        if key is None or sealed is None:
            return Erasable()
        return _erasable.decode(self._vault.open(key, f"persons.erasable:{person_id}", sealed))

    def seal_number_change(self, key: bytes, kept_id: str, change: NumberChange) -> bytes:
        return self._vault.seal(key, f"kept_number_changes.change:{kept_id}", msgspec.json.encode(change))

    def open_number_change(self, key: bytes, kept_id: str, sealed: bytes) -> NumberChange:
        return _number_change.decode(self._vault.open(key, f"kept_number_changes.change:{kept_id}", sealed))

    def seal_secret(self, key: bytes, account_id: AccountId, secret: str) -> bytes:
        return self._vault.seal(key, f"authenticators.secret:{account_id}", secret.encode())

    def open_secret(self, key: bytes | None, account_id: AccountId, sealed: bytes | None) -> str:
        """An authenticator's secret; empty once the key was destroyed, or when it has none."""
        if key is None or sealed is None:
            return ""
        return self._vault.open(key, f"authenticators.secret:{account_id}", sealed).decode()

    def seal_name(self, key: bytes, account_id: AccountId, name: str) -> bytes:
        """What a person calls an authenticator: a name of the own, of somebody else, of a place."""
        return self._vault.seal(key, f"authenticators.name:{account_id}", name.encode())

    def open_name(self, key: bytes | None, account_id: AccountId, sealed: bytes | None) -> str:
        """The name; empty where there is none, or once the key was destroyed."""
        if key is None or sealed is None:
            return ""
        return self._vault.open(key, f"authenticators.name:{account_id}", sealed).decode()

    def seal_officer(self, key: bytes, account_id: AccountId, column: str, text: str) -> bytes:
        return self._vault.seal(key, f"officers.{column}:{account_id}", text.encode())

    def open_officer(self, key: bytes, account_id: AccountId, column: str, sealed: bytes) -> str:
        return self._vault.open(key, f"officers.{column}:{account_id}", sealed).decode()
