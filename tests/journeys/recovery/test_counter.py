from dataclasses import replace

import pytest

from idp.domain.accounts.recovery import BOTH, COOLING_OFF, COUNTER_CODE_LIVES, PASSWORD, Credential, Way
from idp.domain.events import AccountRecovered
from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Level
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.recovery.counter import IssuedCode
from idp.journeys.recovery.recovering import Recovering
from idp.journeys.refusals import CodeExpiredError, WrongCodeError
from idp.journeys.throttling import SlowDownError
from tests.journeys.recovery.scene import NEW, Scene
from tests.journeys.stage import AN, BINH, BROWSER, ORIGIN, VISITOR
from tests.ports.samples import event


async def issued(scene: Scene, lost: frozenset[Credential] = PASSWORD, whose: str = AN) -> IssuedCode:
    owner = await scene.stage.account(whose)
    return await scene.counter_codes.issue(owner.account_id, lost, ORIGIN, owner.account_id)


async def typed(scene: Scene, code: IssuedCode) -> Held[Recovering]:
    return await scene.proving.begin_proved(await scene.counter.redeem(code.code, VISITOR), BROWSER)


async def with_contact(scene: Scene, held: Held[Recovering]) -> Held[Recovering]:
    await scene.proving.send_code(held, VISITOR)
    await scene.errands.settle()
    return await scene.proving.submit_contact(held, scene.messages.codes[-1][1], VISITOR)


async def test_a_code_is_used_up_by_the_reset_and_by_nothing_before(scene: Scene) -> None:
    code = await issued(scene)
    held = [await typed(scene, code) for _ in range(2)]
    assert held[0].document.proved is Way.COUNTER
    assert (await scene.resetting.finish(held[0], NEW, BROWSER, VISITOR)).proofs
    with pytest.raises(DocumentGoneError):
        await scene.resetting.finish(held[1], NEW, BROWSER, VISITOR)
    with pytest.raises(WrongCodeError):
        await scene.counter.redeem(code.code, VISITOR)


async def test_a_code_does_not_wait_where_a_second_factor_is_left(scene: Scene) -> None:
    code, now = await issued(scene), scene.stage.clock.now()
    assert (code.waits, code.ready_at, code.expires_at) == (False, now, now + COUNTER_CODE_LIVES)
    scene.stage.clock.advance(COUNTER_CODE_LIVES)
    with pytest.raises(WrongCodeError):
        await scene.counter.redeem(code.code, VISITOR)


@pytest.mark.parametrize(("lost", "whose"), [(BOTH, AN), (PASSWORD, BINH)], ids=["both lost", "none enrolled"])
async def test_a_code_that_leaves_no_second_factor_waits(scene: Scene, lost: frozenset[Credential], whose: str) -> None:
    code, now = await issued(scene, lost, whose), scene.stage.clock.now()
    assert (code.waits, code.ready_at) == (True, now + COOLING_OFF)
    early = await typed(scene, code)
    assert (early.document.complete, early.document.ready_at) == (None, code.ready_at)
    with pytest.raises(DocumentGoneError):
        await scene.resetting.finish(early, NEW, BROWSER, VISITOR)
    scene.stage.clock.advance(COOLING_OFF)
    later = await typed(scene, code)
    assert later.document.complete is Way.COUNTER
    assert (await scene.resetting.finish(later, NEW, BROWSER, VISITOR)).proofs
    with pytest.raises(WrongCodeError):
        await scene.counter.redeem(code.code, VISITOR)


async def without_a_factor(scene: Scene) -> None:
    account_id, authenticators = (await scene.owner()).account_id, scene.stage.stores.authenticators
    for one in await authenticators.enrolled(account_id):
        await authenticators.remove(account_id, one.authenticator_id, event())


async def test_a_code_waits_after_all_once_the_factor_that_was_left_is_gone(scene: Scene) -> None:
    code, now = await issued(scene), scene.stage.clock.now()
    before = await typed(scene, code)
    await without_a_factor(scene)
    with pytest.raises(DocumentGoneError):
        await scene.resetting.finish(before, NEW, BROWSER, VISITOR)
    early = await typed(scene, code)
    assert (early.document.complete, early.document.ready_at) == (None, now + COOLING_OFF)
    with pytest.raises(DocumentGoneError):
        await scene.resetting.finish(early, NEW, BROWSER, VISITOR)
    scene.stage.clock.advance(COOLING_OFF)
    later = await typed(scene, code)
    assert (await scene.resetting.finish(later, NEW, BROWSER, VISITOR)).proofs


async def test_with_the_mailbox_a_factor_that_is_gone_keeps_nobody_waiting(scene: Scene) -> None:
    code = await issued(scene)
    await without_a_factor(scene)
    held = await with_contact(scene, await typed(scene, code))
    assert (await scene.resetting.finish(held, NEW, BROWSER, VISITOR)).proofs


async def test_it_ends_three_days_after_the_wait(scene: Scene) -> None:
    code = await issued(scene, BOTH)
    scene.stage.clock.advance(COOLING_OFF + COUNTER_CODE_LIVES - 1)
    assert (await scene.counter.redeem(code.code, VISITOR)).proved is Way.COUNTER
    scene.stage.clock.advance(1)
    with pytest.raises(WrongCodeError):
        await scene.counter.redeem(code.code, VISITOR)


async def test_with_the_own_mailbox_nobody_waits(scene: Scene) -> None:
    held = await with_contact(scene, await typed(scene, await issued(scene, BOTH)))
    assert held.document.complete is Way.COUNTER_CONTACT
    attempt = await scene.resetting.finish(held, NEW, BROWSER, VISITOR)
    assert attempt.enrolment.activated
    assert await scene.stage.stores.authenticators.enrolled((await scene.owner()).account_id) == ()
    (recorded,) = await scene.stage.events(AccountRecovered.name)
    assert '"way":"counter_contact"' in recorded


async def test_a_code_from_the_mailbox_alone_skips_no_wait(scene: Scene) -> None:
    """One of another journey of the same person: the code of the counter was never typed there."""
    code = await issued(scene, BOTH)
    begun = await with_contact(scene, await scene.proving.begin(AN, BOTH, BROWSER, VISITOR))
    assert begun.document.complete is None
    held = await typed(scene, code)
    with pytest.raises(CodeExpiredError):
        await scene.proving.submit_contact(held, scene.messages.codes[-1][1], VISITOR)


async def test_the_owner_stops_what_was_proved_early(scene: Scene) -> None:
    held = await with_contact(scene, await typed(scene, await issued(scene, BOTH)))
    assert await scene.people.stop_by_owner(await scene.owner(), VISITOR)
    with pytest.raises(DocumentGoneError):
        await scene.resetting.finish(held, NEW, BROWSER, VISITOR)


async def test_codes_to_the_mailbox_are_few_however_often_the_counter_s_is_typed(scene: Scene) -> None:
    code = await issued(scene, BOTH)
    for _ in range(5):
        await scene.proving.send_code(await typed(scene, code), VISITOR)
    held = await typed(scene, code)
    with pytest.raises(SlowDownError):
        await scene.proving.send_code(held, VISITOR)
    await scene.errands.settle()
    assert len(scene.messages.codes) == 5


async def test_strangers_use_up_nothing_of_it(scene: Scene) -> None:
    begun = await scene.proving.begin(AN, BOTH, BROWSER, VISITOR)
    for _ in range(4):
        await scene.proving.send_code(begun, VISITOR)
    with pytest.raises(SlowDownError):
        await scene.proving.send_code(begun, VISITOR)
    assert (await with_contact(scene, await typed(scene, await issued(scene, BOTH)))).document.complete


async def test_it_is_told_whether_a_contact_is_there(scene: Scene) -> None:
    assert await scene.counter.reaches_contact((await scene.owner()).account_id)
    assert not await scene.counter.reaches_contact(AccountId("without"))


async def test_the_code_stands_in_no_event_and_its_officer_does(scene: Scene) -> None:
    code = await issued(scene)
    (recorded,) = await scene.stage.events("recovery.asked")
    assert code.code not in recorded
    assert '"by":' in recorded


async def test_the_owner_stops_a_code_that_somebody_else_was_handed(scene: Scene) -> None:
    code, owner = await issued(scene), await scene.owner()
    assert await scene.people.stop_by_owner(owner, VISITOR)
    with pytest.raises(WrongCodeError):
        await scene.counter.redeem(code.code, VISITOR)


async def test_guessing_is_slowed_down(scene: Scene) -> None:
    for _ in range(20):
        with pytest.raises(WrongCodeError):
            await scene.counter.redeem("AAAA", VISITOR)
    with pytest.raises(SlowDownError):
        await scene.counter.redeem((await issued(scene)).code, VISITOR)


async def used_up(scene: Scene, code: IssuedCode) -> None:
    """Somebody kept the code, and has all the codes to the mailbox made that it is good for."""
    for _ in range(5):
        await scene.proving.send_code(await typed(scene, code), VISITOR)
    held = await typed(scene, code)
    with pytest.raises(SlowDownError):
        await scene.proving.send_code(held, VISITOR)


async def test_whoever_kept_a_code_uses_up_none_of_those_of_another_counter(scene: Scene) -> None:
    await used_up(scene, await issued(scene, BOTH))
    held = await with_contact(scene, await typed(scene, await issued(scene, BOTH)))
    assert held.document.complete is Way.COUNTER_CONTACT


async def test_whoever_kept_a_code_uses_up_none_of_the_owner_s_device(scene: Scene) -> None:
    code, owner = await issued(scene, BOTH), await scene.owner()
    await used_up(scene, code)
    known = replace(VISITOR, device=scene.stage.devices.remember(owner.account_id, Level.TWO))
    held = await typed(scene, code)
    for _ in range(5):
        await scene.proving.send_code(held, known)
    with pytest.raises(SlowDownError):
        await scene.proving.send_code(held, known)
