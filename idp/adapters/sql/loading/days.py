"""Loading days that are not what their weekday says: compared with what is stored, written where different."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.loading.tally import Tally
from idp.adapters.sql.tables.locks import special_days
from idp.adapters.sql.unit_of_work import All, One, Row, Run, UnitOfWork
from idp.domain.working_days import SpecialDay, special_day

_row = special_days.c
_COLUMNS = (_row.day, _row.works, _row.name)
_FIND = select(*_COLUMNS).where(_row.day == bindparam("day"))
_ALL = select(*_COLUMNS).order_by(_row.day)
_new_day = insert(special_days)
_KEEP = _new_day.on_conflict_do_update(
    index_elements=["day"], set_={"works": _new_day.excluded.works, "name": _new_day.excluded.name}
)


def load_special_days(records: Sequence[SpecialDay], tally: Tally) -> UnitOfWork[None]:
    """Load days; what was known of one is replaced."""
    for record in records:
        wanted = {"day": record.day.isoformat(), "works": int(record.works), "name": record.name}
        row: Row | None = yield One(_FIND, {"day": wanted["day"]})
        changed = row is None or tuple(row) != tuple(wanted.values())
        if changed:
            yield Run(_KEEP, wanted)
        if row is None:
            tally.created += 1
        else:
            tally.count(changed=changed)


def all_special_days() -> UnitOfWork[tuple[SpecialDay, ...]]:
    """Return every day that was loaded, in order."""
    rows: list[Row] = yield All(_ALL, {})
    return tuple(special_day(day, name, works=bool(works)) for day, works, name in rows)
