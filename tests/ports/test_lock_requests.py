"""The contract of `LockRequests` and `SpecialDays`."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account, AccountStatus
from idp.domain.accounts.lock_request import Direction, LockRequest, RequestReason, RequestState
from idp.domain.events import LockRequestMoved
from idp.domain.ids import AccountId, Seconds
from idp.domain.records import Records
from idp.domain.working_days import SpecialDay
from tests.ports.samples import EVENT, ORIGIN, person
from tests.ports.samples import NOW as START

NOW = Seconds(START)
OFFICER = AccountId("officer-1")


@pytest.fixture
async def account(stores: Stores) -> Account:
    await stores.records.load(Records(people=(person(1),)), EVENT)
    found = await stores.accounts.find(person(1).personal_number)
    assert found is not None
    return found


def request(account: Account, number: int = 1, **changes: Any) -> LockRequest:
    entered = LockRequest(
        request_id=f"request-{number:03}",
        account_id=account.account_id,
        direction=Direction.LOCK,
        authority="Công an thành phố",
        reason=RequestReason.PROCEEDINGS,
        legal_reference="Công văn về Nguyễn Thị Hoà",
        document_digest="a" * 64,
        entered_at=NOW,
        entered_by=OFFICER,
        due_at=Seconds(NOW + 100),
    )
    return replace(entered, **changes)


def moved(request: LockRequest) -> LockRequestMoved:
    return LockRequestMoved(
        origin=ORIGIN,
        account_id=request.account_id,
        officer=OFFICER,
        request_id=request.request_id,
        direction=request.direction.value,
        state=request.state.value,
    )


async def add(stores: Stores, *requests: LockRequest) -> None:
    for each in requests:
        await stores.lock_requests.add(each, moved(each))


def done(found: LockRequest, at: int = NOW + 50) -> LockRequest:
    return replace(
        found,
        state=RequestState.CARRIED_OUT,
        version=found.version + 1,
        due_at=None,
        decided_at=Seconds(at),
        decided_by=OFFICER,
    )


async def is_locked(stores: Stores, account: Account) -> bool:
    found = await stores.accounts.get(account.account_id)
    assert found is not None
    return found.status is AccountStatus.LOCKED


async def test_a_request_is_kept_as_it_was_entered(stores: Stores, account: Account) -> None:
    entered = request(account, until=Seconds(NOW + 900))
    await add(stores, entered)
    assert await stores.lock_requests.get("request-001") == entered
    assert await stores.lock_requests.get("request-002") is None
    with pytest.raises(KeyError):
        await stores.lock_requests.add(replace(entered, account_id=AccountId("nobody")), EVENT)


async def test_requests_are_listed_by_state_the_newest_first(stores: Stores, account: Account) -> None:
    await add(stores, *(request(account, number) for number in range(5)))
    third = await stores.lock_requests.get("request-002")
    assert third is not None
    refused = replace(third, state=RequestState.REFUSED, version=1, refusal="Không đủ căn cứ", due_at=None)
    assert await stores.lock_requests.move(third, refused, moved(refused))
    states = (RequestState.ENTERED, RequestState.FORWARDED)
    page = await stores.lock_requests.listed(states, "", 3)
    assert [each.request_id for each in page] == ["request-004", "request-003", "request-001"]
    rest = await stores.lock_requests.listed(states, page[-1].request_id, 3)
    assert [each.request_id for each in rest] == ["request-000"]
    assert await stores.lock_requests.listed((RequestState.REFUSED,), "", 3) == (refused,)


async def test_a_step_is_taken_once_however_many_take_it(stores: Stores, account: Account) -> None:
    entered = request(account)
    await add(stores, entered)
    forwarded = replace(entered, state=RequestState.FORWARDED, version=1)
    taken = await asyncio.gather(*(stores.lock_requests.move(entered, forwarded, moved(forwarded)) for _ in range(50)))
    assert sum(taken) == 1
    names = [record.name async for record in stores.audit_log.records()]
    assert names.count("lock_request.moved") == 2


async def test_a_request_is_carried_out_once_with_its_lock(stores: Stores, account: Account) -> None:
    entered = request(account, until=Seconds(NOW + 900))
    await add(stores, entered)
    taken = await asyncio.gather(
        *(stores.lock_requests.carry_out(entered, done(entered), moved(entered)) for _ in range(50))
    )
    assert sum(taken) == 1
    assert await is_locked(stores, account)
    (lock,) = await stores.account_locks.of_account(account.account_id)
    assert (lock.reference, lock.authority, lock.since, lock.until) == (
        "request-001",
        "Công an thành phố",
        NOW + 50,
        NOW + 900,
    )


async def test_a_request_to_unlock_ends_the_lock_that_it_names(stores: Stores, account: Account) -> None:
    locks = [request(account, 1), request(account, 2)]
    await add(stores, *locks)
    for each in locks:
        assert await stores.lock_requests.carry_out(each, done(each), moved(each))
    for number, first in ((3, "request-001"), (4, "request-002")):
        unlock = request(account, number, direction=Direction.UNLOCK, lock_reference=first)
        await add(stores, unlock)
        assert await is_locked(stores, account)
        assert await stores.lock_requests.carry_out(unlock, done(unlock), moved(unlock))
    assert not await is_locked(stores, account)


async def test_late_requests_are_counted(stores: Stores, account: Account) -> None:
    await add(
        stores, request(account, 1), request(account, 2, due_at=Seconds(NOW + 200)), request(account, 3, due_at=None)
    )
    assert [await stores.lock_requests.late(Seconds(NOW + after)) for after in (99, 100, 200)] == [0, 1, 2]


async def test_days_that_are_loaded_count_and_may_be_corrected(stores: Stores) -> None:
    for works in (False, True):
        storm = SpecialDay(date(2031, 3, 3), works=works, name="Nghỉ bão")
        first = await stores.records.load(Records(special_days=(storm,)), EVENT)
        again = await stores.records.load(Records(special_days=(storm,)), EVENT)
        assert (first.unchanged, again.unchanged) == (0, 1)
        assert (await stores.special_days.calendar()).is_working(date(2031, 3, 3)) is works
        assert [each.special_days async for each in stores.records.export() if each.special_days] == [(storm,)]
