"""Mandates on SQL. Each step changes a row only where that step is still to be made."""

from sqlalchemy import bindparam, insert, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.authority.authority_rows import MANDATE, mandate_values, read_mandate
from idp.adapters.sql.authority.principal_grants import end_grants_of_person, with_notified
from idp.adapters.sql.database import Database
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.authority import mandate_consents, mandates
from idp.adapters.sql.tables.main import organisation_representatives, organisations, persons
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import ClientId, PersonId, Seconds
from idp.domain.representation.mandate import Mandate, MandateEnd
from idp.domain.representation.principal import PrincipalKind
from idp.ports.authorities import Parties
from idp.ports.clock import Entropy
from idp.ports.vault import Vault

_row = mandates.c
_ID = _row.mandate_id == bindparam("mandate_id")
_ORGANISATION = PrincipalKind.ORGANISATION.value

_ADD = insert(mandates)
_GET = select(*MANDATE).where(_ID)
_represents = select(organisation_representatives.c.tax_code).where(
    organisation_representatives.c.person_id == bindparam("person_id")
)
_OF_PERSON = (
    select(*MANDATE)
    .where(
        or_(
            _row.holder == bindparam("person_id"),
            (_row.giver == bindparam("person_id")) & (_row.giver_kind == PrincipalKind.PERSON.value),
            (_row.giver_kind == _ORGANISATION) & _row.giver.in_(_represents),
        )
    )
    .order_by(_row.mandate_id.desc())
    .limit(literal_column("200"))
)
_OF_ORGANISATION = (
    select(*MANDATE)
    .where(_row.giver_kind == _ORGANISATION, _row.giver == bindparam("tax_code"))
    .order_by(_row.mandate_id.desc())
    .limit(literal_column("200"))
)
_NAME_OF_ORGANISATION = select(organisations.c.name).where(organisations.c.tax_code == bindparam("tax_code"))
_PERSON = select(persons.c.record_key, persons.c.record).where(persons.c.person_id == bindparam("person_id"))
_CONSENTED = select(mandate_consents.c.person_id).where(mandate_consents.c.mandate_id == bindparam("mandate_id"))
_REPRESENTATIVES = select(organisation_representatives.c.person_id).where(
    organisation_representatives.c.tax_code == bindparam("tax_code")
)
_OPEN = (_ID, _row.ended_at.is_(None), _row.valid_to > bindparam("now"))
_ACCEPT = (
    update(mandates)
    .where(*_OPEN, _row.holder == bindparam("person_id"), _row.accepted_at.is_(None))
    .values(accepted_at=bindparam("now"))
)
_TO_CONSENT = select(_row.giver, _row.created_by).where(
    *_OPEN, _row.giver_kind == _ORGANISATION, _row.agreed_at.is_(None)
)
_CONSENT = upsert(mandate_consents).on_conflict_do_nothing(index_elements=["mandate_id", "person_id"])
_AGREE = update(mandates).where(_ID, _row.agreed_at.is_(None)).values(agreed_at=bindparam("now"))
_END = (
    update(mandates)
    .where(_ID, _row.ended_at.is_(None))
    .values(ended_at=bindparam("now"), ended_because=bindparam("end"))
    .returning(*MANDATE)
)
_EXPIRED = (
    select(_row.mandate_id)
    .where(_row.ended_at.is_(None), _row.valid_to <= bindparam("now"))
    .order_by(_row.valid_to)
    .limit(bindparam("at_most"))
)


class SqlMandates:
    """Implements `Mandates`."""

    def __init__(self, database: Database, vault: Vault, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._entropy = entropy

    async def propose(self, mandate: Mandate, event: Event) -> None:
        await self._database.write(_propose(mandate, event))

    async def get(self, mandate_id: str) -> Parties | None:
        return await self._database.run_read(self._get(mandate_id))

    async def of_person(self, person_id: PersonId) -> tuple[Parties, ...]:
        return await self._database.run_read(self._listed(All(_OF_PERSON, {"person_id": person_id})))

    async def of_organisation(self, tax_code: str) -> tuple[Parties, ...]:
        return await self._database.run_read(self._listed(All(_OF_ORGANISATION, {"tax_code": tax_code})))

    async def accept(self, mandate_id: str, holder: PersonId, now: Seconds, event: Event) -> bool:
        values = {"mandate_id": mandate_id, "person_id": holder, "now": now}
        return await self._database.write(_accept(values, event))

    async def consent(self, mandate_id: str, representative: PersonId, now: Seconds, event: Event) -> bool:
        return await self._database.write(_consent(mandate_id, representative, now, event))

    async def end(self, mandate_id: str, end: MandateEnd, now: Seconds, event: Event) -> tuple[ClientId, ...] | None:
        return await self._database.write(_end(mandate_id, end, now, event, self._entropy))

    async def expired(self, now: Seconds, limit: int) -> tuple[str, ...]:
        return await self._database.run_read(_expired(now, limit))

    def _get(self, mandate_id: str) -> UnitOfWork[Parties | None]:
        row: Row | None = yield One(_GET, {"mandate_id": mandate_id})
        return None if row is None else (yield from self._parties(read_mandate(row)))

    def _listed(self, request: All) -> UnitOfWork[tuple[Parties, ...]]:
        rows: list[Row] = yield request
        found: tuple[Parties, ...] = ()
        for row in rows:
            found = (*found, (yield from self._parties(read_mandate(row))))
        return found

    def _parties(self, mandate: Mandate) -> UnitOfWork[Parties]:
        holder = yield from self._name(mandate.holder)
        if mandate.giver_kind is PrincipalKind.PERSON:
            return Parties(mandate, (yield from self._name(mandate.giver)), holder)
        row: Row | None = yield One(_NAME_OF_ORGANISATION, {"tax_code": mandate.giver})
        consented: list[Row] = yield All(_CONSENTED, {"mandate_id": mandate.mandate_id})
        needed = yield from _others(mandate.giver, mandate.created_by)
        return Parties(
            mandate, "" if row is None else row[0], holder, frozenset(PersonId(each) for (each,) in consented), needed
        )

    def _name(self, person_id: str) -> UnitOfWork[str]:
        row: Row | None = yield One(_PERSON, {"person_id": person_id})
        if row is None:
            return ""
        return str(self._data.open_record(row[0], PersonId(person_id), row[1]).claims.get("name", ""))


def _propose(mandate: Mandate, event: Event) -> UnitOfWork[None]:
    values = mandate_values(mandate)
    if mandate.giver_kind is PrincipalKind.ORGANISATION:
        needed = yield from _others(mandate.giver, mandate.created_by)
        values["agreed_at"] = None if needed else mandate.created_at
    yield Run(_ADD, values)
    yield Append(event)


def _accept(values: dict[str, object], event: Event) -> UnitOfWork[bool]:
    if not (yield Run(_ACCEPT, values)):
        return False
    yield Append(event)
    return True


def _consent(mandate_id: str, representative: PersonId, now: Seconds, event: Event) -> UnitOfWork[bool]:
    key = {"mandate_id": mandate_id}
    # Two who consent at once would each miss the other's word otherwise, and nobody's would be the last.
    yield Lock((f"mandate {mandate_id}",))
    row: Row | None = yield One(_TO_CONSENT, {**key, "now": now})
    if row is None:
        return False
    giver, created_by = row
    needed = yield from _others(giver, created_by)
    if representative not in needed:
        return False
    if not (yield Run(_CONSENT, {**key, "person_id": representative, "consented_at": now})):
        return False
    rows: list[Row] = yield All(_CONSENTED, key)
    if needed <= {person_id for (person_id,) in rows}:
        yield Run(_AGREE, {**key, "now": now})
    yield Append(event)
    return True


def _end(
    mandate_id: str, end: MandateEnd, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...] | None]:
    row: Row | None = yield One(_END, {"mandate_id": mandate_id, "end": end.value, "now": now})
    if row is None:
        return None
    mandate = read_mandate(row)
    told = yield from end_grants_of_person(
        mandate.holder, mandate.principal, mandate.services, now, event.origin, entropy
    )
    yield Append(with_notified(event, len(told)))
    return told


def _others(tax_code: str, created_by: str) -> UnitOfWork[frozenset[PersonId]]:
    """The legal representatives besides the one who acts."""
    rows: list[Row] = yield All(_REPRESENTATIVES, {"tax_code": tax_code})
    return frozenset(PersonId(person_id) for (person_id,) in rows if person_id != created_by)


def _expired(now: Seconds, limit: int) -> UnitOfWork[tuple[str, ...]]:
    rows: list[Row] = yield All(_EXPIRED, {"now": now, "at_most": limit})
    return tuple(mandate_id for (mandate_id,) in rows)
