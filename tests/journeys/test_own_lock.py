from idp.domain.accounts.account_lock import LockGround
from idp.journeys.own_lock import OwnLock
from tests.journeys.stage import ORIGIN, Stage


async def test_a_person_locks_the_own_account_once(stage: Stage) -> None:
    current = await stage.signed_in()
    own = OwnLock(stage.stores.account_locks, stage.clock)
    for _ in range(2):
        assert await own.lock(current, ORIGIN) == ()
    assert not (await stage.account()).is_active
    assert await stage.sessions.current(current.token) is None
    (lock,) = await stage.stores.account_locks.of_account(await stage.account_id())
    assert (lock.ground, lock.ended) == (LockGround.PERSON, None)
    records = [record.name async for record in stage.stores.audit_log.records()]
    assert records.count("account.lock") == 1
