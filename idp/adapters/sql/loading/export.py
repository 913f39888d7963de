"""Reading records back as they were loaded, secrets left out, a page at a time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import msgspec
from sqlalchemy import Select, and_, bindparam, exists, func, not_, select

from idp.adapters.sql.clients.assurance_policies import all_policies
from idp.adapters.sql.clients.client_rows import all_resources, page_of_clients
from idp.adapters.sql.database import Database
from idp.adapters.sql.loading.days import all_special_days
from idp.adapters.sql.officers.officer_rows import LATEST
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.people.updates import told_at
from idp.adapters.sql.single_requests import every_row
from idp.adapters.sql.tables.main import (
    accounts,
    agencies,
    officer_posts,
    officers,
    organisation_representatives,
    organisations,
    persons,
)
from idp.adapters.sql.tables.officers import agency_successors
from idp.adapters.sql.tables.proofing import account_merges
from idp.adapters.sql.unit_of_work import All, Row
from idp.domain.clients.client import Client
from idp.domain.country_time import day_of
from idp.domain.ids import Seconds
from idp.domain.moment import kept_end, kept_moment
from idp.domain.records import (
    UPDATED_AT,
    AgencyRecord,
    OfficerRecord,
    OrganisationRecord,
    PersonRecord,
    Records,
)

_PAGE = 500

_AGENCIES = select(agencies).order_by(agencies.c.code)
_SUCCESSORS = select(agency_successors.c.code, agency_successors.c.successor).order_by(
    agency_successors.c.code, agency_successors.c.successor
)
# A record that was merged is part of the surviving one, whose account represents and signs in.
_NOT_MERGED = not_(exists().where(account_merges.c.merged_person_id == persons.c.person_id))
_PEOPLE = (
    select(
        persons.c.person_id,
        persons.c.record_key,
        persons.c.record,
        persons.c.erasable_key,
        persons.c.erasable,
        persons.c.updated_at,
    )
    .where(persons.c.person_id > bindparam("after"), _NOT_MERGED)
    .order_by(persons.c.person_id)
    .limit(_PAGE)
)
_besides = officer_posts.alias("besides")
_UNTOLD = (
    select(func.count())
    .select_from(_besides)
    .where(
        _besides.c.account_id == officer_posts.c.account_id,
        _besides.c.post_id != officer_posts.c.post_id,
        _besides.c.held_to > bindparam("now"),
        _besides.c.held_to > _besides.c.held_from,
    )
    .scalar_subquery()
)
"""Posts before the latest that are not over; each of them has an end."""
_OFFICERS = (
    select(
        officers.c.account_id,
        officers.c.username,
        persons.c.person_id,
        persons.c.record_key,
        persons.c.record,
        officer_posts.c.agency_code,
        officer_posts.c.position,
        officer_posts.c.roles,
        officer_posts.c.held_from,
        officer_posts.c.held_to,
        _UNTOLD,
    )
    .select_from(
        officers.join(accounts, accounts.c.account_id == officers.c.account_id)
        .join(persons, persons.c.person_id == accounts.c.person_id)
        .join(officer_posts, and_(officer_posts.c.account_id == officers.c.account_id, LATEST))
    )
    .where(officers.c.account_id > bindparam("after"))
    .order_by(officers.c.account_id)
    .limit(_PAGE)
)
_ORGANISATIONS = (
    select(organisations.c.tax_code, organisations.c.name)
    .where(organisations.c.tax_code > bindparam("after"))
    .order_by(organisations.c.tax_code)
    .limit(_PAGE)
)
_REPRESENTATIVES = (
    select(persons.c.person_id, persons.c.record_key, persons.c.record)
    .join(organisation_representatives, organisation_representatives.c.person_id == persons.c.person_id)
    .where(organisation_representatives.c.tax_code == bindparam("tax_code"), _NOT_MERGED)
)


async def export_records(database: Database, data: PersonalData, now: Seconds) -> AsyncIterator[Records]:
    """Yield everything, what others refer to first."""
    rows = await database.run_read(every_row(All(_AGENCIES, {})))
    if rows:
        followed = await database.run_read(every_row(All(_SUCCESSORS, {})))
        yield Records(agencies=tuple(_agency(row, followed) for row in rows))
    async for page in _pages(database, _PEOPLE):
        people = (_person(data, row, now) for row in page)
        # Administrators without a personal number come by `idp admin create`, not by files.
        yield Records(people=tuple(person for person in people if person.personal_number))
    async for page in _pages(database, _OFFICERS, now=now):
        found = (_officer(data, row, now) for row in page)
        yield Records(officers=tuple(officer for officer in found if officer.personal_number))
    async for page in _pages(database, _ORGANISATIONS):
        yield Records(organisations=tuple([await _organisation(database, data, row) for row in page]))
    if resources := await database.run_read(all_resources()):
        yield Records(resources=resources)
    after = ""
    while clients := await database.run_read(page_of_clients(after, _PAGE)):
        yield Records(clients=tuple(_without_secrets(client) for client in clients))
        after = clients[-1].client_id
    if recorded := await database.run_read(all_policies()):
        yield Records(policies=tuple(each.policy for each in recorded))
    if days := await database.run_read(all_special_days()):
        yield Records(special_days=days)


def _without_secrets(client: Client) -> Client:
    return replace(client, secret_hashes=(), retiring_secrets=(), sealed_secret=None)


async def _pages(
    database: Database, statement: Select[*tuple[object, ...]], **others: object
) -> AsyncIterator[list[Row]]:
    """Yield pages by key, which stands first in each row; `others` are the statement's other parameters."""
    after = ""
    while rows := await database.run_read(every_row(All(statement, {"after": after, **others}))):
        yield rows
        after = rows[-1][0]


def _agency(row: Row, followed: Sequence[Row]) -> AgencyRecord:
    code, name, kind, parent, valid_from, valid_to = row
    return AgencyRecord(
        code,
        name,
        kind,
        parent,
        valid_from and date.fromisoformat(valid_from),
        valid_to and date.fromisoformat(valid_to),
        tuple(successor for ended, successor in followed if ended == code),
    )


def _person(data: PersonalData, row: Row, now: Seconds) -> PersonRecord:
    person_id, record_key, sealed_record, erasable_key, sealed_erasable, updated_at = row
    record = data.open_record(record_key, person_id, sealed_record)
    erasable = data.open_erasable(erasable_key, person_id, sealed_erasable)
    told = told_at(updated_at, erasable, record, now)
    return PersonRecord(
        personal_number=record.personal_number,
        claims={**record.claims, **erasable.claims, **({} if told is None else {UPDATED_AT: told})},
        level=record.identity_level,
        verification=record.verification,
        email=erasable.email,
        phone_number=erasable.phone_number,
    )


def _officer(data: PersonalData, row: Row, now: Seconds) -> OfficerRecord:
    """The officer's latest post; when it began is told where that matters to whoever reads it later."""
    account_id, username, person_id, record_key, record, agency_code, position, roles, begins, ends, untold = row
    first, last = _days(kept_moment(begins), kept_end(ends), now)
    return OfficerRecord(
        personal_number=data.open_record(record_key, person_id, record).personal_number,
        agency=agency_code,
        position=data.open_officer(record_key, account_id, "position", position),
        roles=msgspec.json.decode(roles, type=tuple[str, ...]),
        username=data.open_officer(record_key, account_id, "username", username),
        held_from=first,
        held_to=last,
        untold=untold,
    )


def _days(held_from: Seconds, held_to: Seconds | None, now: Seconds) -> tuple[date | None, date | None]:
    """The days of a post as a file tells them, in which the end lies after the beginning."""
    if held_to is None:
        return (day_of(held_from) if held_from > now else None), None
    first, last = day_of(held_from), day_of(held_to)
    if first < last:
        return first, last
    return (last - timedelta(days=1) if held_to <= now else None), last


async def _organisation(database: Database, data: PersonalData, row: Row) -> OrganisationRecord:
    tax_code, name = row
    rows = await database.run_read(every_row(All(_REPRESENTATIVES, {"tax_code": tax_code})))
    numbers = (data.open_record(key, person_id, record).personal_number for person_id, key, record in rows)
    return OrganisationRecord(tax_code, name, tuple(sorted(numbers)))
