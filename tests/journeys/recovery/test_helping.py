import asyncio

import pytest

from idp.domain.accounts.account import Account
from idp.journeys.recovery.helping import NotAskedError
from idp.journeys.refusals import WrongCodeError
from idp.journeys.throttling import SlowDownError
from tests.journeys.recovery.scene import HELPERS, Scene
from tests.journeys.recovery.test_people import asked, with_helpers
from tests.journeys.stage import BINH, VISITOR


async def request_of(scene: Scene) -> str:
    await with_helpers(scene)
    return (await scene.people.look(await asked(scene))).request_id


async def helper(scene: Scene, number: int = 0) -> Account:
    return await scene.stage.account(HELPERS[number])


async def test_a_helper_sees_whose_request_it_is_and_it_is_gone_once_enough_have_answered(scene: Scene) -> None:
    request_id = await request_of(scene)
    (waiting,) = await scene.helping.asked_of(await helper(scene))
    assert (waiting.owner, waiting.answered) == ("Nguyễn Văn An", False)
    spoken = scene.tokens.spoken(request_id)
    for number in (0, 1):
        await scene.helping.confirm(await helper(scene, number), request_id, spoken, VISITOR)
    assert (await scene.helping.see(await helper(scene), request_id)).answered
    with pytest.raises(NotAskedError):
        await scene.helping.confirm(await helper(scene, 2), request_id, spoken, VISITOR)
    assert len(await scene.stage.events("recovery.confirmed")) == 1


async def test_one_helper_s_word_counts_once_however_often_it_is_given(scene: Scene) -> None:
    request_id = await request_of(scene)
    one, spoken = await helper(scene), scene.tokens.spoken(request_id)
    told = await asyncio.gather(
        *(scene.helping.confirm(one, request_id, spoken, VISITOR) for _ in range(5)), return_exceptions=True
    )
    assert told.count(None) == 1
    found = await scene.stage.stores.recoveries.get(request_id)
    assert found is not None
    assert (found.confirmed, found.ready_at) == (1, None)


async def test_five_wrong_tries_end_a_helper_s_say_and_nobody_else_s(scene: Scene) -> None:
    request_id = await request_of(scene)
    one, spoken = await helper(scene), scene.tokens.spoken(request_id)
    for _ in range(5):
        with pytest.raises(WrongCodeError):
            await scene.helping.confirm(one, request_id, "00000000" if spoken != "00000000" else "1" * 8, VISITOR)
    with pytest.raises(SlowDownError):
        await scene.helping.confirm(one, request_id, spoken, VISITOR)
    await scene.helping.confirm(await helper(scene, 1), request_id, spoken, VISITOR)


@pytest.mark.parametrize("who", [BINH, "owner"])
async def test_nobody_confirms_who_is_not_trusted(scene: Scene, who: str) -> None:
    request_id = await request_of(scene)
    account = await scene.owner() if who == "owner" else await scene.stage.account(who)
    assert await scene.helping.asked_of(account) == ()
    for act in (scene.helping.see(account, request_id), scene.helping.deny(account, request_id, VISITOR)):
        with pytest.raises(NotAskedError):
            await act


async def test_one_helper_stops_what_others_confirmed(scene: Scene) -> None:
    request_id = await request_of(scene)
    for number in (0, 1):
        await scene.helping.confirm(await helper(scene, number), request_id, scene.tokens.spoken(request_id), VISITOR)
    await scene.helping.deny(await helper(scene, 2), request_id, VISITOR)
    (stopped,) = await scene.stage.events("recovery.stopped")
    assert '"veto":"helper"' in stopped


async def test_helpers_find_the_owner_s_own_request_whatever_strangers_began(scene: Scene) -> None:
    own = await request_of(scene)
    strangers = [(await scene.people.look(await asked(scene))).request_id for _ in range(4)]
    (shown,) = await scene.helping.asked_of(await helper(scene))
    assert shown.request.request_id == strangers[-1]
    # The digits that are read out are those of the owner's request: they decide.
    await scene.helping.confirm(await helper(scene), shown.request.request_id, scene.tokens.spoken(own), VISITOR)
    found = await scene.stage.stores.recoveries.get(own)
    assert found is not None
    assert found.confirmed == 1
    assert [each.request.request_id for each in await scene.helping.asked_of(await helper(scene, 1))] == [
        strangers[-1],
        own,
    ]
    with pytest.raises(NotAskedError):
        await scene.helping.confirm(await helper(scene), shown.request.request_id, scene.tokens.spoken(own), VISITOR)


async def test_digits_of_another_account_s_request_are_wrong(scene: Scene) -> None:
    own = await request_of(scene)
    other = (await scene.people.look(await asked(scene, BINH))).request_id
    with pytest.raises(WrongCodeError):
        await scene.helping.confirm(await helper(scene), own, scene.tokens.spoken(other), VISITOR)
