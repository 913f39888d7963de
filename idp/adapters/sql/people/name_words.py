"""What people are found by, as blind tokens: written with each record, whoever writes it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.people import name_words
from idp.adapters.sql.unit_of_work import Many, Parameters, UnitOfWork
from idp.domain.ids import PersonId
from idp.domain.people.people_search import record_terms

INSERT_WORDS = plain_insert(name_words)
TAKE_WORDS = insert(name_words).on_conflict_do_nothing(index_elements=["token", "person_id"])
_FORGET = delete(name_words).where(
    name_words.c.token == bindparam("of_token"), name_words.c.person_id == bindparam("of_person")
)


def word_tokens(data: PersonalData, claims: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Return the tokens of everything that a record is found by."""
    return tuple(data.search_token(kind.value, value) for kind, value in record_terms(claims))


def word_rows(person_id: PersonId, tokens: Iterable[bytes]) -> list[Parameters]:
    """Return the rows of one person."""
    return [{"token": token, "person_id": person_id} for token in tokens]


def exchange_words(person_id: PersonId, before: tuple[bytes, ...], after: tuple[bytes, ...]) -> UnitOfWork[None]:
    """Write what became of a record. Tokens that stay are written too: a record from before there were any has none."""
    gone = [token for token in before if token not in set(after)]
    if gone:
        yield Many(_FORGET, [{"of_token": token, "of_person": person_id} for token in gone])
    if after:
        yield Many(TAKE_WORDS, word_rows(person_id, after))
