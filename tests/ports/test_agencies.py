"""The contract of `Agencies`."""

import asyncio
from dataclasses import replace
from datetime import date

from idp.adapters.sql.stores import Stores
from idp.domain.events import AgencyChanged
from idp.domain.offices.agency import Agency, AgencyKind
from tests.ports.samples import EVENT

MINISTRY = Agency(code="G10", name="Bộ", kind=AgencyKind.MINISTRY)
OFFICE = Agency(code="G10.01", name="Vụ", kind=AgencyKind.DEPARTMENT, parent="G10", valid_from=date(2025, 3, 1))
TEAM = Agency(code="G10.01.02", name="Phòng", kind=AgencyKind.DEPARTMENT, parent="G10.01")
DONE = AgencyChanged(origin=EVENT.origin, agency_code="G10", change="founded")


async def founded(stores: Stores) -> None:
    for agency in (MINISTRY, OFFICE, TEAM):
        assert await stores.agencies.add(agency, DONE)


async def test_the_tree_is_walked_up_and_down(stores: Stores) -> None:
    await founded(stores)
    assert await stores.agencies.get("G10.01") == OFFICE
    assert await stores.agencies.get("G99") is None
    assert await stores.agencies.above("G10.01.02") == (MINISTRY, OFFICE)
    assert await stores.agencies.above("G10") == ()
    assert await stores.agencies.below(None, "", 10) == (MINISTRY,)
    assert await stores.agencies.below("G10", "", 10) == (OFFICE,)
    assert await stores.agencies.below("G10", "G10.01", 10) == ()


async def test_a_code_is_given_once(stores: Stores) -> None:
    answers = await asyncio.gather(
        *(stores.agencies.add(replace(MINISTRY, name=f"Bộ {number}"), DONE) for number in range(50))
    )
    assert sum(answers) == 1


async def test_a_change_takes_the_place_of_what_was_seen(stores: Stores) -> None:
    await founded(stores)
    ended = replace(OFFICE, valid_to=date(2026, 7, 1), successors=("G10", "G10.01.02"))
    assert await stores.agencies.replace(OFFICE, ended, DONE)
    assert await stores.agencies.get("G10.01") == ended
    assert not await stores.agencies.replace(OFFICE, replace(OFFICE, name="Cục"), DONE)
    assert await stores.agencies.get("G10.01") == ended


async def test_a_circle_does_not_go_round_for_ever(stores: Stores) -> None:
    await founded(stores)
    assert await stores.agencies.replace(MINISTRY, replace(MINISTRY, parent="G10.01.02"), DONE)
    assert len(await stores.agencies.above("G10.01")) <= 21
    assert await stores.agency_tree.is_within("G10", "G10.01")
