"""What somebody can do who guesses the mailbox code, or wants to shut its owner out: so much, and no more."""

from contextlib import suppress
from dataclasses import replace

import pytest

from idp.domain.accounts.recovery import PASSWORD
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.domain.levels.assurance import Level
from idp.journeys.bound_documents import Held
from idp.journeys.recovery.recovering import Recovering
from idp.journeys.refusals import CodeExpiredError, WrongCodeError
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from tests.journeys.recovery.conftest import scene
from tests.journeys.recovery.scene import Scene
from tests.journeys.stage import AN, BROWSER, VISITOR

__all__ = ["scene"]

NOBODY = "001199999999"
HOUR = 3600


def at(network: int, address: int = 0) -> Visitor:
    return Visitor(Origin(RequestId("r"), f"source-{network}-{address}"), "vi", network=f"network-{network}")


async def owner_at(scene: Scene, visitor: Visitor, level: Level = Level.TWO) -> Visitor:
    return replace(visitor, device=scene.stage.devices.remember((await scene.owner()).account_id, level))


async def begun(scene: Scene, identifier: str = AN, visitor: Visitor = VISITOR) -> Held[Recovering]:
    return await scene.proving.begin(identifier, PASSWORD, BROWSER, visitor)


async def send(scene: Scene, held: Held[Recovering], visitor: Visitor = VISITOR) -> None:
    await scene.proving.send_code(held, visitor)
    await scene.errands.settle()


def wrong(scene: Scene) -> str:
    """A code that was not sent last."""
    return f"{(int(scene.messages.codes[-1][1]) + 1) % 10**6:06d}" if scene.messages.codes else "000000"


async def sent(scene: Scene, visitor: Visitor, most: int = 40) -> int:
    """How many codes somebody gets who asks for one after the other."""
    before = len(scene.messages.codes)
    for _ in range(most):
        try:
            await send(scene, await begun(scene, AN, visitor), visitor)
        except SlowDownError:
            break
    return len(scene.messages.codes) - before


@pytest.mark.parametrize("identifier", [AN, NOBODY])
async def test_a_code_that_is_too_many_is_not_made_and_the_one_before_it_stays(scene: Scene, identifier: str) -> None:
    held = await begun(scene, identifier)
    for _ in range(4):
        await send(scene, held)
    with pytest.raises(SlowDownError) as slow:
        await send(scene, held)
    assert slow.value.wait == 4 * HOUR
    other = await begun(scene, identifier)
    with pytest.raises(SlowDownError):
        await send(scene, other)
    with pytest.raises(CodeExpiredError):
        await scene.proving.submit_contact(other, "000000", VISITOR)
    with pytest.raises(WrongCodeError):
        await scene.proving.submit_contact(held, "000000", VISITOR)
    assert len(scene.messages.codes) == (4 if identifier == AN else 0)
    if identifier == AN:
        proved = await scene.proving.submit_contact(held, scene.messages.codes[-1][1], VISITOR)
        assert proved.document.contact_proved
    assert any('"reason":"throttled"' in event for event in await scene.stage.events("recovery.refused"))


@pytest.mark.parametrize("identifier", [AN, NOBODY])
async def test_one_journey_has_fifteen_tries_however_many_codes_it_is_sent(scene: Scene, identifier: str) -> None:
    owner = await owner_at(scene, VISITOR)
    held = await begun(scene, identifier, owner)
    for _ in range(3):
        await send(scene, held, owner)
        for _ in range(5):
            with pytest.raises(WrongCodeError):
                await scene.proving.submit_contact(held, wrong(scene), owner)
    await send(scene, held, owner)
    right = scene.messages.codes[-1][1] if identifier == AN else "000000"
    with pytest.raises(SlowDownError):
        await scene.proving.submit_contact(held, right, owner)


async def test_from_one_address_at_most_39_codes_are_tried_in_a_day_and_then_24(scene: Scene) -> None:
    """Somebody begins, asks for a code and tries, all day long."""
    looked_at = []
    for _ in range(2):
        tries = 0
        for _ in range(24 * 4):
            scene.stage.clock.advance(HOUR // 4)
            try:
                held = await begun(scene)
                await send(scene, held)
            except SlowDownError:
                continue
            for _ in range(5):
                try:
                    await scene.proving.submit_contact(held, wrong(scene), VISITOR)
                except WrongCodeError:
                    tries += 1
                except (CodeExpiredError, SlowDownError):
                    break
        looked_at.append(tries)
    assert 30 <= looked_at[0] <= 39
    assert 20 <= looked_at[1] <= 24


async def test_all_strangers_together_send_48_messages_in_a_day_and_then_24(scene: Scene) -> None:
    """Each hour comes somebody from a network that was never seen."""
    told = [sum([await sent(scene, at(network)) for network in range(8)])]
    assert told == [24]
    for day in range(2):
        for hour in range(24):
            scene.stage.clock.advance(HOUR)
            told.append(await sent(scene, at(100 + day * 24 + hour), 2))
    assert (sum(told[:25]), sum(told[25:])) == (48, 24)


async def test_strangers_empty_nothing_of_an_owner_s_device(scene: Scene) -> None:
    assert sum([await sent(scene, at(network)) for network in range(8)]) == 24
    for network in range(20, 30):
        with suppress(SlowDownError):
            for _ in range(5):
                await begun(scene, AN, at(network))
    with pytest.raises(SlowDownError):
        await begun(scene, AN, at(1000))
    owner = await owner_at(scene, at(1))
    held = await begun(scene, AN, owner)
    await send(scene, held, owner)
    proved = await scene.proving.submit_contact(held, scene.messages.codes[-1][1], owner)
    assert (await scene.proving.submit_proof(proved, scene.stage.one_time_code(), owner)).document.complete


async def test_one_network_leaves_an_owner_elsewhere_on_a_new_device_room(scene: Scene) -> None:
    assert sum([await sent(scene, at(1, address)) for address in range(5)]) == 6
    assert await sent(scene, at(2)) == 4


async def test_new_devices_of_whoever_knows_the_password_bring_no_more_messages(scene: Scene) -> None:
    thieves = [await owner_at(scene, at(1), Level.ONE) for _ in range(4)]
    assert sum([await sent(scene, thief) for thief in thieves]) == 8
    owner = await owner_at(scene, at(1))
    assert await sent(scene, owner) == 4


async def test_whoever_reads_the_mail_takes_no_tries_from_the_owner_who_signs_in(scene: Scene) -> None:
    account_id, stage = (await scene.owner()).account_id, scene.stage
    held = await begun(scene)
    await send(scene, held)
    held = await scene.proving.submit_contact(held, scene.messages.codes[-1][1], VISITOR)
    for _ in range(10):
        with pytest.raises(WrongCodeError):
            await scene.proving.submit_proof(held, "000000", VISITOR)
    with pytest.raises(SlowDownError):
        await scene.proving.submit_proof(held, stage.one_time_code(), VISITOR)
    at_sign_in = stage.throttling.for_second_factor(account_id, known_device=None)
    assert await stage.stores.short_lived.used(at_sign_in, stage.clock.now()) == (0, 0)
    owner = await owner_at(scene, VISITOR)
    assert (await scene.proving.submit_proof(held, stage.one_time_code(), owner)).document.complete


async def test_a_code_that_was_right_takes_no_try(scene: Scene) -> None:
    for _ in range(4):
        held = await begun(scene)
        await send(scene, held)
        for _ in range(3):
            with pytest.raises(WrongCodeError):
                await scene.proving.submit_contact(held, wrong(scene), VISITOR)
        await scene.proving.submit_contact(held, scene.messages.codes[-1][1], VISITOR)
