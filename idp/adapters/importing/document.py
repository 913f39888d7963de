"""An import file as a whole: every section's records, and what they say about each other."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Final

from pydantic import Field, ValidationError

from idp.adapters.importing.client_entry import ClientEntry
from idp.adapters.importing.client_record import client_of, signing_secrets
from idp.adapters.importing.fields import Entry
from idp.adapters.importing.person_entry import Credentials, OfficerEntry, PersonEntry
from idp.adapters.importing.policy_entry import PolicyEntry
from idp.adapters.importing.problems import ImportRefused, Problem, problems_of
from idp.adapters.importing.register_entries import AgencyEntry, OrganisationEntry, ResourceEntry, SpecialDayEntry
from idp.adapters.importing.yaml_document import YamlProblem, read_yaml
from idp.domain.accounts.email_address import EmailAddress, comparable_email_address, is_beyond_ascii
from idp.domain.clients.client import Resource
from idp.domain.people.personal_number import PersonalNumber, is_yet_to_be_born
from idp.domain.records import AgencyRecord, OfficerRecord, OrganisationRecord, PersonRecord, Records
from idp.domain.working_days import SpecialDay

Hashes = Mapping[str, str]
"""Password hashes by the owner's identifier: a person's personal number, an officer's username."""

NOT_REACHED: Final = "has a mailbox outside ASCII, and the mail server offers no SMTPUTF8 (RFC 6531) or does not answer"
"""Why an address is refused to which no message would ever leave."""

NOT_BORN: Final = "tells a birth that is yet to come"
"""Why a person is refused who is not born, by the day of birth or by the year of the personal number."""


class ImportDocument(Entry):
    """The sections of an import file, each checked on its own."""

    agencies: list[AgencyEntry] = Field(default_factory=list)
    organisations: list[OrganisationEntry] = Field(default_factory=list)
    people: list[PersonEntry] = Field(default_factory=list)
    officers: list[OfficerEntry] = Field(default_factory=list)
    resources: list[ResourceEntry] = Field(default_factory=list)
    clients: list[ClientEntry] = Field(default_factory=list)
    policies: list[PolicyEntry] = Field(default_factory=list)
    special_days: list[SpecialDayEntry] = Field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return how many records each section that is there holds."""
        return {name: len(records) for name in type(self).model_fields if (records := getattr(self, name))}

    def passwords(self) -> dict[str, str]:
        """Return the passwords to hash, by their owner's identifier."""
        owners: list[tuple[str, Credentials]] = [(person.personal_number, person) for person in self.people]
        owners += [(officer.username, officer) for officer in self.officers]
        return {owner: entry.password for owner, entry in owners if entry.password is not None}

    def records(self, hashes: Hashes) -> Records:
        """Return what is loaded, with `hashes` in place of the passwords."""
        return Records(
            agencies=tuple(_agency(entry) for entry in self.agencies),
            organisations=tuple(
                OrganisationRecord(entry.tax_code, entry.name, tuple(entry.representatives))
                for entry in self.organisations
            ),
            people=tuple(person_record(entry, hashes) for entry in self.people),
            officers=tuple(_officer(entry, hashes) for entry in self.officers),
            resources=tuple(Resource(entry.audience, frozenset(entry.scopes)) for entry in self.resources),
            clients=tuple(client_of(entry) for entry in self.clients),
            policies=tuple(entry.policy() for entry in self.policies),
            special_days=tuple(SpecialDay(each.day, works=each.works, name=each.name) for each in self.special_days),
            signing_secrets=signing_secrets(self.clients),
        )


def read_document(source: str, content: bytes) -> ImportDocument:
    """Return the checked document in a YAML file. `source` names it in refusals.

    Raises `ImportRefused` with every problem that was found.
    """
    try:
        values = read_yaml(content)
    except YamlProblem as error:
        raise ImportRefused(source, [error.problem]) from None
    if not isinstance(values, dict):
        raise ImportRefused(source, [Problem("", f"must be a mapping of {', '.join(ImportDocument.model_fields)}")])
    try:
        document = ImportDocument.model_validate(
            {name: records for name, records in values.items() if records is not None}
        )
    except ValidationError as error:
        raise ImportRefused(source, problems_of(error)) from None
    if problems := [*_repeated(document), *_unrelated(document)]:
        raise ImportRefused(source, problems)
    return document


def unsigned_answers(document: ImportDocument, algorithms: Collection[str]) -> Iterator[Problem]:
    """Find clients whose answers are to be signed by what no key is for; `algorithms` are those that have one."""
    for position, entry in enumerate(document.clients):
        for name, algorithm in client_of(entry).answer_algorithms.items():
            if algorithm not in algorithms:
                reason = f"no key signs with {algorithm} yet; idp keys rotate --alg {algorithm} makes one"
                yield Problem(f"clients[{position}].{name}", reason)


def beyond_ascii(document: ImportDocument) -> Iterator[Problem]:
    """Find mailboxes outside of ASCII, where no message can be sent to one."""
    for position, entry in enumerate(document.people):
        if entry.email is not None and is_beyond_ascii(entry.email):
            yield Problem(f"people[{position}].email", NOT_REACHED)


def unborn(document: ImportDocument, today: date) -> Iterator[Problem]:
    """Find people whose birth lies in the future."""
    for position, entry in enumerate(document.people):
        if is_yet_to_be_born(PersonalNumber(entry.personal_number), entry.birthdate, today):
            yield Problem(f"people[{position}].{birth_field(entry.birthdate)}", NOT_BORN)


def birth_field(birthdate: str | None) -> str:
    """Return the field that tells when somebody was born."""
    return "personal_number" if birthdate is None else "birthdate"


def person_record(entry: PersonEntry, hashes: Hashes) -> PersonRecord:
    """Return what is loaded of a person, with the hash from `hashes` where a password was given."""
    return PersonRecord(
        personal_number=entry.personal_number,
        claims=entry.claims(),
        level=entry.level,
        email=entry.email,
        phone_number=entry.phone_number,
        password_hash=entry.password_hash or hashes.get(entry.personal_number),
        totp_secret=entry.totp_secret,
        verification=entry.verification.document() if entry.verification else None,
    )


def identifiers_of(entry: PersonEntry | PersonRecord) -> Iterator[tuple[str, str]]:
    """Yield the names of the fields that sign a person in, with the strings under which they are looked up."""
    yield "personal_number", entry.personal_number
    if entry.email is not None:
        yield "email", comparable_email_address(EmailAddress(entry.email))
    if entry.phone_number is not None:
        yield "phone_number", entry.phone_number


def _agency(entry: AgencyEntry) -> AgencyRecord:
    successors = tuple(sorted(set(entry.successors)))
    return AgencyRecord(entry.code, entry.name, entry.kind, entry.parent, entry.valid_from, entry.valid_to, successors)


def _officer(entry: OfficerEntry, hashes: Hashes) -> OfficerRecord:
    return OfficerRecord(
        personal_number=entry.personal_number,
        agency=entry.agency,
        position=entry.position,
        roles=tuple(dict.fromkeys(entry.roles)),
        username=entry.username,
        password_hash=entry.password_hash or hashes.get(entry.username),
        totp_secret=entry.totp_secret,
        held_from=entry.held_from,
        held_to=entry.held_to,
    )


_KEYS: Final = (
    ("agencies", "code"),
    ("organisations", "tax_code"),
    ("resources", "audience"),
    ("clients", "client_id"),
    ("policies", "version"),
    ("special_days", "day"),
)


def _repeated(document: ImportDocument) -> Iterator[Problem]:
    """Find keys that stand twice; sign-in identifiers are unique across their kinds."""
    for section, key in _KEYS:
        seen: dict[str, str] = {}
        for position, entry in enumerate(getattr(document, section)):
            yield from _note(seen, str(getattr(entry, key)), f"{section}[{position}].{key}")
    holders: dict[str, str] = {}
    for position, person in enumerate(document.people):
        for name, identifier in identifiers_of(person):
            yield from _note(holders, identifier, f"people[{position}].{name}")
    for position, officer in enumerate(document.officers):
        yield from _note(holders, officer.username, f"officers[{position}].username")


def _note(seen: dict[str, str], value: str, path: str) -> Iterator[Problem]:
    if first := seen.get(value):
        yield Problem(path, f"is the same as {first}")
    seen.setdefault(value, path)


def _unrelated(document: ImportDocument) -> Iterator[Problem]:
    """Find agencies that are above themselves; what lies outside the file is the store's to know."""
    parents = {agency.code: agency.parent for agency in document.agencies}
    for position, agency in enumerate(document.agencies):
        above, steps = agency.parent, 0
        while above is not None and above != agency.code and steps <= len(parents):
            above, steps = parents.get(above), steps + 1
        if above == agency.code:
            yield Problem(f"agencies[{position}].parent", "makes the agency stand above itself")
