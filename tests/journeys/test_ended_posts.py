from idp.domain.accounts.account import AccountStatus
from idp.domain.events import OfficerChanged
from idp.domain.ids import Seconds
from idp.journeys.ended_posts import EndedPosts
from tests.journeys.stage import OFFICER, ORIGIN, Stage


async def test_whoever_has_no_post_any_more_is_locked_when_the_day_has_come(stage: Stage) -> None:
    officers = stage.stores.officers
    ended = EndedPosts(officers, stage.clock, stage.entropy)
    account_id = await stage.account_id(OFFICER[0])
    officer = await officers.get(account_id)
    assert officer
    event = OfficerChanged(origin=ORIGIN, account_id=account_id, change="post_ends")
    await officers.end_post(account_id, officer.version, Seconds(stage.clock.now() + 60), event)
    assert await ended.settle(lambda: True) == 0
    stage.clock.advance(60)
    assert await ended.settle(lambda: False) == 0
    assert await ended.settle(lambda: True) == 1
    account = await stage.account(OFFICER[0])
    assert account.status is AccountStatus.LOCKED
    assert await stage.events("officer.changed")
