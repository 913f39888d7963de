"""Organisations and their legal representatives, on SQL."""

from sqlalchemy import bindparam, select

from idp.adapters.sql.authority.authorities import ORGANISATION, read_organisation
from idp.adapters.sql.database import Database
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import organisation_representatives, organisations, persons
from idp.adapters.sql.unit_of_work import All, One, Row, UnitOfWork
from idp.domain.ids import PersonId
from idp.domain.representation.authority import Organisation
from idp.ports.authorities import Representatives
from idp.ports.vault import Vault

_GET = select(*ORGANISATION).where(organisations.c.tax_code == bindparam("tax_code"))
_OF_PERSON = (
    select(*ORGANISATION)
    .join(organisation_representatives, organisation_representatives.c.tax_code == organisations.c.tax_code)
    .where(organisation_representatives.c.person_id == bindparam("person_id"))
    .order_by(organisations.c.tax_code)
)
_PEOPLE = (
    select(persons.c.person_id, persons.c.record_key, persons.c.record)
    .join(organisation_representatives, organisation_representatives.c.person_id == persons.c.person_id)
    .where(organisation_representatives.c.tax_code == bindparam("tax_code"))
    .order_by(persons.c.person_id)
)
_PAGE = (
    select(*ORGANISATION)
    .where(organisations.c.tax_code > bindparam("after"))
    .order_by(organisations.c.tax_code)
    .limit(bindparam("at_most"))
)


class SqlOrganisations:
    """Implements `Organisations`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._data = PersonalData(vault)

    async def get(self, tax_code: str) -> Representatives | None:
        return await self._database.run_read(self._get(tax_code))

    async def represented_by(self, person_id: PersonId) -> tuple[Representatives, ...]:
        return await self._database.run_read(self._represented_by(person_id))

    async def listed(self, *, after: str, limit: int) -> tuple[Organisation, ...]:
        return await self._database.run_read(_listed(after, limit))

    def _get(self, tax_code: str) -> UnitOfWork[Representatives | None]:
        row: Row | None = yield One(_GET, {"tax_code": tax_code})
        return None if row is None else (yield from self._with_people(read_organisation(row)))

    def _represented_by(self, person_id: PersonId) -> UnitOfWork[tuple[Representatives, ...]]:
        rows: list[Row] = yield All(_OF_PERSON, {"person_id": person_id})
        found: tuple[Representatives, ...] = ()
        for row in rows:
            found = (*found, (yield from self._with_people(read_organisation(row))))
        return found

    def _with_people(self, organisation: Organisation) -> UnitOfWork[Representatives]:
        rows: list[Row] = yield All(_PEOPLE, {"tax_code": organisation.tax_code})
        people = {}
        for person_id, key, sealed in rows:
            record = self._data.open_record(key, person_id, sealed)
            people[PersonId(person_id)] = str(record.claims.get("name", ""))
        return Representatives(organisation, people)


def _listed(after: str, limit: int) -> UnitOfWork[tuple[Organisation, ...]]:
    rows: list[Row] = yield All(_PAGE, {"after": after, "at_most": limit})
    return tuple(read_organisation(row) for row in rows)
