import asyncio

import pyotp
import pytest

from idp.domain.accounts.recovery import BOTH, PASSWORD, Way
from idp.domain.ids import AccountId
from idp.journeys.account_security.one_time_codes import OneTimeCodeDevices
from idp.journeys.activation_codes import Channel
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.recovery.recovering import LIFETIME, Recovering
from idp.journeys.recovery.throttles import Whence, for_proofs
from idp.journeys.refusals import CodeExpiredError, CodeUsedError, WrongCodeError
from idp.journeys.throttling import SlowDownError
from tests.journeys.recovery.scene import Scene
from tests.journeys.stage import AN, BROWSER, CUONG, OFFICER, VISITOR

NOBODY = "001199999999"


async def begun(scene: Scene, identifier: str = AN) -> Held[Recovering]:
    held = await scene.proving.begin(identifier, PASSWORD, BROWSER, VISITOR)
    await scene.proving.send_code(held, VISITOR)
    await scene.errands.settle()
    return held


async def at_proof(scene: Scene) -> Held[Recovering]:
    held = await begun(scene)
    return await scene.proving.submit_contact(held, scene.messages.codes[-1][1], VISITOR)


async def test_a_code_goes_to_the_verified_mailbox_and_proves_it(scene: Scene) -> None:
    held = await at_proof(scene)
    assert [address for address, _ in scene.messages.codes] == ["an@example.vn"]
    assert held.document.contact_proved
    assert held.document.complete is None


@pytest.mark.parametrize("identifier", [NOBODY, "nonsense", OFFICER[0], CUONG])
async def test_nobody_is_sent_anything_who_has_no_way(scene: Scene, identifier: str) -> None:
    held = await begun(scene, identifier)
    assert scene.messages.codes == []
    for _ in range(5):
        with pytest.raises(WrongCodeError):
            await scene.proving.submit_contact(held, "000000", VISITOR)
    with pytest.raises(CodeExpiredError):
        await scene.proving.submit_contact(held, "000000", VISITOR)


async def test_a_code_is_worth_nothing_where_nobody_was_sent_it(scene: Scene) -> None:
    held = await begun(scene, NOBODY)
    code = await scene.stage.codes.issue(AccountId(f"recovery {held.document_id}"), Channel.CONTACT)
    with pytest.raises(WrongCodeError):
        await scene.proving.submit_contact(held, code, VISITOR)


async def test_of_many_who_type_the_code_at_once_one_goes_on(scene: Scene) -> None:
    held = await begun(scene)
    code = scene.messages.codes[-1][1]
    told = await asyncio.gather(
        *(scene.proving.submit_contact(held, code, VISITOR) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, Held) for each in told) == 1


async def test_a_mailbox_that_takes_nothing_is_written_down_and_not_told(scene: Scene) -> None:
    scene.messages.is_full = True
    await begun(scene)
    (event,) = await scene.stage.events("recovery.refused")
    assert '"reason":"not_sent"' in event


async def test_a_code_of_the_app_proves_once(scene: Scene) -> None:
    held = await at_proof(scene)
    code = scene.stage.one_time_code()
    proved = await scene.proving.submit_proof(held, code, VISITOR)
    assert proved.document.complete is Way.APP
    again = await at_proof(scene)
    with pytest.raises(CodeUsedError):
        await scene.proving.submit_proof(again, code, VISITOR)


async def test_the_app_is_not_asked_before_the_contact(scene: Scene) -> None:
    """Or strangers would use up the owner's tries."""
    held = await begun(scene)
    for _ in range(30):
        with pytest.raises(DocumentGoneError):
            await scene.proving.submit_proof(held, "000000", VISITOR)
    proved = await scene.proving.submit_contact(held, scene.messages.codes[-1][1], VISITOR)
    assert (await scene.proving.submit_proof(proved, scene.stage.one_time_code(), VISITOR)).document.complete


async def test_guesses_at_the_app_are_bounded(scene: Scene) -> None:
    held = await at_proof(scene)
    for _ in range(10):
        with pytest.raises(WrongCodeError):
            await scene.proving.submit_proof(held, "000000", VISITOR)
    with pytest.raises(SlowDownError):
        await scene.proving.submit_proof(held, scene.stage.one_time_code(), VISITOR)


async def test_a_guess_at_two_apps_is_taken_for_two(scene: Scene) -> None:
    stage = scene.stage
    session = (await stage.signed_in()).session
    devices = OneTimeCodeDevices(stage.code_device, stage.stores.authenticators)
    shown = pyotp.TOTP(devices.proposal(session, "turn").secret).at(stage.clock.at)
    await devices.add(session, "turn", shown, "", VISITOR)
    held = await at_proof(scene)
    with pytest.raises(WrongCodeError):
        await scene.proving.submit_proof(held, "000000", VISITOR)

    of_one_app = for_proofs(stage.throttling, session.account_id, Whence("source", "network"))
    assert await stage.stores.short_lived.used(of_one_app, stage.clock.now()) == (1, 2)


async def test_another_browser_and_half_an_hour_later_there_is_nothing(scene: Scene) -> None:
    held = await begun(scene)
    with pytest.raises(DocumentGoneError):
        await scene.proving.load(held.document_id, "another")
    scene.stage.clock.advance(LIFETIME)
    with pytest.raises(DocumentGoneError):
        await scene.proving.load(held.document_id, BROWSER)


async def test_beginning_is_slowed_down_alike_for_whoever_is_named(scene: Scene) -> None:
    for identifier in (AN, NOBODY):
        for _ in range(5):
            await scene.proving.begin(identifier, BOTH, BROWSER, VISITOR)
        with pytest.raises(SlowDownError) as slow:
            await scene.proving.begin(identifier, BOTH, BROWSER, VISITOR)
        assert slow.value.wait == 900
