from dataclasses import replace

import pytest

from idp.domain.records import OrganisationRecord, Records
from idp.domain.representation.mandate import Function
from idp.domain.representation.principal import SELF
from idp.journeys.acting_for import NotOfferedError, PrincipalStep, Question
from tests.journeys.delegating import PORTAL, TAX_CODE, Delegating, make_delegating
from tests.journeys.stage import ORIGIN, Stage
from tests.ports.samples import EVENT

ORGANISATION = f"organisation:{TAX_CODE}"


@pytest.fixture
async def delegating(stage: Stage) -> Delegating:
    return await make_delegating(stage)


@pytest.fixture
def step(stage: Stage) -> PrincipalStep:
    return PrincipalStep(stage.attempts, stage.stores.authorities, stage.stores.audit_trail, stage.clock)


async def test_who_has_nobody_to_act_for_acts_for_oneself_without_a_question(stage: Stage, step: PrincipalStep) -> None:
    assert await step.chosen(Question(await stage.account_id(), PORTAL), None) == SELF


async def test_a_choice_counts_for_its_attempt_until_answered(delegating: Delegating, step: PrincipalStep) -> None:
    loaded = await delegating.stage.with_password()
    question = Question(delegating.an.account_id, PORTAL)
    assert await step.chosen(question, loaded.attempt) is None
    moved = await step.choose(loaded, question, ORGANISATION, ORIGIN)
    assert await step.chosen(question, moved.attempt) == ORGANISATION
    assert await step.name_of(question, ORGANISATION) == "Công ty Bình Minh"
    assert await step.name_of(question, SELF) is None
    assert await step.chosen(question, replace(moved.attempt, answered=True)) is None
    assert await step.chosen(Question(delegating.dung.account_id, PORTAL), moved.attempt) is None
    (event,) = await delegating.stage.events("principal.chosen")
    assert ORGANISATION in event


async def test_what_is_not_offered_is_not_taken_and_recorded(delegating: Delegating, step: PrincipalStep) -> None:
    loaded = await delegating.stage.with_password()
    question = Question(delegating.an.account_id, PORTAL)
    with pytest.raises(NotOfferedError):
        await step.choose(loaded, question, "organisation:0100109107", ORIGIN)
    assert len(await delegating.stage.events("authority.refused")) == 1
    assert await step.chosen(question, loaded.attempt) is None


async def test_only_those_are_offered_for_whom_the_request_s_functions_may_be_done(
    delegating: Delegating, step: PrincipalStep
) -> None:
    mandate = await delegating.given()
    await delegating.mandates.agree(delegating.dung, mandate.mandate_id, ORIGIN)
    question = Question(delegating.dung.account_id, PORTAL, frozenset({Function.SUBMIT}))
    assert {str(each.principal) for each in await step.offered(question)} == {ORGANISATION, str(mandate.principal)}
    paying = replace(question, functions=frozenset({Function.PAY}))
    assert {str(each.principal) for each in await step.offered(paying)} == {ORGANISATION}


async def test_a_choice_whose_authority_ended_is_asked_again(delegating: Delegating, step: PrincipalStep) -> None:
    mandate = await delegating.given()
    await delegating.mandates.agree(delegating.dung, mandate.mandate_id, ORIGIN)
    loaded = await delegating.stage.with_password()
    attempt = replace(loaded.attempt, account_id=delegating.dung.account_id, principal=str(mandate.principal))
    question = Question(delegating.dung.account_id, PORTAL)
    assert await step.chosen(question, attempt) == str(mandate.principal)
    await delegating.mandates.end(delegating.an, mandate.mandate_id, ORIGIN)
    assert await step.chosen(question, attempt) is None


async def test_who_chose_the_only_one_is_asked_again_and_not_taken_to_act_for_oneself(
    delegating: Delegating, step: PrincipalStep
) -> None:
    loaded = await delegating.stage.with_password()
    question = Question(delegating.an.account_id, PORTAL)
    moved = await step.choose(loaded, question, ORGANISATION, ORIGIN)
    nobody = OrganisationRecord(TAX_CODE, "Công ty Bình Minh", ())
    await delegating.stage.stores.records.load(Records(organisations=(nobody,)), EVENT)
    assert await step.offered(question) == ()
    assert await step.chosen(question, moved.attempt) is None
    oneself = await step.choose(moved, question, SELF, ORIGIN)
    assert await step.chosen(question, oneself.attempt) == SELF
