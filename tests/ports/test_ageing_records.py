"""The contract of `AgeingRecords`."""

import asyncio
from dataclasses import replace

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.ids import Seconds
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.records import Records
from idp.ports.ageing_records import AgeingRecord
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, person
from tests.ports.samples import NOW as START

NOW = Seconds(START)
LATER = Seconds(NOW + 1_000)


@pytest.fixture
async def three(stores: Stores, clock: TurnedClock) -> list[IdentityRecord]:
    """Records saved a second apart."""
    found = []
    await stores.records.load(Records(people=tuple(person(number) for number in range(3))), EVENT)
    for number in range(3):
        clock.seconds = NOW + number
        record = await stores.identity_records.of_number(person(number).personal_number)
        assert record is not None
        await stores.identity_records.save(replace(record, level_expires_at=LATER), EVENT)
        found.append(record)
    return found


async def due(stores: Stores, at: int, after: AgeingRecord | None = None, limit: int = 10) -> tuple[AgeingRecord, ...]:
    return await stores.ageing_records.due(Seconds(at), after, limit)


async def test_a_record_that_was_saved_is_due_at_once(stores: Stores, three: list[IdentityRecord]) -> None:
    found = await due(stores, NOW + 1)
    assert [each.person_id for each in found] == [each.person_id for each in three[:2]]
    assert found[0] == AgeingRecord(three[0].person_id, NOW, NOW)


@pytest.mark.usefixtures("three")
async def test_records_are_found_page_by_page(stores: Stores) -> None:
    first = await due(stores, LATER, limit=2)
    second = await due(stores, LATER, first[-1], limit=2)
    assert len({each.person_id for each in (*first, *second)}) == 3
    assert await due(stores, LATER, second[-1]) == ()


@pytest.mark.usefixtures("three")
async def test_a_record_moves_once_however_many_look_at_once(stores: Stores) -> None:
    first, *_ = await due(stores, LATER)
    moved = await asyncio.gather(
        *(stores.ageing_records.moved(first, LATER, Seconds(5), Seconds(NOW + 9), [EVENT]) for _ in range(50))
    )
    assert sum(moved) == 1
    assert first.person_id not in {each.person_id for each in await due(stores, LATER - 1)}
    (again,) = [each for each in await due(stores, LATER) if each.person_id == first.person_id]
    assert again == AgeingRecord(first.person_id, LATER, Seconds(NOW + 9), Seconds(5))


async def test_a_record_saved_meanwhile_is_looked_at_again(
    stores: Stores, three: list[IdentityRecord], clock: TurnedClock
) -> None:
    first, *_ = await due(stores, LATER)
    clock.seconds = NOW + 50
    record = await stores.identity_records.of_person(three[0].person_id)
    assert record is not None
    await stores.identity_records.save(replace(record, level_expires_at=None), EVENT)
    before = len([record async for record in stores.audit_log.records()])
    assert not await stores.ageing_records.moved(first, None, None, Seconds(NOW + 60), [EVENT])
    assert len([record async for record in stores.audit_log.records()]) == before
    assert first.person_id in {each.person_id for each in await due(stores, NOW + 50)}


@pytest.mark.usefixtures("three")
async def test_what_does_not_age_is_forgotten(stores: Stores) -> None:
    first, *_ = await due(stores, LATER)
    assert await stores.ageing_records.moved(first, None, None, NOW, [])
    assert first.person_id not in {each.person_id for each in await due(stores, LATER)}
