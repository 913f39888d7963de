from dataclasses import replace

import pytest

from idp.domain.abuse.browser_kind import BrowserFamily, BrowserKind, System
from idp.domain.authenticators.trusted_browser import TRUSTED_FOR
from idp.domain.events import SecondFactorPreferenceChanged
from idp.domain.levels.assurance import Level, Method, Proof
from idp.journeys.next_step import Step
from idp.journeys.sessions import CurrentSession
from idp.journeys.visitor import Visitor
from tests.flows.provider import PASSWORD
from tests.journeys.stage import AN, BINH, ORIGIN, VISITOR, Stage

KIND = BrowserKind(BrowserFamily.CHROME, System.WINDOWS)


async def with_two_factors(stage: Stage) -> CurrentSession:
    session = await stage.signed_in()
    code = Proof(Method.ONE_TIME_CODE, stage.clock.now())
    return await stage.sessions.step_up(session, (*session.session.proofs, code))


async def owner(stage: Stage, level: Level = Level.TWO) -> Visitor:
    """The browser that signed in to `level` before."""
    return Visitor(ORIGIN, "vi", stage.devices.remember(await stage.account_id(), level), browser=KIND)


async def step_of(stage: Stage, visitor: Visitor, level: Level = Level.ONE) -> Step:
    loaded = await stage.password.submit(await stage.begin(level), AN, PASSWORD, visitor)
    return await stage.sign_in.step(loaded.attempt)


async def ask_always(stage: Stage) -> None:
    account_id = await stage.account_id()
    event = SecondFactorPreferenceChanged(origin=ORIGIN, account_id=account_id, always=True)
    await stage.stores.accounts.prefer_second_factor(account_id, always=True, event=event)


async def test_a_trusted_browser_is_spared_what_nothing_needs_and_nothing_else(stage: Stage) -> None:
    await ask_always(stage)
    visitor = await owner(stage)
    assert await step_of(stage, visitor) is Step.SECOND_FACTOR
    assert await stage.trust.trust(await with_two_factors(stage), visitor)

    assert await step_of(stage, visitor) is Step.DONE
    assert await step_of(stage, visitor, Level.TWO) is Step.SECOND_FACTOR
    assert await step_of(stage, VISITOR) is Step.SECOND_FACTOR
    stage.clock.advance(TRUSTED_FOR)
    assert await step_of(stage, visitor) is Step.SECOND_FACTOR


async def test_trust_is_no_proof(stage: Stage) -> None:
    visitor = await owner(stage)
    await stage.trust.trust(await with_two_factors(stage), visitor)
    loaded = await stage.password.submit(await stage.begin(Level.ONE), AN, PASSWORD, visitor)
    session = await stage.sign_in.complete(loaded, None, visitor)
    assert session
    assert session.session.level is Level.ONE


@pytest.mark.parametrize("level", [Level.NONE, Level.ONE])
async def test_a_browser_on_which_one_factor_was_proved_is_not_trusted(stage: Stage, level: Level) -> None:
    visitor = await owner(stage, level)
    assert not await stage.trust.trust(await with_two_factors(stage), visitor)
    assert not await stage.trust.trust(await stage.signed_in(), await owner(stage))
    assert not await stage.trust.trust(await with_two_factors(stage), VISITOR)
    assert await stage.events("browser.trusted") == []


async def test_trust_of_one_account_is_none_of_another(stage: Stage) -> None:
    visitor = await owner(stage)
    await stage.trust.trust(await with_two_factors(stage), visitor)

    assert await stage.trust.is_trusted(await stage.account(), visitor)
    assert not await stage.trust.is_trusted(await stage.account(BINH), visitor)


async def test_trust_is_taken_back_from_one_or_all(stage: Stage) -> None:
    current, visitor = await with_two_factors(stage), await owner(stage)
    account = current.account
    await stage.trust.trust(current, visitor)
    (listed,) = await stage.trust.of(account.account_id)
    assert listed.browser == KIND
    assert visitor.device
    assert visitor.device.partition(".")[0] not in listed.browser_id

    assert not await stage.trust.revoke(await stage.account_id(BINH), listed.browser_id, visitor)
    assert await stage.trust.revoke(account.account_id, listed.browser_id, visitor)
    assert not await stage.trust.is_trusted(account, visitor)
    await stage.trust.trust(current, replace(visitor))
    assert await stage.trust.revoke_all(account.account_id, visitor) == 1
    assert await stage.trust.of(account.account_id) == ()
    assert len(await stage.events("browser.distrusted")) == 2


async def test_signing_out_everywhere_ends_trust(stage: Stage) -> None:
    current, visitor = await with_two_factors(stage), await owner(stage)
    await stage.trust.trust(current, visitor)
    await stage.sessions.end_everywhere(current, ORIGIN)

    assert not await stage.trust.is_trusted(await stage.account(), visitor)
    # In that very second somebody signs in again and trusts the browser anew.
    assert await stage.trust.trust(await with_two_factors(stage), visitor)
    assert await stage.trust.is_trusted(await stage.account(), visitor)
