from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import GrantId, Seconds, SessionId
from tests.ports.samples import EVENT, NOW, event, grant

DAY = 24 * 3600


async def test_what_expired_a_day_ago_is_swept_a_few_rows_at_a_time(stores: Stores, account: Account) -> None:
    for number in range(5):
        await stores.grants.start(grant(account, str(number)), [])
        await stores.grants.revoke_access_token(f"jti-{number}", Seconds(NOW + 300), event())
    await stores.grants.start(grant(account, "alive", expires_at=Seconds(NOW + 9 * DAY)), [])
    later = Seconds(NOW + 3600 + DAY)
    assert await stores.housekeeping.sweep(Seconds(later - 1), 100) == 5
    assert [await stores.housekeeping.sweep(later, 3) for _ in range(3)] == [3, 2, 0]
    assert await stores.grants.get(GrantId("grant-1")) is None
    assert await stores.grants.get(GrantId("grant-alive")) is not None
    assert await stores.grants.access_token_grant("jti-1", None) == (False, None)


async def test_marks_of_revocations_and_ended_sessions_are_swept_too(stores: Stores) -> None:
    await stores.grants.revoke(GrantId("grant-1"), RevocationReason.CODE_REPLAY, Seconds(NOW), event())
    await stores.grants.end_session(SessionId("session-1"), Seconds(NOW), EVENT)
    assert await stores.housekeeping.sweep(Seconds(NOW + DAY), 100) == 0
    assert await stores.housekeeping.sweep(Seconds(NOW + 2 * DAY), 100) == 2
