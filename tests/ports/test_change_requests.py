"""The contract of `ChangeRequests` and `AgencyTree`."""

from asyncio import gather
from dataclasses import replace

from idp.adapters.sql.stores import Stores
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.change_request import LIFETIME, ChangeRequest, ChangeState
from idp.domain.records import AgencyRecord, Records
from tests.ports.samples import NOW, event

now = Seconds(NOW)
WAITING = (ChangeState.WAITING,)


def change(number: int = 1, kind: str = "client.disable") -> ChangeRequest:
    return ChangeRequest(
        change_id=f"{number:032x}",
        kind=kind,
        subject="client:portal",
        version="7",
        payload={"disabled": True, "reason": "Lê Thị Hoa đã báo"},
        agency_code="G10",
        asked_by=AccountId("asker"),
        asked_at=now,
        expires_at=Seconds(now + LIFETIME),
    )


async def test_a_change_is_kept_as_it_was_asked(stores: Stores) -> None:
    await stores.change_requests.add(change(), event())
    found = await stores.change_requests.get(change().change_id)
    assert found == change()
    assert found.digest == change().digest
    assert await stores.change_requests.get("unknown") is None


async def test_what_is_asked_is_sealed(stores: Stores) -> None:
    await stores.change_requests.add(change(), event())
    assert change().digest != replace(change(), payload={"disabled": False}).digest


async def test_changes_are_listed_the_newest_first_a_page_at_a_time(stores: Stores) -> None:
    for number in range(1, 6):
        await stores.change_requests.add(change(number), event())
    await stores.change_requests.add(change(9, kind="people.merge"), event())
    first = await stores.change_requests.listed(WAITING, ["client.disable"], "", 3)
    assert [each.change_id for each in first] == [change(number).change_id for number in (5, 4, 3)]
    rest = await stores.change_requests.listed(WAITING, ["client.disable"], first[-1].change_id, 3)
    assert [each.change_id for each in rest] == [change(number).change_id for number in (2, 1)]
    assert await stores.change_requests.listed((ChangeState.APPLIED,), ["client.disable"], "", 3) == ()
    both = await stores.change_requests.listed(WAITING, ["client.disable", "people.merge"], "", 2)
    assert [each.kind for each in both] == ["people.merge", "client.disable"]


async def test_fifty_decisions_at_once_are_one(stores: Stores) -> None:
    await stores.change_requests.add(change(), event())
    moved = await gather(
        *(
            stores.change_requests.move(
                change().change_id,
                (ChangeState.WAITING, ChangeState.APPROVED if number % 2 else ChangeState.REFUSED),
                (AccountId(f"decider-{number}"), now),
                event(),
            )
            for number in range(50)
        )
    )
    assert sum(moved) == 1
    found = await stores.change_requests.get(change().change_id)
    assert found is not None
    assert found.decided_by == f"decider-{moved.index(True)}"


async def test_a_change_that_takes_effect_keeps_who_decided(stores: Stores) -> None:
    await stores.change_requests.add(change(), event())
    decided = (AccountId("decider"), now)
    moves = stores.change_requests.move
    assert await moves(change().change_id, (ChangeState.WAITING, ChangeState.APPROVED), decided, event())
    assert await moves(change().change_id, (ChangeState.APPROVED, ChangeState.APPLIED), None, event())
    found = await stores.change_requests.get(change().change_id)
    assert found is not None
    assert (found.state, found.decided_by, found.decided_at) == (ChangeState.APPLIED, "decider", now)


async def test_an_agency_is_within_itself_and_those_above_it(stores: Stores) -> None:
    agencies = (
        AgencyRecord("G10", "Ministry", "ministry"),
        AgencyRecord("G10.01", "Department", "department", parent="G10"),
        AgencyRecord("G10.01.02", "Office", "department", parent="G10.01"),
        AgencyRecord("G11", "Another", "ministry"),
    )
    await stores.records.load(Records(agencies=agencies), event())
    assert await stores.agency_tree.is_within("G10.01.02", "G10")
    assert await stores.agency_tree.is_within("G10", "G10")
    assert not await stores.agency_tree.is_within("G10", "G10.01")
    assert not await stores.agency_tree.is_within("G11", "G10")
    assert not await stores.agency_tree.is_within("unknown", "G10")
    assert not await stores.agency_tree.is_within("", "")
    assert not await stores.agency_tree.is_within("G10", "")


async def test_changes_of_an_agency_and_those_under_it_are_listed_alone(stores: Stores) -> None:
    agencies = (
        AgencyRecord("G10", "Ministry", "ministry"),
        AgencyRecord("G10.01", "Below", "department", parent="G10"),
    )
    await stores.records.load(Records(agencies=agencies), event())
    for number, (agency, asker) in enumerate((("G10", "a"), ("G10.01", "b"), ("H41", "c"), ("H41", "d")), start=1):
        asked = replace(change(number), agency_code=agency, asked_by=AccountId(asker))
        await stores.change_requests.add(asked, event())

    async def seen(root: str, asker: str) -> list[str]:
        listed = await stores.change_requests.listed(WAITING, ["client.disable"], "", 9, (root, AccountId(asker)))
        return [each.asked_by for each in listed]

    assert await seen("G10", "x") == ["b", "a"]
    assert await seen("G10.01", "x") == ["b"]
    assert await seen("G10.01", "c") == ["c", "b"]


async def test_a_change_waits_until_it_is_decided_or_expires(stores: Stores) -> None:
    changes, kinds = stores.change_requests, ["client.disable", "people.merge"]
    await changes.add(change(), event())
    assert await changes.waits(kinds, "client:portal", now)
    assert not await changes.waits(kinds, "client:other", now)
    assert not await changes.waits(["people.merge"], "client:portal", now)
    assert not await changes.waits(kinds, "client:portal", change().expires_at)
    await changes.move(change().change_id, (ChangeState.WAITING, ChangeState.WITHDRAWN), None, event())
    assert not await changes.waits(kinds, "client:portal", now)
