"""People for a large database: each has name, birth and address of one of some thousand people of `idp demo-data`.

Everything else is his or her own: number, contacts, identifiers, keys, and what is sealed under them by the product's
vault. Everybody has the same password.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec
from argon2.low_level import Type, hash_secret

from bench.installation import PASSWORD, PORTAL, settings_in_force
from idp.adapters.crypto.keystore import open_keystore
from idp.adapters.crypto.system import SystemClock, SystemEntropy
from idp.adapters.importing.json_lines import Lines, read_people
from idp.adapters.sql.clients.grant_rows import grant_values
from idp.adapters.sql.loading.credentials import new_totp
from idp.adapters.sql.loading.tally import identifier_row
from idp.adapters.sql.people.name_words import word_tokens
from idp.adapters.sql.people.personal_data import Erasable, PersonalData, StoredRecord, split_record
from idp.adapters.sql.people.sealed_people import contact_identifiers, new_account
from idp.adapters.sql.unit_of_work import Parameters
from idp.cli.sample_people import sample_lines
from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.grants.grant import Grant, grant_identifier
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds, SessionId
from idp.domain.records import PersonRecord
from idp.settings import load_settings

CHEAP_ARGON2: Final = "m=8,t=1,p=1"
"""The least that may be set: what is measured is everything around the hash."""

Rows = Mapping[str, list[Parameters]]
"""What one person has in each table that is written person by person."""

MODELS: Final = 2_500
_SEED: Final = 1
_DRAWN: Final = 6_000
_GRANTED_FOR: Final = 90 * 24 * 3600
_OF_EACH_GRANT: Final = frozenset({"grant_id", "session_id", "account_id", "family_hash", "turn_hash"})
_SCOPES: Final = ("openid", "profile", "email", "offline_access")


@dataclass(frozen=True, slots=True)
class _Model:
    """Whom people are made after, and what all of them share."""

    record: StoredRecord
    erasable: Erasable
    totp_secret: str | None
    words: tuple[bytes, ...]


@cache
def models() -> tuple[PersonRecord, ...]:
    """Return grown-up people with an e-mail address, no two of whom begin their numbers alike; always the same."""
    lines = tuple(sample_lines(_DRAWN, _SEED))
    found: dict[str, PersonRecord] = {}
    for person in read_people("sample people", Lines(1, lines)).records:
        if person.password_hash is not None and person.email is not None:
            found.setdefault(person.personal_number[:6], person)
    return tuple(found.values())[:MODELS]


def double_number(position: int) -> str:
    """Return the personal number of one of the people: place, century, sex and year of the model, and what is left."""
    return f"{models()[position % MODELS].personal_number[:6]}{position // MODELS:06}"


class Doubles:
    """Makes people with what the environment's provider seals with."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        with settings_in_force(environment):
            self._data = PersonalData(open_keystore(load_settings(), SystemClock()).vault())
        self._entropy = SystemEntropy()
        self._now = SystemClock().now()
        self._password_hash = hash_secret(
            PASSWORD.encode(), secrets.token_bytes(16), time_cost=1, memory_cost=8, parallelism=1, hash_len=32,
            type=Type.ID,
        ).decode("ascii")  # fmt: skip
        self._models = tuple(self._model(person) for person in models())

    def make(self, position: int) -> Rows:
        """Return the rows of one of the people."""
        model, number = self._models[position % MODELS], double_number(position)
        person_id, account_id = PersonId(self._entropy.identifier()), AccountId(self._entropy.identifier())
        record_key, erasable_key = self._data.new_key(), self._data.new_key()
        record = msgspec.structs.replace(model.record, personal_number=number)
        erasable = msgspec.structs.replace(
            model.erasable, email=f"p{number}@people.example", phone_number=f"+849{position:08}"
        )
        return {
            "persons": [
                {
                    "person_id": person_id,
                    "record_key": record_key,
                    "record": self._data.seal_record(record_key, person_id, record),
                    "erasable_key": erasable_key,
                    "erasable": self._data.seal_erasable(erasable_key, person_id, erasable),
                    "created_at": self._now,
                }
            ],
            "accounts": [new_account(account_id, person_id, AccountKind.CITIZEN, self._password_hash, self._now)],
            "authenticators": self._authenticators(model, account_id, erasable_key),
            "identifiers": self._identifiers(account_id, number, erasable),
        }

    def words(self) -> Iterator[tuple[int, bytes]]:
        """Yield what people are found by, for each of the models by its place."""
        for place, model in enumerate(self._models):
            for token in model.words:
                yield place, token

    def grant(self) -> tuple[str, Parameters]:
        """Return what a living grant's identifier begins with, and what is the same in everybody's grant."""
        ends = Seconds(self._now + _GRANTED_FOR)
        grant = Grant(
            grant_identifier("", ends), ClientId(PORTAL[0]), AccountId(""), SessionId(""), _SCOPES, self._now, ends,
            self._now, "urn:vn:loa:1", ("pwd",), offline=True,
        )  # fmt: skip
        values = {**grant_values(grant), "started_at": self._now}
        return grant.grant_id, {name: value for name, value in values.items() if name not in _OF_EACH_GRANT}

    def _model(self, person: PersonRecord) -> _Model:
        record, erasable = split_record(person)
        return _Model(record, erasable, person.totp_secret, word_tokens(self._data, record.claims))

    def _authenticators(self, model: _Model, account_id: AccountId, key: bytes) -> list[Parameters]:
        if model.totp_secret is None:
            return []
        secret = self._data.seal_secret(key, account_id, model.totp_secret)
        return [new_totp(self._entropy.identifier(), account_id, secret, self._now)]

    def _identifiers(self, account_id: AccountId, number: str, erasable: Erasable) -> list[Parameters]:
        index = self._data.identifier_index(number)
        kind = IdentifierKind.PERSONAL_NUMBER.value
        return [
            identifier_row(index, account_id, kind, self._now),
            *(
                identifier_row(each.blind_index, account_id, each.kind, self._now)
                for each in contact_identifiers(self._data, erasable)
            ),
        ]
