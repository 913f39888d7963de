"""Agencies on SQL. The tree is walked by the parent's code: up a handful of rows, down one level at a time."""

from datetime import date

from sqlalchemy import bindparam, delete, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.main import agencies
from idp.adapters.sql.tables.officers import agency_successors
from idp.adapters.sql.unit_of_work import All, Append, Lock, Many, One, Request, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.offices.agency import Agency, AgencyKind

_row = agencies.c
_COLUMNS = (_row.code, _row.name, _row.kind, _row.parent, _row.valid_from, _row.valid_to)
_GET = select(*_COLUMNS).where(_row.code == bindparam("code"))
_SUCCESSORS = (
    select(agency_successors.c.successor)
    .where(agency_successors.c.code == bindparam("code"))
    .order_by(agency_successors.c.successor)
)
_BELOW = (
    select(*_COLUMNS)
    .where(_row.parent == bindparam("parent"), _row.code > bindparam("after"))
    .order_by(_row.code)
    .limit(bindparam("most"))
)
_TOPMOST = (
    select(*_COLUMNS)
    .where(_row.parent.is_(None), _row.code > bindparam("after"))
    .order_by(_row.code)
    .limit(bindparam("most"))
)
_above = (
    select(_row.code, _row.parent, literal_column("0").label("height"))
    .where(_row.code == bindparam("code"))
    .cte("above", recursive=True)
)
# A circle in the records ends at a height that no tree has.
_above = _above.union_all(
    select(_row.code, _row.parent, _above.c.height + 1).where(_row.code == _above.c.parent, _above.c.height < 20)  # noqa: PLR2004 -- as above
)
_ABOVE = (
    select(*_COLUMNS)
    .join(_above, _above.c.code == _row.code)
    .where(_above.c.height > 0)
    .order_by(_above.c.height.desc())
)
_ADD = upsert(agencies).on_conflict_do_nothing(index_elements=["code"])
_REPLACE = (
    update(agencies)
    .where(_row.code == bindparam("of_code"))
    .values({name: bindparam(f"new_{name}") for name in ("name", "kind", "parent", "valid_from", "valid_to")})
)
_FORGET_SUCCESSORS = delete(agency_successors).where(agency_successors.c.code == bindparam("code"))
_ADD_SUCCESSOR = insert(agency_successors)


class SqlAgencies:
    """Implements `Agencies`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, code: str) -> Agency | None:
        return await self._database.run_read(read_agency(code))

    async def above(self, code: str) -> tuple[Agency, ...]:
        return await self._database.run_read(_listed(All(_ABOVE, {"code": code})))

    async def below(self, code: str | None, after: str, limit: int) -> tuple[Agency, ...]:
        place = {"after": after, "most": limit}
        request = All(_TOPMOST, place) if code is None else All(_BELOW, {**place, "parent": code})
        return await self._database.run_read(_listed(request))

    async def add(self, agency: Agency, event: Event) -> bool:
        return await self._database.write(_add(agency, event))

    async def replace(self, seen: Agency, agency: Agency, event: Event) -> bool:
        return await self._database.write(_replace(seen, agency, event))


def read_agency(code: str) -> UnitOfWork[Agency | None]:
    """Read one agency with its successors."""
    row: Row | None = yield One(_GET, {"code": code})
    if row is None:
        return None
    return _agency(row, (yield from read_successors(code)))


def read_successors(code: str) -> UnitOfWork[tuple[str, ...]]:
    """Read who followed an agency."""
    rows: list[Row] = yield All(_SUCCESSORS, {"code": code})
    return tuple(successor for (successor,) in rows)


def write_successors(code: str, successors: tuple[str, ...]) -> UnitOfWork[None]:
    """Let these agencies, and no others, be the successors of one."""
    yield Run(_FORGET_SUCCESSORS, {"code": code})
    yield Many(_ADD_SUCCESSOR, [{"code": code, "successor": successor} for successor in successors])


def _listed(request: Request) -> UnitOfWork[tuple[Agency, ...]]:
    rows: list[Row] = yield request
    return tuple(_agency(row, ()) for row in rows)


def _add(agency: Agency, event: Event) -> UnitOfWork[bool]:
    if not (yield Run(_ADD, {"code": agency.code, **_values(agency)})):
        return False
    yield from write_successors(agency.code, agency.successors)
    yield Append(event)
    return True


def _replace(seen: Agency, agency: Agency, event: Event) -> UnitOfWork[bool]:
    yield Lock((f"agency:{seen.code}",))
    now = yield from read_agency(seen.code)
    if now != seen:
        return False
    values = {f"new_{name}": value for name, value in _values(agency).items()}
    yield Run(_REPLACE, {"of_code": agency.code, **values})
    yield from write_successors(agency.code, agency.successors)
    yield Append(event)
    return True


def _values(agency: Agency) -> dict[str, object]:
    return {
        "name": agency.name,
        "kind": agency.kind.value,
        "parent": agency.parent,
        "valid_from": agency.valid_from and agency.valid_from.isoformat(),
        "valid_to": agency.valid_to and agency.valid_to.isoformat(),
    }


def _agency(row: Row, successors: tuple[str, ...]) -> Agency:
    code, name, kind, parent, valid_from, valid_to = row
    return Agency(
        code=code,
        name=name,
        kind=AgencyKind(kind),
        parent=parent,
        valid_from=valid_from and date.fromisoformat(valid_from),
        valid_to=valid_to and date.fromisoformat(valid_to),
        successors=successors,
    )
