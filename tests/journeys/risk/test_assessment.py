from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from idp.domain.abuse.place import Place
from idp.domain.abuse.risk import Risk
from idp.domain.abuse.risk_signals import MANY_FAILURES
from idp.domain.accounts.account import Account
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.domain.levels.assurance import Level
from idp.journeys.attempt import Loaded
from idp.journeys.refusals import WrongCredentialsError
from idp.journeys.risk.assessment import STALE, RiskAssessment
from idp.journeys.sessions import CurrentSession
from idp.journeys.visitor import Visitor
from tests.flows.provider import PASSWORD
from tests.journeys.stage import AN, BROWSER, VISITOR, Stage

HANOI = Place("VN", "HN", "Hà Nội", 21.03, 105.85)
SAIGON = Place("VN", "SG", "Thành phố Hồ Chí Minh", 10.78, 106.70)
HOME = replace(VISITOR, network="home", place=HANOI)
ELSEWHERE = Visitor(Origin(RequestId("request-2"), "source-2"), "vi", network="cafe", place=HANOI)


@pytest.fixture
def risk(stage: Stage) -> RiskAssessment:
    return stage.risk


async def password_right(stage: Stage, risk: RiskAssessment, visitor: Visitor) -> Loaded:
    """A sign-in whose password was right: it is stored with its risk."""
    return await stage.password.submit(await stage.begin(), AN, PASSWORD, visitor)


async def signed_in(stage: Stage, risk: RiskAssessment, visitor: Visitor = HOME) -> Visitor:
    """Somebody signs in and comes back with the cookie."""
    account = await account_of(stage)
    moved = await password_right(stage, risk, visitor)
    session = await stage.sessions.begin(account, moved.attempt.proofs, None)
    cookie = stage.devices.remember(account.account_id, Level.ONE, visitor.device)
    await risk.signed_in(session, visitor, stage.devices.recognise(cookie, account.account_id))
    return replace(visitor, device=cookie)


async def account_of(stage: Stage) -> Account:
    account = await stage.stores.accounts.find(AN)
    assert account is not None
    return account


async def guessed(stage: Stage, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentialsError):
            await stage.password.submit(await stage.begin(), AN, "wrong", ELSEWHERE)


async def events(stage: Stage, name: str) -> list[Mapping[str, Any]]:
    records = [record async for record in stage.stores.audit_log.records() if record.name == name]
    return [msgspec.json.decode(record.payload)["event"] for record in records]


async def test_a_first_sign_in_and_a_known_device_raise_nothing_and_leave_no_event(
    stage: Stage, risk: RiskAssessment
) -> None:
    home = await signed_in(stage, risk)
    moved = await password_right(stage, risk, home)
    assert moved.attempt.risk is Risk.NONE
    assert await events(stage, "sign_in.assessed") == []
    assert await events(stage, "sign_in.new_device") == []


async def test_a_new_device_alone_asks_nothing_more_and_is_told(stage: Stage, risk: RiskAssessment) -> None:
    await signed_in(stage, risk)
    moved = await password_right(stage, risk, ELSEWHERE)
    assert moved.attempt.risk is Risk.NONE
    (event,) = await events(stage, "sign_in.assessed")
    assert (event["risk"], event["signals"], event["place"]) == ("none", ["new_device", "new_network"], "VN-HN")
    await signed_in(stage, risk, replace(HOME, network="home"))
    assert len(await events(stage, "sign_in.new_device")) == 1


async def test_a_stranger_after_many_guesses_is_a_risk_that_the_attempt_keeps(
    stage: Stage, risk: RiskAssessment
) -> None:
    await signed_in(stage, risk)
    await guessed(stage, MANY_FAILURES + 1)
    moved = await password_right(stage, risk, ELSEWHERE)
    assert moved.attempt.risk is Risk.RAISED
    await stage.attempts.keep(moved)
    stored = await stage.attempts.load(moved.attempt.attempt_id, BROWSER)
    assert stored is not None
    assert stored.attempt.risk is Risk.RAISED


async def test_guesses_of_others_do_not_make_the_owner_a_risk(stage: Stage, risk: RiskAssessment) -> None:
    home = await signed_in(stage, risk)
    await guessed(stage, MANY_FAILURES + 1)
    assert (await password_right(stage, risk, home)).attempt.risk is Risk.NONE


async def test_nobody_signs_in_in_saigon_ten_minutes_after_hanoi(stage: Stage, risk: RiskAssessment) -> None:
    home = await signed_in(stage, risk)
    stage.clock.advance(600)
    there = replace(home, network="hotel", place=SAIGON)
    assert (await password_right(stage, risk, there)).attempt.risk is Risk.RAISED
    stage.clock.advance(24 * 3600)
    assert (await password_right(stage, risk, there)).attempt.risk is Risk.NONE


async def test_a_further_proof_of_the_same_attempt_is_not_assessed_again(stage: Stage, risk: RiskAssessment) -> None:
    await signed_in(stage, risk)
    moved = await password_right(stage, risk, ELSEWHERE)
    assert await risk.assess(moved.attempt, moved.attempt, ELSEWHERE) is moved.attempt
    assert len(await events(stage, "sign_in.assessed")) == 1


async def test_a_device_in_a_network_is_remembered_once_an_hour(stage: Stage, risk: RiskAssessment) -> None:
    home = await signed_in(stage, risk)
    (first,) = await stage.stores.sign_in_history.of_account((await account_of(stage)).account_id)
    stage.clock.advance(60)
    await signed_in(stage, risk, home)
    assert await stage.stores.sign_in_history.of_account(first.account_id) == (first,)
    stage.clock.advance(STALE)
    await signed_in(stage, risk, home)
    (later,) = await stage.stores.sign_in_history.of_account(first.account_id)
    assert later == replace(first, at=stage.clock.now())


async def test_a_store_that_is_away_stops_nobody(stage: Stage, risk: RiskAssessment) -> None:
    account = await account_of(stage)
    session: CurrentSession = await stage.sessions.begin(account, (), None)
    await stage.stores.close()
    await risk.signed_in(session, HOME, "device")
