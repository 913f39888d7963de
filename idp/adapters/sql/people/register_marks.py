"""The moment up to which registers have told of a person or organisation, on one ground: it is passed once."""

from typing import Final

from sqlalchemy import ColumnElement, Table, bindparam, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from idp.adapters.sql.tables.locks import register_marks
from idp.adapters.sql.unit_of_work import One, Row, UnitOfWork

PERSONAL_NUMBER: Final = "personal-number"
"""What stands for a ground where the register issued another personal number: no lock has this one."""


def is_passed(table: Table, told: Insert) -> ColumnElement[bool]:
    """Return the condition that what is told comes after what stands there; its parameter is `locks`.

    A moment is passed once. Of two events at one moment the one that locks counts, whichever comes first.
    """
    stands, new = table.c, told.excluded
    return or_(
        stands.event_at < new.event_at,
        (stands.event_at == new.event_at)
        & (stands.event_id != new.event_id)
        & (bindparam("locks", type_=stands.event_at.type) == 1),
    )


_mark = insert(register_marks)
_PASS = _mark.on_conflict_do_update(
    index_elements=["holder", "ground"],
    set_={"event_at": _mark.excluded.event_at, "event_id": _mark.excluded.event_id},
    where=is_passed(register_marks, _mark),
).returning(register_marks.c.event_at)
_PASSED = select(register_marks.c.event_at).where(
    register_marks.c.holder == bindparam("of_holder"), register_marks.c.ground == bindparam("of_ground")
)

MARKS = select(register_marks.c.ground, register_marks.c.event_at, register_marks.c.event_id).where(
    register_marks.c.holder == bindparam("of_holder")
)
"""Every mark of a person or organisation."""


def pass_mark(holder: str, ground: str, event_at: int, event_id: str, *, locks: bool) -> UnitOfWork[bool]:
    """Keep that the event was had; False when a later one, or this one, was before.

    `event_at` is the register's moment in milliseconds.
    """
    mark = {"holder": holder, "ground": ground, "event_at": event_at, "event_id": event_id, "locks": int(locks)}
    row: Row | None = yield One(_PASS, mark)
    return row is not None


def passed_mark(holder: str, ground: str) -> UnitOfWork[int | None]:
    """Return the moment in milliseconds of the latest event that was had; None when there was none."""
    row: Row | None = yield One(_PASSED, {"of_holder": holder, "of_ground": ground}, alone=True)
    return None if row is None else int(row[0])
