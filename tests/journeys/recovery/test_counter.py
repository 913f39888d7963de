import pytest

from idp.domain.accounts.recovery import COUNTER_CODE_LIVES, PASSWORD, Way
from idp.journeys.bound_documents import DocumentGoneError
from idp.journeys.refusals import WrongCodeError
from idp.journeys.throttling import SlowDownError
from tests.journeys.recovery.scene import NEW, Scene
from tests.journeys.stage import BROWSER, ORIGIN, VISITOR


async def issued(scene: Scene) -> str:
    owner = await scene.owner()
    return await scene.counter_codes.issue(owner.account_id, PASSWORD, ORIGIN, owner.account_id)


async def test_a_code_is_used_up_by_the_reset_and_by_nothing_before(scene: Scene) -> None:
    code = await issued(scene)
    first = await scene.counter.redeem(code, VISITOR)
    second = await scene.counter.redeem(code, VISITOR)
    assert first.proved is Way.COUNTER
    held = [await scene.proving.begin_proved(each, BROWSER) for each in (first, second)]
    assert (await scene.resetting.finish(held[0], NEW, BROWSER, VISITOR)).proofs
    with pytest.raises(DocumentGoneError):
        await scene.resetting.finish(held[1], NEW, BROWSER, VISITOR)
    with pytest.raises(WrongCodeError):
        await scene.counter.redeem(code, VISITOR)


async def test_a_code_lives_for_three_days(scene: Scene) -> None:
    code = await issued(scene)
    scene.stage.clock.advance(COUNTER_CODE_LIVES)
    with pytest.raises(WrongCodeError):
        await scene.counter.redeem(code, VISITOR)


async def test_the_code_stands_in_no_event_and_its_officer_does(scene: Scene) -> None:
    code = await issued(scene)
    (event,) = await scene.stage.events("recovery.asked")
    assert code not in event
    assert '"by":' in event


async def test_the_owner_stops_a_code_that_somebody_else_was_handed(scene: Scene) -> None:
    code, owner = await issued(scene), await scene.owner()
    assert await scene.people.stop_by_owner(owner, VISITOR)
    with pytest.raises(WrongCodeError):
        await scene.counter.redeem(code, VISITOR)


async def test_guessing_is_slowed_down(scene: Scene) -> None:
    for _ in range(20):
        with pytest.raises(WrongCodeError):
            await scene.counter.redeem("AAAA", VISITOR)
    with pytest.raises(SlowDownError):
        await scene.counter.redeem(await issued(scene), VISITOR)
