"""What may let a person act for others, on SQL: read in one unit of work, names and birthdates opened afterwards."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select, update

from idp.adapters.sql.authority.authority_rows import GUARDIANSHIP, MANDATE, read_guardianship, read_mandate
from idp.adapters.sql.authority.principal_grants import end_grants, end_grants_of_person, with_notified
from idp.adapters.sql.database import Database
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.authority import guardianships, mandates
from idp.adapters.sql.tables.locks import account_locks
from idp.adapters.sql.tables.main import accounts, grants, organisation_representatives, organisations, persons
from idp.adapters.sql.unit_of_work import All, Append, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind, AccountStatus
from idp.domain.accounts.account_lock import PREFIX_OF_ORGANISATIONS
from idp.domain.events import Event
from idp.domain.grants.grant import Grant
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.people.ageing import Proof
from idp.domain.representation.authority import NOBODY, AuthorityRecord, Organisation, OtherPerson
from idp.domain.representation.guardianship import day_of_birth
from idp.domain.representation.mandate import MandateEnd
from idp.domain.representation.principal import Principal, PrincipalKind
from idp.domain.values import dataclass
from idp.ports.clock import Entropy
from idp.ports.vault import Vault

CITIZEN = AccountKind.CITIZEN.value

_ACCOUNT = (
    select(accounts.c.person_id, accounts.c.kind, accounts.c.status, persons.c.record_key, persons.c.record)
    .join(persons, persons.c.person_id == accounts.c.person_id)
    .where(accounts.c.account_id == bindparam("account_id"))
)
_LOCKED_SINCE = (
    select(func.min(account_locks.c.since))
    .where(
        account_locks.c.holder == PREFIX_OF_ORGANISATIONS + organisations.c.tax_code, account_locks.c.ended.is_(None)
    )
    .scalar_subquery()
)
ORGANISATION = (organisations.c.tax_code, organisations.c.name, _LOCKED_SINCE)
"""An organisation, and since when it is locked."""

_REPRESENTED = (
    select(*ORGANISATION)
    .join(organisation_representatives, organisation_representatives.c.tax_code == organisations.c.tax_code)
    .where(organisation_representatives.c.person_id == bindparam("person_id"))
)
_MANDATES = select(*MANDATE).where(mandates.c.holder == bindparam("person_id"), mandates.c.ended_at.is_(None))
_GIVERS = select(*ORGANISATION).where(
    organisations.c.tax_code.in_(
        select(mandates.c.giver).where(
            mandates.c.holder == bindparam("person_id"),
            mandates.c.giver_kind == PrincipalKind.ORGANISATION.value,
            mandates.c.ended_at.is_(None),
        )
    )
)
_PERSON = (persons.c.person_id, persons.c.record_key, persons.c.record, accounts.c.account_id, accounts.c.status)
_OF_CITIZEN = (accounts.c.person_id == persons.c.person_id) & (accounts.c.kind == CITIZEN)
_PEOPLE_GIVING = (
    select(mandates.c.mandate_id, *_PERSON)
    .join(persons, persons.c.person_id == mandates.c.giver)
    .join(accounts, _OF_CITIZEN)
    .where(
        mandates.c.holder == bindparam("person_id"),
        mandates.c.giver_kind == PrincipalKind.PERSON.value,
        mandates.c.ended_at.is_(None),
    )
)
_IN_FORCE = (
    guardianships.c.guardian == bindparam("person_id"),
    guardianships.c.confirmed_at.is_not(None),
    guardianships.c.ended_at.is_(None),
)
_GUARDIANSHIPS = select(*GUARDIANSHIP).where(*_IN_FORCE)
_WARDS = (
    select(guardianships.c.guardianship_id, *_PERSON)
    .join(persons, persons.c.person_id == guardianships.c.ward)
    .join(accounts, _OF_CITIZEN)
    .where(*_IN_FORCE)
)
_STILL_LIVE = select(grants.c.grant_id).where(grants.c.grant_id == bindparam("grant_id"), grants.c.revoked_at.is_(None))
_OF_ORGANISATION = (mandates.c.giver == bindparam("tax_code")) & (
    mandates.c.giver_kind == PrincipalKind.ORGANISATION.value
)
_HOLDERS = (
    select(mandates.c.holder)
    .where(_OF_ORGANISATION)
    .union(
        select(organisation_representatives.c.person_id).where(
            organisation_representatives.c.tax_code == bindparam("tax_code")
        )
    )
)
_END_MANDATES = (
    update(mandates)
    .where(_OF_ORGANISATION, mandates.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"), ended_because=MandateEnd.DISSOLVED.value)
)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The record as stored."""

    acts: bool
    person: tuple[PersonId, bytes, bytes]
    represented: tuple[Row, ...]
    mandates: tuple[Row, ...]
    givers: tuple[Row, ...]
    guardianships: tuple[Row, ...]
    people: tuple[Row, ...]


class SqlAuthorities:
    """Implements `Authorities`."""

    def __init__(self, database: Database, vault: Vault, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._entropy = entropy

    async def of_account(self, account_id: AccountId) -> AuthorityRecord:
        rows = await self._database.run_read(_read(account_id))
        if rows is None:
            return NOBODY
        return AuthorityRecord(
            acts=rows.acts,
            proof=self._proof(*rows.person),
            represented=tuple(read_organisation(row) for row in rows.represented),
            mandates=tuple(read_mandate(row) for row in rows.mandates),
            guardianships=tuple(read_guardianship(row) for row in rows.guardianships),
            organisations={row[0]: read_organisation(row) for row in rows.givers},
            people=dict(self._open(rows.people)),
        )

    async def end_grant(self, grant: Grant, now: Seconds, event: Event) -> bool:
        return await self._database.write(_end_grant(grant, now, event, self._entropy))

    async def dissolve(self, tax_code: str, now: Seconds, event: Event) -> tuple[ClientId, ...]:
        return await self._database.write(_dissolve(tax_code, now, event, self._entropy))

    def _proof(self, person_id: PersonId, key: bytes, sealed: bytes) -> Proof:
        return self._data.open_record(key, person_id, sealed).proof()

    def _open(self, rows: Iterable[Row]) -> Iterable[tuple[str, OtherPerson]]:
        for reference, person_id, key, sealed, account_id, status in rows:
            claims = self._data.open_record(key, person_id, sealed).claims
            yield (
                reference,
                OtherPerson(
                    account_id=AccountId(account_id),
                    name=str(claims.get("name", "")),
                    birthdate=day_of_birth(claims.get("birthdate")),
                    stands=status == AccountStatus.ACTIVE,
                ),
            )


def read_organisation(row: Row) -> Organisation:
    """The organisation in a row of `ORGANISATION`."""
    tax_code, name, locked_since = row
    return Organisation(tax_code, name, None if locked_since is None else Seconds(locked_since))


def _read(account_id: AccountId) -> UnitOfWork[_Rows | None]:
    account: Row | None = yield One(_ACCOUNT, {"account_id": account_id})
    if account is None:
        return None
    person_id, kind, status, key, record = account
    of_person = {"person_id": person_id}
    found = []
    for statement in (_REPRESENTED, _MANDATES, _GIVERS, _GUARDIANSHIPS, _PEOPLE_GIVING, _WARDS):
        rows: list[Row] = yield All(statement, of_person)
        found.append(tuple(rows))
    represented, held, givers, guarded, giving, wards = found
    acts = kind == CITIZEN and status == AccountStatus.ACTIVE
    return _Rows(acts, (person_id, key, record), represented, held, givers, guarded, (*giving, *wards))


def _end_grant(grant: Grant, now: Seconds, event: Event, entropy: Entropy) -> UnitOfWork[bool]:
    if (yield One(_STILL_LIVE, {"grant_id": grant.grant_id})) is None:
        return False
    yield Append(event)
    yield from end_grants((grant,), now, event.origin, entropy)
    return True


def _dissolve(tax_code: str, now: Seconds, event: Event, entropy: Entropy) -> UnitOfWork[tuple[ClientId, ...]]:
    principal = Principal(PrincipalKind.ORGANISATION, tax_code)
    told: list[ClientId] = []
    # In one order everywhere, so that two of them do not wait for one another.
    holders: list[Row] = yield All(_HOLDERS, {"tax_code": tax_code})
    for (person_id,) in sorted(holders):
        told += yield from end_grants_of_person(PersonId(person_id), principal, None, now, event.origin, entropy)
    yield Run(_END_MANDATES, {"tax_code": tax_code, "now": now})
    yield Append(with_notified(event, len(told)))
    return tuple(dict.fromkeys(told))
