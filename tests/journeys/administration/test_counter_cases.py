import pytest

from idp.domain.enrolment.proofing import CASE_LIFETIME, CaseState, ProofingRefusal
from idp.domain.offices.change_request import LIFETIME
from idp.journeys.administration.errors import NotFoundError
from tests.journeys.administration.counter import LOST_CARD, PASSES, TWIN, WOMAN, Counter


async def test_the_queue_holds_the_undecided_cases_of_the_own_agency_and_those_below(counter: Counter) -> None:
    here = await counter.proofing.open(counter.first, WOMAN)
    below = await counter.proofing.open(counter.below, TWIN)
    cases = counter.proofing.cases

    assert await cases.queue(counter.first) == (below, here)
    assert await cases.queue(counter.below) == (below,)
    assert await cases.queue(counter.elsewhere) == ()
    assert await cases.queue(counter.admin) == (below, here)
    assert await cases.queue(counter.first, below.case_id) == (here,)
    await counter.proofing.decide(counter.first, here.case_id, PASSES)
    assert await cases.queue(counter.first) == (below,)
    counter.stage.clock.advance(CASE_LIFETIME)
    assert await cases.queue(counter.first) == ()


async def test_records_that_are_alike_stand_beside_the_case(counter: Counter) -> None:
    case = await counter.proofing.open(counter.first, WOMAN)
    sight = await counter.proofing.cases.see(counter.first, case.case_id)

    assert [each.account_id for each in sight.likenesses] == [await counter.account(TWIN)]
    assert sight.record == await counter.record()


async def test_a_case_that_is_not_there_is_not_found(counter: Counter) -> None:
    with pytest.raises(NotFoundError):
        await counter.proofing.cases.find(counter.first, "unknown")


@pytest.mark.parametrize("answer", ["refused", "withdrawn", "too late"])
async def test_what_the_second_officer_does_not_agree_to_is_refused(counter: Counter, answer: str) -> None:
    case = await counter.proofing.open(counter.first, WOMAN)
    waiting = await counter.proofing.decide(counter.first, case.case_id, LOST_CARD)
    assert waiting.change_id
    change = await counter.four_eyes.find(counter.second, waiting.change_id)
    if answer == "refused":
        await counter.four_eyes.refuse(counter.second, change.change_id, change.digest)
    elif answer == "withdrawn":
        await counter.four_eyes.withdraw(counter.first, change.change_id)
    else:
        counter.stage.clock.advance(LIFETIME)

    refused = await counter.proofing.cases.find(counter.admin, case.case_id)

    assert (refused.state, refused.reason) == (CaseState.REFUSED, ProofingRefusal.SECOND_OFFICER)
    assert refused.decided_by is None, "whoever looks first decided nothing"
    (decided,) = [told for told in await counter.stage.events("proofing.decided") if "refused" in told]
    assert counter.admin.account_id not in decided
    assert (await counter.record()).identity_level == 1
    assert (await counter.proofing.open(counter.first, WOMAN)).case_id != case.case_id


async def test_after_the_answer_the_person_can_come_again_though_nobody_looked_at_the_case(counter: Counter) -> None:
    case = await counter.proofing.open(counter.first, WOMAN)
    waiting = await counter.proofing.decide(counter.first, case.case_id, LOST_CARD)
    assert await counter.proofing.open(counter.second, WOMAN) == waiting
    assert waiting.change_id
    await counter.four_eyes.withdraw(counter.first, waiting.change_id)

    again = await counter.proofing.open(counter.second, WOMAN)

    assert (again.case_id == case.case_id, again.state) == (False, CaseState.OPEN)
