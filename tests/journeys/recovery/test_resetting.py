import asyncio

import pytest

from idp.domain.accounts.recovery import BOTH, COOLING_OFF, PASSWORD, Way
from idp.domain.authenticators.new_password import RefusedPassword
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level
from idp.journeys.attempt import Attempt
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.recovery.recovering import Recovering
from tests.journeys.recovery.scene import NEW, Scene
from tests.journeys.stage import BROWSER, ORIGIN, VISITOR
from tests.ports.samples import event


async def proved(scene: Scene, way: Way = Way.APP, *, contact: bool = True) -> Held[Recovering]:
    owner = await scene.owner()
    recovering = Recovering(PASSWORD, scene.stage.clock.now(), owner.account_id, contact_proved=contact, proved=way)
    return await scene.proving.begin_proved(recovering, BROWSER)


async def finish(scene: Scene, held: Held[Recovering], password: str = NEW) -> Attempt:
    return await scene.resetting.finish(held, password, BROWSER, VISITOR)


async def test_a_new_password_signs_in_and_is_asked_what_anybody_is(scene: Scene) -> None:
    attempt = await finish(scene, await proved(scene))
    assert (attempt.level, attempt.enrolment.activated) == (Level.ONE, False)
    assert attempt.valid_from == (await scene.owner()).sessions_valid_from
    signing_in = await scene.stage.with_password(password=NEW)
    assert signing_in.attempt.account_id == attempt.account_id
    (recovered,) = await scene.stage.events("account.recovered")
    assert '"way":"app"' in recovered
    assert '"reset":["password"]' in recovered


async def test_what_is_not_proved_sets_nothing(scene: Scene) -> None:
    with pytest.raises(DocumentGoneError):
        await finish(scene, await proved(scene, contact=False))


async def test_a_bad_password_uses_nothing_up(scene: Scene) -> None:
    held = await proved(scene)
    for bad in ("ngắn", "a" * 20):
        with pytest.raises(RefusedPassword):
            await finish(scene, held, bad)
    assert (await finish(scene, held)).proofs


async def test_of_many_submissions_one_sets_the_password(scene: Scene) -> None:
    held = await proved(scene)
    told = await asyncio.gather(*(finish(scene, held) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(each, Attempt) for each in told) == 1
    assert len(await scene.stage.events("account.recovered")) == 1


async def test_whoever_was_signed_out_everywhere_meanwhile_begins_again(scene: Scene) -> None:
    held = await proved(scene)
    owner = await scene.owner()
    scene.stage.clock.advance(10)
    await scene.stage.stores.accounts.end_all_sessions(owner.account_id, scene.stage.clock.now(), event())
    with pytest.raises(DocumentGoneError):
        await finish(scene, held)


async def test_a_lock_wins(scene: Scene) -> None:
    held, owner = await proved(scene), await scene.owner()
    await scene.stage.stores.accounts.set_locked(
        owner.account_id,
        locked=True,
        now=scene.stage.clock.now(),
        reason=RevocationReason.ACCOUNT_LOCKED,
        event=event(),
    )
    with pytest.raises(DocumentGoneError):
        await finish(scene, held)


async def test_who_lost_everything_and_stood_at_a_counter_goes_on_to_enrol(scene: Scene) -> None:
    owner = await scene.owner()
    issued = await scene.counter_codes.issue(owner.account_id, BOTH, ORIGIN, owner.account_id)
    scene.stage.clock.advance(COOLING_OFF)
    held = await scene.proving.begin_proved(await scene.counter.redeem(issued.code, VISITOR), BROWSER)
    attempt = await finish(scene, held)
    assert (attempt.level, attempt.enrolment.activated) == (Level.TWO, True)
    assert await scene.stage.stores.authenticators.enrolled(owner.account_id) == ()
    now = Seconds(scene.stage.clock.now())
    assert await scene.stage.stores.recoveries.held_until(owner.account_id, now) is None
