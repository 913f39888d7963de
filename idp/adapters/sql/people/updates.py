"""`updated_at` (OpenID Connect Core section 5.1): when what services are told of a person changed last.

It moves with every change of a claim, by a second at least, and never back. What time does to a proof counts from the
moment when it ended; ages, which are worked out anew each time, do not count.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, case, func

from idp.adapters.sql.people.personal_data import Erasable, StoredRecord
from idp.adapters.sql.tables.main import Number, persons
from idp.adapters.sql.unit_of_work import Parameters
from idp.domain.ids import Seconds
from idp.domain.people.ageing import asserted, fell_at
from idp.domain.records import UPDATED_AT

_at = bindparam("updated", type_=Number)

UPDATED: Final[ColumnElement[Any]] = case(
    (persons.c.updated_at >= _at, persons.c.updated_at + bindparam("step", type_=Number)),
    else_=func.coalesce(_at, persons.c.updated_at),
)
"""The column after a change; its parameters are those of `moved` or `kept`. Of two changes at once both count."""


def told_at(stored: int | None, erasable: Erasable, record: StoredRecord, now: Seconds) -> Seconds | None:
    """When what is told changed last, None when that is not known; `stored` is the column."""
    # Files told it before there was the column.
    by_a_file = erasable.claims.get(UPDATED_AT)
    known = [at for at in (stored, by_a_file, fell_at(record.proof(), now)) if at is not None]
    return Seconds(max(known)) if known else None


def moved(before: int | None, now: Seconds) -> Parameters:
    """Parameters of `UPDATED` when what is told changes at `now`."""
    return {"updated": now if before is None else max(now, before + 1), "step": 1}


def kept(before: int | None) -> Parameters:
    """Parameters of `UPDATED` when something else changes."""
    return {"updated": before, "step": 0}


def is_told_alike(before: StoredRecord, after: StoredRecord, now: Seconds) -> bool:
    """Whether services are told the same by two records at a moment."""
    return _told(before, now) == _told(after, now)


def without_moment(erasable: Erasable) -> Erasable:
    """What may be erased, without the moment that files told before there was the column."""
    claims = {name: value for name, value in erasable.claims.items() if name != UPDATED_AT}
    return Erasable(erasable.email, erasable.phone_number, claims)


def _told(record: StoredRecord, now: Seconds) -> tuple[object, ...]:
    level, ended = asserted(record.proof(), now)
    return record.personal_number, level, ended, record.claims, record.verification if level else None
