from idp.domain.accounts.recovery import Evidence
from idp.domain.ids import AccountId
from tests.journeys.recovery.scene import Scene
from tests.journeys.stage import VISITOR


async def test_a_refusal_says_why_and_about_whom(scene: Scene) -> None:
    account_id, helper = AccountId("a"), AccountId("h")
    await scene.parts.refusing.record(VISITOR, "wrong", account_id, Evidence.PEOPLE, request_id="r", helper=helper)
    (event,) = await scene.stage.events("recovery.refused")
    for said in ('"reason":"wrong"', '"evidence":"people"', '"recovery_id":"r"', '"helper":"h"'):
        assert said in event


async def test_a_flood_is_counted(scene: Scene) -> None:
    for _ in range(20):
        await scene.parts.refusing.record(VISITOR, "throttled")
    assert len(await scene.stage.events("recovery.refused")) == 3
