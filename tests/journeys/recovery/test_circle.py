from idp.domain.recovery import ACQUAINTANCE
from tests.journeys.recovery.scene import HELPERS, Scene
from tests.journeys.stage import BINH


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
