from idp.domain.accounts.account_lock import LockGround, NewLock
from idp.domain.accounts.lock_request import Direction, LockRequest, RequestReason
from idp.domain.ids import Seconds
from idp.journeys.timed_locks import TimedLocks
from tests.journeys.stage import Stage
from tests.ports.samples import EVENT


async def test_a_lock_ends_by_itself_when_its_time_is_over_and_not_before(stage: Stage) -> None:
    account_id, locks = await stage.account_id(), stage.stores.account_locks
    until = Seconds(stage.clock.at + 100)
    lock = NewLock(ground=LockGround.AUTHORITY, reference="request", authority="G10", until=until)
    await locks.open(account_id, lock, stage.clock.now(), EVENT)
    rounds = TimedLocks(locks, stage.stores.lock_requests, stage.clock, stage.entropy)
    stage.clock.at = until - 1
    assert await rounds.end_due() == 0
    assert not (await stage.account()).is_active
    stage.clock.at = until
    assert [await rounds.end_due(), await rounds.end_due()] == [1, 0]
    assert (await stage.account()).is_active


async def test_whoever_is_locked_on_another_ground_stays_locked(stage: Stage) -> None:
    account_id, locks = await stage.account_id(), stage.stores.account_locks
    timed = NewLock(ground=LockGround.AUTHORITY, until=stage.clock.now())
    await locks.open(account_id, timed, stage.clock.now(), EVENT)
    await locks.open(account_id, NewLock(ground=LockGround.PERSON), stage.clock.now(), EVENT)
    rounds = TimedLocks(locks, stage.stores.lock_requests, stage.clock, stage.entropy)
    assert await rounds.end_due() == 1
    assert not (await stage.account()).is_active


async def test_requests_that_nobody_answered_in_time_are_counted(stage: Stage) -> None:
    rounds = TimedLocks(stage.stores.account_locks, stage.stores.lock_requests, stage.clock, stage.entropy)
    now = stage.clock.now()
    request = LockRequest(
        request_id="request-1",
        account_id=await stage.account_id(),
        direction=Direction.LOCK,
        authority="G10",
        reason=RequestReason.COURT,
        legal_reference="12/CV",
        document_digest="0" * 64,
        entered_at=now,
        entered_by=await stage.account_id(),
        due_at=Seconds(now + 10),
    )
    await stage.stores.lock_requests.add(request, EVENT)
    await rounds.end_due()
    assert rounds.late_requests == 0
    stage.clock.at += 10
    await rounds.end_due()
    assert rounds.late_requests == 1
