"""Records that age, on SQL: one short row each, so that nobody's record is opened before something of it is due."""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.locks import ageing_records
from idp.adapters.sql.unit_of_work import All, Append, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import PersonId, Seconds
from idp.ports.ageing_records import AgeingRecord

_row = ageing_records.c
_DUE = (
    select(_row.person_id, _row.due_at, _row.seen_at, _row.noticed_for)
    .where(
        _row.due_at <= bindparam("now"),
        _row.due_at >= bindparam("after_at"),
        or_(_row.due_at > bindparam("after_at"), _row.person_id > bindparam("after_person")),
    )
    .order_by(_row.due_at, _row.person_id)
    .limit(bindparam("most"))
)
_AS_FOUND = and_(
    _row.person_id == bindparam("person"),
    _row.due_at == bindparam("found_due"),
    _row.seen_at == bindparam("found_seen"),
)
_MOVE = (
    update(ageing_records)
    .where(_AS_FOUND)
    .values(due_at=bindparam("due"), seen_at=bindparam("seen"), noticed_for=bindparam("noticed"))
)
_FORGET = delete(ageing_records).where(_AS_FOUND)
_LOOK_AGAIN = (
    insert(ageing_records)
    .values(person_id=bindparam("person"), due_at=bindparam("at"), seen_at=bindparam("at"))
    .on_conflict_do_update(index_elements=["person_id"], set_={"due_at": bindparam("at")})
)


class SqlAgeingRecords:
    """Implements `AgeingRecords`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: Seconds, after: AgeingRecord | None, limit: int) -> tuple[AgeingRecord, ...]:
        place = {"after_at": after.due_at if after else -1, "after_person": after.person_id if after else ""}
        return await self._database.run_read(_due({"now": now, "most": limit, **place}))

    async def moved(
        self,
        found: AgeingRecord,
        due_at: Seconds | None,
        noticed_for: Seconds | None,
        now: Seconds,
        events: Sequence[Event],
    ) -> bool:
        where = {"person": found.person_id, "found_due": found.due_at, "found_seen": found.seen_at}
        if due_at is None:
            return await self._database.write(_moved(Run(_FORGET, where), events))
        values = {"due": due_at, "seen": now, "noticed": noticed_for}
        return await self._database.write(_moved(Run(_MOVE, {**where, **values}), events))


def look_again(person_id: PersonId, now: Seconds) -> UnitOfWork[None]:
    """Let a record that is written now be looked at soon."""
    yield Run(_LOOK_AGAIN, {"person": person_id, "at": now})


def _due(parameters: dict[str, object]) -> UnitOfWork[tuple[AgeingRecord, ...]]:
    rows: list[Row] = yield All(_DUE, parameters)
    return tuple(
        AgeingRecord(PersonId(person_id), Seconds(due_at), Seconds(seen_at), noticed_for)
        for person_id, due_at, seen_at, noticed_for in rows
    )


def _moved(request: Run, events: Sequence[Event]) -> UnitOfWork[bool]:
    moved: int = yield request
    for event in events if moved else ():
        yield Append(event)
    return moved > 0
