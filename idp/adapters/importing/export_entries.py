"""Records as import files write them: the reverse of reading, secrets left out."""

from collections.abc import Iterator
from typing import Any

from idp.adapters.importing.policy_entry import policy_entry
from idp.domain.clients.client import Client
from idp.domain.records import AgencyRecord, OfficerRecord, OrganisationRecord, PersonRecord, Records

Entry = dict[str, Any]


def entries_of(records: Records) -> Iterator[tuple[str, Entry]]:
    """Yield every record with the name of its section, but no client that is disabled or not in production.

    An import cannot say that a client is so: writing it would enable it elsewhere.
    """
    yield from (("agencies", _agency(agency)) for agency in records.agencies)
    yield from (("organisations", _organisation(organisation)) for organisation in records.organisations)
    yield from (("people", person_entry(person)) for person in records.people)
    yield from (("officers", _officer(officer)) for officer in records.officers)
    for resource in records.resources:
        yield "resources", {"audience": resource.audience, "scopes": sorted(resource.scopes)}
    yield from (("clients", _client(client)) for client in records.clients if _is_in_use(client))
    yield from (("policies", policy_entry(policy)) for policy in records.policies)
    for each in records.special_days:
        yield "special_days", {"day": each.day.isoformat(), "name": each.name, "works": each.works}


def _is_in_use(client: Client) -> bool:
    return client.is_in_production and not client.disabled


def person_entry(person: PersonRecord) -> Entry:
    """Return a person without password and one-time-code secret."""
    contacts = {"email": person.email, "phone_number": person.phone_number}
    told: Entry = {name: value for name, value in contacts.items() if value is not None}
    if person.verification is not None:
        told["verification"] = person.verification
    return {"personal_number": person.personal_number, **person.claims, **told, "level": person.level}


def _agency(agency: AgencyRecord) -> Entry:
    entry: Entry = {"code": agency.code, "name": agency.name, "kind": agency.kind}
    if agency.parent is not None:
        entry["parent"] = agency.parent
    if agency.valid_from is not None:
        entry["valid_from"] = agency.valid_from.isoformat()
    if agency.valid_to is not None:
        entry["valid_to"] = agency.valid_to.isoformat()
    if agency.successors:
        entry["successors"] = list(agency.successors)
    return entry


def _organisation(organisation: OrganisationRecord) -> Entry:
    return {
        "tax_code": organisation.tax_code,
        "name": organisation.name,
        "representatives": list(organisation.representatives),
    }


def _officer(officer: OfficerRecord) -> Entry:
    days = {"held_from": officer.held_from, "held_to": officer.held_to}
    return {
        "personal_number": officer.personal_number,
        "agency": officer.agency,
        "position": officer.position,
        "roles": list(officer.roles),
        "username": officer.username,
        **{name: day.isoformat() for name, day in days.items() if day is not None},
    }


def _client(client: Client) -> Entry:
    return {"client_id": client.client_id, **{name: _plain(value) for name, value in client.metadata.items()}}


def _plain(value: object) -> object:
    """Write text that stands for any language as text."""
    return value[""] if isinstance(value, dict) and set(value) == {""} else value
