import pytest

from idp.domain.accounts.recovery import ACQUAINTANCE
from idp.domain.ids import Seconds
from tests.journeys.recovery.scene import HELPERS, Scene
from tests.journeys.stage import BINH
from tests.ports.samples import event


async def test_only_people_who_were_willing_for_a_week_count(scene: Scene) -> None:
    owner, now = await scene.owner(), scene.stage.clock.now()
    for number, helper in enumerate(HELPERS):
        await scene.trust(owner, await scene.stage.account(helper), ACQUAINTANCE - number)
    helpers, needed = await scene.circle.helpers(owner.account_id, now)
    assert (helpers, needed) == ((await scene.stage.account_id(HELPERS[0]),), None)


async def test_level_1_speaks_for_nobody(scene: Scene) -> None:
    assert not await scene.circle.may_help(await scene.stage.account(BINH))
    assert await scene.circle.may_help(await scene.stage.account(HELPERS[0]))


async def test_nobody_has_no_helpers_and_whoever_is_trusted_knows_by_whom(scene: Scene) -> None:
    assert await scene.circle.helpers(None, scene.stage.clock.now()) == ((), None)
    owner, helper = await scene.owner(), await scene.stage.account(HELPERS[0])
    await scene.trust(owner, helper)
    assert await scene.circle.helped_by(helper) == [owner.account_id]
    assert await scene.circle.name_of(owner.account_id) == "Nguyễn Văn An"


@pytest.mark.parametrize("how", ["another password", "everything ended"])
async def test_whoever_a_thief_named_counts_for_nothing_for_a_week_after_the_owner_threw_the_thief_out(
    scene: Scene, how: str
) -> None:
    owner, stage = await scene.owner(), scene.stage
    for helper in HELPERS[:2]:
        await scene.trust(owner, await stage.account(helper), 10 * ACQUAINTANCE)
    now = stage.clock.now()
    assert (await scene.circle.helpers(owner.account_id, now))[1] == 2
    if how == "another password":
        await stage.stores.accounts.change_password(
            owner.account_id, "$argon2id$new", now, event(), valid_from=owner.sessions_valid_from
        )
    else:
        await stage.stores.accounts.end_all_sessions(owner.account_id, now, event())
    assert await scene.circle.helpers(owner.account_id, Seconds(now + ACQUAINTANCE)) == ((), None)
    assert (await scene.circle.helpers(owner.account_id, Seconds(now + ACQUAINTANCE + 1)))[1] == 2
