"""Loading agencies, organisations, resources and clients: compared with what is stored, written where different."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.clients.client_rows import (
    client_document,
    find_client,
    find_resource,
    next_number,
    save_numbered,
    save_resources,
)
from idp.adapters.sql.loading.tally import Tally
from idp.adapters.sql.officers.agencies import read_successors, write_successors
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, agencies, identifiers, organisation_representatives, organisations
from idp.adapters.sql.unit_of_work import All, Many, One, Row, Run, UnitOfWork
from idp.domain.accounts.sign_in_identifier import IdentifierKind
from idp.domain.clients.client import Client, Resource
from idp.domain.clients.client_secret import SIGNING_METHOD
from idp.domain.ids import ClientId, PersonId
from idp.domain.records import AgencyRecord, OrganisationRecord
from idp.ports.records import RecordConflictError
from idp.protocol.clients.client_secrets import ClientSecrets

_AGENCY = select(agencies).where(agencies.c.code == bindparam("code"))
_new_agency = upsert(agencies)
_SAVE_AGENCY = _new_agency.on_conflict_do_update(
    index_elements=["code"],
    set_={column.name: _new_agency.excluded[column.name] for column in agencies.c if column is not agencies.c.code},
)
_ORGANISATION = select(organisations.c.name).where(organisations.c.tax_code == bindparam("tax_code"))
_new_organisation = upsert(organisations)
_SAVE_ORGANISATION = _new_organisation.on_conflict_do_update(
    index_elements=["tax_code"], set_={"name": _new_organisation.excluded.name}
)
_representative = organisation_representatives.c
_REPRESENTATIVES = select(_representative.person_id).where(_representative.tax_code == bindparam("tax_code"))
_FORGET_REPRESENTATIVES = delete(organisation_representatives).where(_representative.tax_code == bindparam("tax_code"))
_ADD_REPRESENTATIVE = insert(organisation_representatives)
_PERSON = (
    select(accounts.c.person_id)
    .join(identifiers, identifiers.c.account_id == accounts.c.account_id)
    .where(
        identifiers.c.blind_index == bindparam("blind_index"),
        identifiers.c.kind == IdentifierKind.PERSONAL_NUMBER.value,
    )
)


Leave: TypeAlias = Callable[[str, PersonId], UnitOfWork[object]]


def load_agencies(records: Sequence[AgencyRecord], tally: Tally) -> UnitOfWork[None]:
    """Load agencies in any order. Raises `RecordConflictError` for a parent that is in neither file nor store."""
    for agency in records:
        wanted = {
            "code": agency.code,
            "name": agency.name,
            "kind": agency.kind,
            "parent": agency.parent,
            "valid_from": agency.valid_from and agency.valid_from.isoformat(),
            "valid_to": agency.valid_to and agency.valid_to.isoformat(),
        }
        row: Row | None = yield One(_AGENCY, {"code": agency.code})
        known = yield from read_successors(agency.code)
        changed = row is None or tuple(row) != tuple(wanted.values()) or known != agency.successors
        if changed:
            yield Run(_SAVE_AGENCY, wanted)
            yield from write_successors(agency.code, agency.successors)
        _count(tally, known=row is not None, changed=changed)
    for position, agency in enumerate(records):
        named = {"parent": (agency.parent,) if agency.parent else (), "successors": agency.successors}
        for field, codes in named.items():
            for code in codes:
                if (yield One(_AGENCY, {"code": code})) is None:
                    raise RecordConflictError(f"agencies[{position}].{field}", "is not a known agency: load it first")


def load_organisations(
    records: Sequence[OrganisationRecord], data: PersonalData, tally: Tally, leave: Leave
) -> UnitOfWork[None]:
    """Load organisations. Raises `RecordConflictError` for a representative who is not a known person.

    `leave` is what follows for whoever represents one no longer.
    """
    for position, organisation in enumerate(records):
        key = {"tax_code": organisation.tax_code}
        wanted = yield from _representatives(organisation, data, f"organisations[{position}].representatives")
        name: Row | None = yield One(_ORGANISATION, key)
        rows: list[Row] = yield All(_REPRESENTATIVES, key)
        changed = name is None or name[0] != organisation.name or {person_id for (person_id,) in rows} != wanted
        if changed:
            yield Run(_SAVE_ORGANISATION, {**key, "name": organisation.name})
            yield Run(_FORGET_REPRESENTATIVES, key)
            yield Many(_ADD_REPRESENTATIVE, [{**key, "person_id": person_id} for person_id in sorted(wanted)])
            for person_id in sorted({person_id for (person_id,) in rows} - wanted):
                yield from leave(organisation.tax_code, PersonId(person_id))
        _count(tally, known=name is not None, changed=changed)


def load_resources(records: Sequence[Resource], tally: Tally) -> UnitOfWork[None]:
    """Load protected resources."""
    changed = []
    for resource in records:
        stored = yield from find_resource(resource.audience)
        if stored != resource:
            changed.append(resource)
        _count(tally, known=stored is not None, changed=stored != resource)
    if changed:
        yield from save_resources(changed)


def load_clients(
    records: Sequence[Client], signing_secrets: Mapping[ClientId, str], secrets: ClientSecrets, tally: Tally
) -> UnitOfWork[None]:
    """Load clients; what was decided here stays: whether one is disabled, or in production.

    So do secrets that the file does not tell.
    """
    compared = yield from _compared(records, signing_secrets, secrets)
    if any(each.differs for each in compared):
        number = yield from next_number()
        # From here on nobody else changes a client. What was decided while this waited for its turn stays, too.
        compared = yield from _compared(records, signing_secrets, secrets)
        yield from save_numbered([each.wanted for each in compared if each.differs], number)
    for each in compared:
        _count(tally, known=each.stored is not None, changed=each.differs)


class _Compared(NamedTuple):
    wanted: Client
    stored: Client | None

    @property
    def differs(self) -> bool:
        return self.stored is None or client_document(self.stored) != client_document(self.wanted)


def _compared(
    records: Sequence[Client], signing_secrets: Mapping[ClientId, str], secrets: ClientSecrets
) -> UnitOfWork[list[_Compared]]:
    found = []
    for record in records:
        stored = yield from find_client(record.client_id)
        client = record if stored is None else _keep_decisions(record, stored)
        if record.client_id in signing_secrets and client.sealed_secret is None:
            client = replace(client, sealed_secret=secrets.seal(record.client_id, signing_secrets[record.client_id]))
        found.append(_Compared(client, stored))
    return found


def _keep_decisions(record: Client, stored: Client) -> Client:
    client = replace(record, disabled=stored.disabled, onboarding=stored.onboarding)
    # A secret that the file tells anew replaces all that was; one that it tells again, or does not, changes nothing.
    if record.is_public or record.secret_hashes not in {(), stored.secret_hashes}:
        return client
    sealed = stored.sealed_secret if record.token_endpoint_auth_method == SIGNING_METHOD else None
    return replace(
        client,
        secret_hashes=stored.secret_hashes,
        retiring_secrets=stored.retiring_secrets,
        sealed_secret=sealed,
    )


def _representatives(organisation: OrganisationRecord, data: PersonalData, path: str) -> UnitOfWork[set[str]]:
    found = set()
    for position, number in enumerate(organisation.representatives):
        row: Row | None = yield One(_PERSON, {"blind_index": data.identifier_index(number)})
        if row is None:
            raise RecordConflictError(f"{path}[{position}]", "is not a known person's: load the person first")
        found.add(row[0])
    return found


def _count(tally: Tally, *, known: bool, changed: bool) -> None:
    if known:
        tally.count(changed=changed)
    else:
        tally.created += 1
