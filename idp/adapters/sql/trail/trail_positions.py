"""How far each reader of the audit trail came; the position moves in the transaction that stores what was read."""

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.tables.assurance import audit_readers
from idp.adapters.sql.unit_of_work import One, Row, Run, UnitOfWork

_row = audit_readers.c
_POSITION = select(_row.sequence).where(_row.reader == bindparam("reader"), _row.stream == bindparam("stream"))
_BEGIN = insert(audit_readers).on_conflict_do_nothing(index_elements=["reader", "stream"])
_MOVE = (
    update(audit_readers)
    .where(
        _row.reader == bindparam("of_reader"), _row.stream == bindparam("of_stream"), _row.sequence == bindparam("seen")
    )
    .values(sequence=bindparam("reached"))
)


def trail_position(reader: str, stream: str) -> UnitOfWork[int]:
    """The sequence of the last record of `stream` that was read; 0 before the first."""
    row: Row | None = yield One(_POSITION, {"reader": reader, "stream": stream})
    return 0 if row is None else int(row[0])


def move_on(reader: str, stream: str, seen: int, reached: int) -> UnitOfWork[bool]:
    """Move from `seen` to `reached`; False when the position is elsewhere: somebody else reads."""
    if seen:
        moving = {"of_reader": reader, "of_stream": stream, "seen": seen, "reached": reached}
        moved: int = yield Run(_MOVE, moving)
    else:
        moved = yield Run(_BEGIN, {"reader": reader, "stream": stream, "sequence": reached})
    return moved > 0
