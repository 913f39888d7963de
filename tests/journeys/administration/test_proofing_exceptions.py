from dataclasses import replace

import pytest

from idp.domain.enrolment.proofing import CaseState, ExceptionGround
from idp.domain.offices.change_request import ChangeRequest, ChangeState
from idp.domain.people.identity_record import IdentityCard
from idp.journeys.administration.errors import ChangedMeanwhileError, NotAllowedError, NotFoundError
from idp.journeys.administration.own_identity import OwnIdentityError
from tests.journeys.administration.counter import LOST_CARD, PASSES, SECOND, WOMAN, Counter
from tests.ports.samples import EVENT


async def asked(counter: Counter, number: str = WOMAN) -> ChangeRequest:
    case = await counter.proofing.open(counter.first, number)
    waiting = await counter.proofing.decide(counter.first, case.case_id, LOST_CARD)
    assert waiting.change_id
    return await counter.four_eyes.find(counter.first, waiting.change_id)


async def test_the_second_officer_reads_what_was_checked_and_why_and_nothing_that_leaves_no_trace(
    counter: Counter,
) -> None:
    change = await asked(counter)
    shown = await counter.four_eyes.shown(change)

    assert "Trần Thị Hoà" not in str(shown) + str(change.payload)
    assert shown["exception_ground"] == "no_card"
    assert (shown["check.register"], shown["check.card"]) == ("made", "not_made")
    assert shown["verified_by"] == "Công an Hà Nội"
    assert set(change.payload) == {"findings", "agency", "anew"}


async def test_the_evidence_of_an_exception_is_what_was_found(counter: Counter) -> None:
    change = await asked(counter)
    await counter.four_eyes.approve(counter.second, change.change_id, change.digest)

    record = await counter.record()
    assert record.verification is not None
    (evidence,) = record.verification["evidence"]
    assert evidence["type"] == "electronic_record"
    assert {facts.source for facts in record.attributes.values()} == {"population_register"}


async def test_nobody_approves_alone_nor_from_elsewhere_nor_about_himself(counter: Counter) -> None:
    change = await asked(counter)
    with pytest.raises(NotAllowedError):
        await counter.four_eyes.approve(counter.first, change.change_id, change.digest)
    for admin in (counter.elsewhere, counter.below, counter.admin):
        with pytest.raises((NotFoundError, NotAllowedError)):
            await counter.four_eyes.approve(admin, change.change_id, change.digest)
    about_second = await asked(counter, SECOND)
    with pytest.raises(OwnIdentityError):
        await counter.four_eyes.approve(counter.second, about_second.change_id, about_second.digest)
    assert (await counter.record(SECOND)).identity_level == 1


async def test_what_changed_since_it_was_asked_is_not_approved(counter: Counter) -> None:
    change = await asked(counter)
    record = replace(await counter.record(), card=IdentityCard(WOMAN, "2026-01-01"))
    await counter.stage.stores.identity_records.save(record, EVENT)
    with pytest.raises(ChangedMeanwhileError):
        await counter.four_eyes.approve(counter.second, change.change_id, change.digest)
    assert (await counter.record()).identity_level == 1


async def test_applied_twice_is_applied_once(counter: Counter) -> None:
    change = await asked(counter)
    await counter.four_eyes.approve(counter.second, change.change_id, change.digest)
    exceptions = counter.exceptions
    await exceptions.apply(change, counter.second)
    with pytest.raises(ChangedMeanwhileError):
        await exceptions.apply(replace(change, change_id="another"), counter.second)
    assert (await counter.events()).count("proofing.decided") == 2


async def test_a_damaged_card_is_the_document_all_the_same(counter: Counter) -> None:
    case = await counter.proofing.open(counter.first, WOMAN)
    damaged = replace(PASSES, ground=ExceptionGround.DAMAGED_CARD)
    waiting = await counter.proofing.decide(counter.first, case.case_id, damaged)
    assert waiting.change_id
    change = await counter.four_eyes.find(counter.second, waiting.change_id)
    await counter.four_eyes.approve(counter.second, change.change_id, change.digest)

    assert (await counter.four_eyes.find(counter.second, change.change_id)).state is ChangeState.APPLIED
    assert (await counter.proofing.cases.find(counter.first, case.case_id)).state is CaseState.PASSED
    assert (await counter.record()).card == PASSES.card


async def test_a_case_that_is_not_there_has_no_version(counter: Counter) -> None:
    with pytest.raises(NotFoundError):
        await counter.exceptions.version("unknown")
