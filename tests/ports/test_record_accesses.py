"""The contract of `RecordAccesses`."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.sql.housekeeping import GRACE
from idp.adapters.sql.stores import Stores
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.record_access import KEPT, Purpose, RecordAccess, Seen, access_identifier
from idp.domain.records import Records
from tests.ports.samples import EVENT, NOW, event, person

OFFICER = AccountId("officer")


@pytest.fixture
async def people(stores: Stores) -> tuple[PersonId, PersonId]:
    await stores.records.load(Records(people=(person(1), person(2))), EVENT)
    found = [await stores.accounts.find(person(number).personal_number) for number in (1, 2)]
    first, second = (account.person_id for account in found if account is not None)
    return first, second


def look(person_id: PersonId, at: int = NOW, **changes: Any) -> RecordAccess:
    seen = (Seen.RECORD, Seen.ACCOUNT)
    made = RecordAccess(
        access_id=access_identifier(Seconds(at), "occasion", person_id, seen),
        person_id=person_id,
        officer=OFFICER,
        officer_id="officer-7",
        agency_code="G10.01",
        agency_name="Sở Nội vụ",
        position="Chuyên viên",
        at=Seconds(at),
        purpose=Purpose.ASSISTANCE,
        reference="H26/0042",
        seen=seen,
    )
    return replace(made, **changes)


async def test_a_person_sees_each_look_the_latest_first(stores: Stores, people: tuple[PersonId, PersonId]) -> None:
    first, second = people
    early, late, other = look(first), look(first, NOW + 60), look(second)
    await stores.record_accesses.record(early, event())
    await stores.record_accesses.record_all([late, other], event())

    assert await stores.record_accesses.of_person(first, "", 10) == (late, early)
    assert await stores.record_accesses.of_person(first, late.access_id, 10) == (early,)
    assert await stores.record_accesses.of_person(first, "", 1) == (late,)
    assert await stores.record_accesses.of_person(second, "", 10) == (other,)


async def test_the_same_look_is_kept_once_with_one_event(stores: Stores, people: tuple[PersonId, PersonId]) -> None:
    before = len([record async for record in stores.audit_log.records()])
    await asyncio.gather(*(stores.record_accesses.record(look(people[0]), event()) for _ in range(50)))

    assert len(await stores.record_accesses.of_person(people[0], "", 100)) == 1
    await stores.database.settle_events()
    assert len([record async for record in stores.audit_log.records()]) == before + 1


async def test_a_look_at_nobody_leaves_nothing(stores: Stores) -> None:
    await stores.record_accesses.record(look(PersonId("nobody")), event())

    assert await stores.record_accesses.of_person(PersonId("nobody"), "", 10) == ()


async def test_traces_are_kept_for_years_and_then_go(stores: Stores, people: tuple[PersonId, PersonId]) -> None:
    await stores.record_accesses.record(look(people[0]), event())
    await stores.housekeeping.sweep(Seconds(NOW + KEPT), 100)
    assert len(await stores.record_accesses.of_person(people[0], "", 10)) == 1

    await stores.housekeeping.sweep(Seconds(NOW + KEPT + GRACE), 100)
    assert await stores.record_accesses.of_person(people[0], "", 10) == ()
