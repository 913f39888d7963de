from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.accounts.recovery import BOTH, COOLING_OFF, COUNTER_CODE_LIVES, RecoveryRequest, RecoveryState
from idp.domain.records import Records
from idp.journeys.administration.errors import ChangedMeanwhileError
from idp.journeys.administration.handing_over import HandedOver
from idp.journeys.recovery.tokens import counter_code_hash
from tests.journeys.administration.counter import PASSES, WOMAN, Counter, make_counter, person
from tests.journeys.stage import Stage
from tests.ports.samples import EVENT


@pytest.fixture
async def counter(stage: Stage) -> Counter:
    return await make_counter(stage)


async def passed(counter: Counter, **contacts: str) -> str:
    """A passed case of somebody whom a file told, with these contacts and without a password."""
    woman = replace(person(WOMAN, "Trần Thị Hoà", "1999-03-04"), **contacts)  # type: ignore[arg-type]  # all are text
    await counter.stage.stores.records.load(Records(people=(woman,)), EVENT)
    case = await counter.proofing.open(counter.first, WOMAN)
    await counter.proofing.decide(counter.first, case.case_id, PASSES)
    return case.case_id


async def request_of(counter: Counter, over: HandedOver) -> RecoveryRequest:
    assert over.recovery
    request = await counter.stage.stores.recoveries.of_code(counter_code_hash(over.recovery.code))
    assert request
    return request


@pytest.mark.parametrize("contacts", [{"email": "hoa@example.vn"}, {"phone_number": "+84912000111"}])
async def test_no_officer_alone_opens_an_account_that_never_had_a_password(
    counter: Counter, contacts: dict[str, str]
) -> None:
    """Whatever the officer says is lost: a code that waits for its owner's contact, or for two days."""
    over = await counter.proofing.hand_over(counter.first, await passed(counter, **contacts))

    assert (over.link, over.code) == (None, None)
    request, now = await request_of(counter, over), counter.stage.clock.now()
    assert (request.lost, request.state(now)) == (BOTH, RecoveryState.COOLING)
    assert (request.ready_at, request.expires_at) == (now + COOLING_OFF, now + COOLING_OFF + COUNTER_CODE_LIVES)
    (asked,) = await counter.stage.events("recovery.asked")
    assert f'"by":"{counter.first.account_id}"' in asked
    assert "activation_link.made" not in await counter.events()


async def test_the_owner_whom_the_message_reaches_says_no(counter: Counter) -> None:
    over = await counter.proofing.hand_over(counter.first, await passed(counter, email="hoa@example.vn"))
    request = await request_of(counter, over)
    recoveries, now = counter.stage.stores.recoveries, counter.stage.clock.now()

    assert await recoveries.stop_all(await counter.account(), now, now, EVENT, request.request_id)
    assert (await request_of(counter, over)).state(now) is RecoveryState.STOPPED


async def test_where_nobody_can_be_told_the_person_gets_a_link(counter: Counter) -> None:
    over = await counter.proofing.hand_over(counter.first, await passed(counter))

    assert over.recovery is None
    assert over.link
    assert over.link.startswith("/activate/")


async def test_of_fifty_who_press_at_once_one_hands_over_a_code_that_waits(counter: Counter) -> None:
    case_id = await passed(counter, email="hoa@example.vn")
    pressed = [counter.proofing.hand_over(counter.first, case_id) for _ in range(50)]
    told = await gather(*pressed, return_exceptions=True)
    (over,) = (each for each in told if not isinstance(each, ChangedMeanwhileError))
    assert isinstance(over, HandedOver)
    assert (await request_of(counter, over)).state(counter.stage.clock.now()) is RecoveryState.COOLING
