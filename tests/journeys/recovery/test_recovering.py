from dataclasses import replace

import pytest

from idp.domain.accounts.account import AccountKind, AccountStatus
from idp.domain.accounts.recovery import BOTH, PASSWORD, Way
from idp.domain.ids import AccountId, Seconds
from idp.journeys.recovery.recovering import Recovering, may_recover
from tests.journeys.recovery.scene import Scene

BEGUN = Recovering(BOTH, Seconds(0), AccountId("a"))


def test_a_proof_without_the_contact_is_not_all_that_it_takes() -> None:
    for way in (Way.APP, Way.RECOVERY_CODE, Way.PASSKEY):
        proved = replace(BEGUN, proved=way)
        assert proved.complete is None
        assert replace(proved, contact_proved=True).complete is way
    assert replace(BEGUN, contact_proved=True).complete is None


def test_others_vouch_without_a_contact_and_for_nobody_nothing_is_complete() -> None:
    assert replace(BEGUN, proved=Way.PEOPLE).complete is Way.PEOPLE
    assert replace(BEGUN, proved=Way.PEOPLE, account_id=None).complete is None


@pytest.mark.parametrize(("way", "forgets"), [(Way.PEOPLE, True), (Way.COUNTER, True), (Way.RECOVERY_CODE, False)])
def test_second_factors_go_only_where_they_are_lost_and_the_way_resets_them(way: Way, *, forgets: bool) -> None:
    assert replace(BEGUN, proved=way).forgets_factors is forgets
    assert not replace(BEGUN, proved=way, lost=PASSWORD).forgets_factors
    assert not BEGUN.forgets_factors


async def test_locks_win_and_officers_are_for_their_office(scene: Scene) -> None:
    owner = await scene.owner()
    assert may_recover(owner)
    assert not may_recover(replace(owner, status=AccountStatus.LOCKED))
    assert not may_recover(replace(owner, kind=AccountKind.OFFICER))
