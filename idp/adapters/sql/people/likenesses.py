"""What records have in common, as blind indexes: written with each record, whoever writes it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.proofing import person_likenesses
from idp.adapters.sql.unit_of_work import Many, Parameters, UnitOfWork
from idp.domain.ids import PersonId
from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.likeness import likenesses

_row = person_likenesses.c
INSERT_LIKENESSES = insert(person_likenesses)
TAKE_LIKENESSES = insert(person_likenesses).on_conflict_do_nothing(index_elements=["blind_index", "person_id"])
_FORGET = delete(person_likenesses).where(
    _row.blind_index == bindparam("of_index"), _row.person_id == bindparam("of_person")
)


def likeness_indexes(
    data: PersonalData, claims: Mapping[str, Any], card: IdentityCard | None
) -> tuple[tuple[bytes, str], ...]:
    """Return blind index and kind of everything that is compared of one record."""
    return tuple((data.likeness_index(kind.value, value), kind.value) for kind, value in likenesses(claims, card))


def likeness_rows(person_id: PersonId, indexes: Iterable[tuple[bytes, str]]) -> list[Parameters]:
    """Return the rows of one person."""
    return [{"blind_index": index, "person_id": person_id, "kind": kind} for index, kind in indexes]


def exchange_likenesses(
    person_id: PersonId, before: tuple[tuple[bytes, str], ...], after: tuple[tuple[bytes, str], ...]
) -> UnitOfWork[None]:
    """Write what became of a record. Rows that stay are written too: a record from before there were any has none."""
    gone = [index for index, _ in before if index not in {each for each, _ in after}]
    if gone:
        yield Many(_FORGET, [{"of_index": index, "of_person": person_id} for index in gone])
    if after:
        yield Many(TAKE_LIKENESSES, likeness_rows(person_id, after))
