"""Guardianships on SQL. What the guardian says of the ward is sealed under the key of the guardian's record."""

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, insert, or_, select, update

from idp.adapters.sql.authority.authority_rows import GUARDIANSHIP, read_guardianship
from idp.adapters.sql.authority.principal_grants import end_grants_of_person, with_notified
from idp.adapters.sql.database import Database
from idp.adapters.sql.people.identity_records import create_record
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.people.sealed_people import PeopleSealer, SealedPerson
from idp.adapters.sql.single_requests import every_row
from idp.adapters.sql.tables.authority import guardianships
from idp.adapters.sql.tables.main import accounts, persons
from idp.adapters.sql.unit_of_work import All, Append, One, Parameters, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.events import Event
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.people.identity_record import NewPerson
from idp.domain.representation.guardianship import Guardianship, GuardianshipEnd, day_of_birth
from idp.ports.authorities import WardDetails, Wardship
from idp.ports.clock import Clock, Entropy
from idp.ports.vault import Vault

_row = guardianships.c
_ID = _row.guardianship_id == bindparam("guardianship_id")
_ward = persons.alias("ward_person")

_KEY = select(persons.c.record_key).where(persons.c.person_id == bindparam("person_id"))
_ADD = insert(guardianships)
_SELECT = select(
    *GUARDIANSHIP,
    _row.due_at,
    _row.details,
    persons.c.record_key,
    persons.c.record,
    accounts.c.account_id,
    _ward.c.record_key.label("ward_key"),
    _ward.c.record.label("ward_record"),
).select_from(
    guardianships.join(persons, persons.c.person_id == _row.guardian)
    .join(accounts, (accounts.c.person_id == _row.guardian) & (accounts.c.kind == AccountKind.CITIZEN.value))
    .outerjoin(_ward, _ward.c.person_id == _row.ward)
)
_GET = _SELECT.where(_ID)
_OF_PERSON = _SELECT.where(or_(_row.guardian == bindparam("person_id"), _row.ward == bindparam("person_id"))).order_by(
    _row.guardianship_id.desc()
)
_page = (
    _SELECT.where(_row.guardianship_id > bindparam("after")).order_by(_row.guardianship_id).limit(bindparam("at_most"))
)
_WAITING = _page.where(_row.ended_at.is_(None), _row.confirmed_at.is_(None))
_IN_FORCE = _page.where(_row.ended_at.is_(None), _row.confirmed_at.is_not(None))
_DUE = (
    _SELECT.where(
        _row.confirmed_at.is_not(None),
        _row.due_at <= bindparam("now"),
        _row.due_at >= bindparam("after_at"),
        or_(_row.due_at > bindparam("after_at"), _row.guardianship_id > bindparam("after")),
    )
    .order_by(_row.due_at, _row.guardianship_id)
    .limit(bindparam("at_most"))
)
_LOOKED_AT = update(guardianships).where(_ID, _row.due_at == bindparam("found_due")).values(due_at=bindparam("due"))
_CONFIRM = (
    update(guardianships)
    .where(_ID, _row.confirmed_at.is_(None), _row.ended_at.is_(None))
    .values(confirmed_at=bindparam("now"), ward=bindparam("confirmed_ward"))
)
_REVIEWED = update(guardianships).where(_ID, _row.reviewed_age < bindparam("age")).values(reviewed_age=bindparam("age"))
_END = (
    update(guardianships)
    .where(_ID, _row.ended_at.is_(None))
    .values(ended_at=bindparam("now"), ended_because=bindparam("end"))
    .returning(*GUARDIANSHIP)
)

_details = msgspec.json.Decoder(WardDetails)


class SqlGuardianships:
    """Implements `Guardianships`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._vault = vault
        self._data = PersonalData(vault)
        self._entropy = entropy
        self._sealer = PeopleSealer(vault, clock, entropy)

    async def ask(self, guardianship: Guardianship, details: WardDetails, event: Event) -> None:
        await self._database.write(self._ask(guardianship, details), [event])

    async def get(self, guardianship_id: str) -> Wardship | None:
        rows = await self._database.run_read(every_row(All(_GET, {"guardianship_id": guardianship_id})))
        return next((self._open(row) for row in rows), None)

    async def of_person(self, person_id: PersonId) -> tuple[Wardship, ...]:
        rows = await self._database.run_read(every_row(All(_OF_PERSON, {"person_id": person_id})))
        return tuple(self._open(row) for row in rows)

    async def listed(self, *, waiting: bool, after: str, limit: int) -> tuple[Wardship, ...]:
        return await self._page(_WAITING if waiting else _IN_FORCE, {"after": after, "at_most": limit})

    async def due(self, now: Seconds, after: Wardship | None, limit: int) -> tuple[Wardship, ...]:
        place = (-1, "") if after is None else (after.due_at, after.guardianship.guardianship_id)
        return await self._page(_DUE, {"now": now, "after_at": place[0], "after": place[1], "at_most": limit})

    async def looked_at(self, found: Wardship, due_at: Seconds | None) -> None:
        values = {"guardianship_id": found.guardianship.guardianship_id, "found_due": found.due_at, "due": due_at}
        await self._database.write(_looked_at(values))

    async def confirm(self, guardianship_id: str, ward: PersonId, now: Seconds, event: Event) -> bool:
        values = {"guardianship_id": guardianship_id, "confirmed_ward": ward, "now": now}
        return await self._database.write(_changed(Run(_CONFIRM, values), event))

    async def confirm_unknown(
        self, guardianship_id: str, ward: NewPerson, now: Seconds, registered: Event, confirmed: Event
    ) -> bool:
        sealed = self._sealer.seal_new(ward)
        values = {"guardianship_id": guardianship_id, "confirmed_ward": sealed.person_id, "now": now}
        return await self._database.write(self._confirm_unknown(sealed, Run(_CONFIRM, values), registered, confirmed))

    def _confirm_unknown(
        self, ward: SealedPerson, request: Run, registered: Event, confirmed: Event
    ) -> UnitOfWork[bool]:
        # A request that was decided or withdrawn meanwhile leaves nobody behind.
        if not (yield from _changed(request, confirmed)):
            return False
        yield from create_record(ward, self._data, registered.origin, self._entropy)
        yield Append(registered)
        return True

    async def reviewed(self, guardianship_id: str, age: int, event: Event) -> bool:
        values = {"guardianship_id": guardianship_id, "age": age}
        return await self._database.write(_changed(Run(_REVIEWED, values), event))

    async def end(
        self, guardianship_id: str, end: GuardianshipEnd, now: Seconds, event: Event
    ) -> tuple[ClientId, ...] | None:
        return await self._database.write(_end(guardianship_id, end, now, event, self._entropy))

    async def _page(self, statement: Select[Any], parameters: Parameters) -> tuple[Wardship, ...]:
        rows = await self._database.run_read(every_row(All(statement, parameters)))
        return tuple(self._open(row) for row in rows)

    def _ask(self, guardianship: Guardianship, details: WardDetails) -> UnitOfWork[None]:
        row: Row = yield One(_KEY, {"person_id": guardianship.guardian})
        plain = msgspec.json.encode(details)
        yield Run(
            _ADD,
            {
                "guardianship_id": guardianship.guardianship_id,
                "kind": guardianship.kind.value,
                "guardian": guardianship.guardian,
                "details": self._vault.seal(row[0], _context(guardianship.guardianship_id), plain),
                "asked_at": guardianship.asked_at,
                "ward": None,
                "confirmed_at": None,
                "ended_at": None,
                "ended_because": None,
                "reviewed_age": 0,
                "due_at": 0,
            },
        )

    def _open(self, row: Row) -> Wardship:
        *columns, due_at, sealed, key, record, account_id, ward_key, ward_record = row
        found = read_guardianship(tuple(columns))
        guardian = self._data.open_record(key, found.guardian, record)
        details = _details.decode(self._vault.open(key, _context(found.guardianship_id), sealed))
        return Wardship(
            guardianship=found,
            guardian_name=str(guardian.claims.get("name", "")),
            details=details,
            birthdate=self._birthdate(found.ward, ward_key, ward_record),
            guardian_account=AccountId(account_id),
            due_at=due_at,
        )

    def _birthdate(self, ward: PersonId | None, key: bytes | None, record: bytes | None) -> date | None:
        if ward is None or key is None or record is None:
            return None
        return day_of_birth(self._data.open_record(key, ward, record).claims.get("birthdate"))


def _context(guardianship_id: str) -> str:
    return f"guardianships.details:{guardianship_id}"


def _end(
    guardianship_id: str, end: GuardianshipEnd, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...] | None]:
    row: Row | None = yield One(_END, {"guardianship_id": guardianship_id, "end": end.value, "now": now})
    if row is None:
        return None
    ended = read_guardianship(row)
    told = yield from end_grants_of_person(ended.guardian, ended.principal, None, now, event.origin, entropy)
    yield Append(with_notified(event, len(told)))
    return told


def _looked_at(parameters: Parameters) -> UnitOfWork[None]:
    yield Run(_LOOKED_AT, parameters, alone=True)


def _changed(request: Run, event: Event) -> UnitOfWork[bool]:
    if not (yield request):
        return False
    yield Append(event)
    return True
