"""Operators' records on SQL: each file or batch is one transaction, and loading it again changes nothing."""

from collections.abc import AsyncIterator

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.authority.principal_grants import end_grants_of_person
from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.days import load_special_days
from idp.adapters.sql.loading.export import export_records
from idp.adapters.sql.loading.officers import OfficerLoader
from idp.adapters.sql.loading.people import PeopleLoader
from idp.adapters.sql.loading.policies import load_policies
from idp.adapters.sql.loading.registers import (
    Leave,
    load_agencies,
    load_clients,
    load_organisations,
    load_resources,
)
from idp.adapters.sql.loading.tally import IMPORTING, Tally, holder_of
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.people.sealed_people import PeopleSealer, SealedPeople
from idp.adapters.sql.tables.operation import import_marks
from idp.adapters.sql.unit_of_work import One, Row, Run, UnitOfWork
from idp.domain.events import Event, Origin
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.records import Loaded, Records
from idp.domain.representation.principal import Principal, PrincipalKind
from idp.ports.clock import Clock, Entropy
from idp.ports.records import PreparedPeople
from idp.ports.vault import Vault
from idp.protocol.clients.client_secrets import ClientSecrets

_MARK = select(import_marks.c.line).where(import_marks.c.source == bindparam("source"))
_new_mark = insert(import_marks)
_SET_MARK = _new_mark.on_conflict_do_update(index_elements=["source"], set_={"line": _new_mark.excluded.line})


class SqlRecordStore:
    """Implements `RecordStore`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy
        self._sealer = PeopleSealer(vault, clock, entropy)
        self._secrets = ClientSecrets(vault)

    async def load(self, records: Records, event: Event) -> Loaded:
        return await self._database.write(self._load(records, self._clock.now(), event.origin), [event])

    async def load_people(self, batch: PreparedPeople, source: str, line: int, event: Event) -> Loaded:
        if not isinstance(batch, SealedPeople):
            raise TypeError("the batch was prepared for another store")
        return await self._database.write(
            self._load_batch(batch, (source, line), self._clock.now(), event.origin), [event]
        )

    async def mark(self, source: str) -> int:
        return await self._database.run_read(_mark(source))

    def export(self) -> AsyncIterator[Records]:
        return export_records(self._database, self._data, self._clock.now())

    async def account_of(self, identifier: str) -> AccountId | None:
        return await self._database.run_read(holder_of(self._data.identifier_index(identifier)))

    def _leaving(self, now: Seconds, origin: Origin) -> Leave:
        """What follows for a representative who is one no longer: grants for the organisation end, services hear."""

        def leave(tax_code: str, person_id: PersonId) -> UnitOfWork[object]:
            principal = Principal(PrincipalKind.ORGANISATION, tax_code)
            return end_grants_of_person(person_id, principal, None, now, origin, self._entropy)

        return leave

    def _load(self, records: Records, now: Seconds, origin: Origin) -> UnitOfWork[Loaded]:
        """Load what others refer to first."""
        tally = Tally()
        yield IMPORTING
        yield from load_agencies(records.agencies, tally)
        people = self._sealer.prepare(records.people).people
        yield from PeopleLoader(self._data, self._entropy, now, origin).load(people, tally)
        yield from OfficerLoader(self._data, self._entropy, now, origin).load(records.officers, tally)
        yield from load_organisations(records.organisations, self._data, tally, self._leaving(now, origin))
        yield from load_resources(records.resources, tally)
        yield from load_clients(records.clients, dict(records.signing_secrets), self._secrets, tally)
        yield from load_policies(records.policies, now, origin, tally)
        yield from load_special_days(records.special_days, tally)
        return tally.total()

    def _load_batch(
        self, batch: SealedPeople, mark: tuple[str, int], now: Seconds, origin: Origin
    ) -> UnitOfWork[Loaded]:
        tally = Tally()
        yield IMPORTING
        yield from PeopleLoader(self._data, self._entropy, now, origin).load(batch.people, tally)
        yield Run(_SET_MARK, dict(zip(("source", "line"), mark, strict=True)))
        return tally.total()


def _mark(source: str) -> UnitOfWork[int]:
    row: Row | None = yield One(_MARK, {"source": source})
    return 0 if row is None else int(row[0])
