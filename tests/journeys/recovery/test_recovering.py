from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import pytest

from idp.domain.accounts.account import AccountKind, AccountStatus
from idp.domain.accounts.recovery import BOTH, PASSWORD, Way
from idp.domain.ids import AccountId, Seconds
from idp.journeys.recovery.recovering import Recovering, may_recover
from tests.journeys.recovery.scene import Scene

BEGUN = Recovering(BOTH, Seconds(0), AccountId("a"))
EARLY = replace(BEGUN, proved=Way.COUNTER, ready_at=Seconds(9))


def test_a_proof_without_the_contact_is_not_all_that_it_takes() -> None:
    for way in (Way.APP, Way.RECOVERY_CODE, Way.PASSKEY):
        proved = replace(BEGUN, proved=way)
        assert proved.complete is None
        assert replace(proved, contact_proved=True).complete is way
    assert replace(BEGUN, contact_proved=True).complete is None


def test_others_vouch_without_a_contact_and_for_nobody_nothing_is_complete() -> None:
    assert replace(BEGUN, proved=Way.PEOPLE).complete is Way.PEOPLE
    assert replace(BEGUN, proved=Way.PEOPLE, account_id=None).complete is None


def test_a_code_of_a_counter_that_has_to_wait_takes_the_contact() -> None:
    assert (EARLY.way, EARLY.counter_account, EARLY.complete) == (Way.COUNTER_CONTACT, "a", None)
    assert EARLY.forgets_factors
    assert replace(EARLY, contact_proved=True).complete is Way.COUNTER_CONTACT
    waited = replace(EARLY, ready_at=None)
    assert (waited.way, waited.counter_account, waited.complete) == (Way.COUNTER, None, Way.COUNTER)
    assert BEGUN.way is None


@dataclass
class OfReleaseBefore:
    """What nodes of the release before read of `Recovering`, and the ways that they know."""

    proved: Literal["sign_in", "passkey", "app", "recovery_code", "people", "counter", "office"] | None = None


def test_nodes_of_the_release_before_read_what_is_under_way() -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(EARLY), type=OfReleaseBefore).proved == "counter"


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
