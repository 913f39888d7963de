"""Traces of looks at records on SQL; what they tell of the case lies under the key of the record looked at."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.tables.main import persons
from idp.adapters.sql.tables.people import record_accesses
from idp.adapters.sql.unit_of_work import All, Append, One, Parameters, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.record_access import KEPT, Purpose, RecordAccess, Seen
from idp.ports.vault import Vault

_row = record_accesses.c
_KEY = select(persons.c.record_key).where(persons.c.person_id == bindparam("person"))
_KEEP = insert(record_accesses).on_conflict_do_nothing(index_elements=["access_id"])
_OF_PERSON = (
    select(
        persons.c.record_key,
        _row.access_id,
        _row.officer,
        _row.officer_id,
        _row.agency_code,
        _row.at,
        _row.purpose,
        _row.seen,
        _row.told,
    )
    .join(persons, persons.c.person_id == _row.person_id)
    .where(_row.person_id == bindparam("person"), _row.access_id < bindparam("before"))
    .order_by(_row.access_id.desc())
    .limit(bindparam("most"))
)


class _Told(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed."""

    agency_name: str
    position: str
    reference: str


_told = msgspec.json.Decoder(_Told)
_seen = msgspec.json.Decoder(tuple[Seen, ...])


class SqlRecordAccesses:
    """Implements `RecordAccesses`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def record(self, access: RecordAccess, event: Event) -> None:
        await self.record_all([access], event)

    async def record_all(self, accesses: Sequence[RecordAccess], event: Event) -> None:
        await self._database.write(self._record(accesses, event))

    async def of_person(self, person_id: PersonId, before: str, limit: int) -> tuple[RecordAccess, ...]:
        place = {"person": person_id, "before": before or AFTER_ALL, "most": limit}
        return await self._database.run_read(self._listed(person_id, place))

    def _record(self, accesses: Sequence[RecordAccess], event: Event) -> UnitOfWork[None]:
        kept = 0
        for access in sorted(accesses, key=lambda one: one.access_id):
            row: Row | None = yield One(_KEY, {"person": access.person_id})
            if row is not None:
                kept += yield Run(_KEEP, self._stored(access, row[0]))
        if kept:
            yield Append(event)

    def _stored(self, access: RecordAccess, key: bytes) -> Parameters:
        told = _Told(access.agency_name, access.position, access.reference)
        return {
            "access_id": access.access_id,
            "person_id": access.person_id,
            "officer": access.officer,
            "officer_id": access.officer_id,
            "agency_code": access.agency_code,
            "at": access.at,
            "purpose": access.purpose.value,
            "seen": msgspec.json.encode(access.seen).decode(),
            "told": self._vault.seal(key, _context(access.access_id), msgspec.json.encode(told)),
            "expires_at": access.at + KEPT,
        }

    def _listed(self, person_id: PersonId, place: Parameters) -> UnitOfWork[tuple[RecordAccess, ...]]:
        rows: list[Row] = yield All(_OF_PERSON, place)
        return tuple(self._read(person_id, row) for row in rows)

    def _read(self, person_id: PersonId, row: Row) -> RecordAccess:
        key, access_id, officer, officer_id, agency_code, at, purpose, seen, sealed = row
        told = _told.decode(self._vault.open(key, _context(access_id), sealed))
        return RecordAccess(
            access_id=access_id,
            person_id=person_id,
            officer=AccountId(officer),
            officer_id=officer_id,
            agency_code=agency_code,
            agency_name=told.agency_name,
            position=told.position,
            at=Seconds(at),
            purpose=Purpose(purpose),
            reference=told.reference,
            seen=_seen.decode(seen),
        )


def _context(access_id: str) -> str:
    return f"record_accesses.told:{access_id}"
