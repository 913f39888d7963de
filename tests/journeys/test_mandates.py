import asyncio
from dataclasses import replace
from datetime import date

import pytest

from idp.domain.representation.mandate import MandateEnd, MandateState
from idp.domain.representation.principal import PrincipalKind
from idp.journeys.known_person import NotPossibleError
from idp.journeys.mandates import ended_by_itself
from tests.journeys.delegating import LAST, OFFERED, TAX_CODE, Delegating, make_delegating
from tests.journeys.stage import AN, BINH, ORIGIN, Stage
from tests.ports.samples import EVENT


@pytest.fixture
async def delegating(stage: Stage) -> Delegating:
    return await make_delegating(stage)


async def state(delegating: Delegating, mandate_id: str) -> MandateState:
    parties = await delegating.stage.stores.mandates.get(mandate_id)
    assert parties is not None
    return parties.mandate.state(delegating.stage.clock.now())


async def test_a_person_s_mandate_waits_for_its_holder_alone(delegating: Delegating) -> None:
    mandate = await delegating.given()
    assert mandate.giver_kind is PrincipalKind.PERSON
    assert await state(delegating, mandate.mandate_id) is MandateState.WAITING
    assert not await delegating.mandates.agree(delegating.an, mandate.mandate_id, ORIGIN)
    assert await delegating.mandates.agree(delegating.dung, mandate.mandate_id, ORIGIN)
    assert not await delegating.mandates.agree(delegating.dung, mandate.mandate_id, ORIGIN)
    assert await state(delegating, mandate.mandate_id) is MandateState.IN_FORCE
    (event,) = await delegating.stage.events("mandate.agreed")
    assert "true" in event


async def test_an_organisation_s_takes_every_other_representative(delegating: Delegating) -> None:
    binh = await delegating.stage.account(BINH)
    records = delegating.stage.stores.identity_records
    record = await delegating.people.of_account(binh)
    await records.save(replace(record, identity_level=2), EVENT)
    mandate = await delegating.given(
        giver=TAX_CODE, holder_number=record.personal_number, holder_name=str(record.claims["name"])
    )
    assert await delegating.mandates.agree(binh, mandate.mandate_id, ORIGIN)
    assert await state(delegating, mandate.mandate_id) is MandateState.WAITING
    assert await delegating.mandates.agree(delegating.dung, mandate.mandate_id, ORIGIN)
    assert await state(delegating, mandate.mandate_id) is MandateState.IN_FORCE
    # A representative who did not give it ends it as well.
    assert await delegating.mandates.end(delegating.dung, mandate.mandate_id, ORIGIN)
    assert await state(delegating, mandate.mandate_id) is MandateState.ENDED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"services": frozenset()}, "services"),
        ({"services": frozenset({"gateway"})}, "services"),
        ({"functions": frozenset()}, "functions"),
        ({"first": LAST, "last": date(2026, 12, 31)}, "days"),
        ({"first": None}, "days"),
        ({"first": date(2020, 1, 1), "last": date(2020, 2, 1)}, "days"),
        ({"last": date(2040, 1, 1)}, "days"),
        ({"giver": "0100109107"}, "giver"),
        ({"holder_number": AN, "holder_name": "Nguyễn Văn An"}, "oneself"),
        ({"holder_name": "Ai Đó"}, "person"),
    ],
)
async def test_what_cannot_be_given_is_refused_and_recorded(
    delegating: Delegating, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(NotPossibleError) as refusal:
        await delegating.given(**changes)
    assert refusal.value.reason == reason
    (event,) = await delegating.stage.events("authority.refused")
    assert f"mandate: {reason}" in event


async def test_who_is_not_proved_at_level_two_and_officers_give_none(delegating: Delegating) -> None:
    for identifier in (BINH, "cuong@g10.example.vn"):
        account = await delegating.stage.account(identifier)
        with pytest.raises(NotPossibleError, match="level"):
            await delegating.mandates.propose(account, delegating.draft(), OFFERED, ORIGIN)


async def test_who_is_not_proved_at_level_two_any_more_agrees_to_none(delegating: Delegating) -> None:
    records = delegating.stage.stores.identity_records
    received, given = await delegating.given(), await delegating.given(giver=TAX_CODE)
    record = await delegating.people.of_account(delegating.dung)
    await records.save(replace(record, level_expires_at=delegating.stage.clock.now()), EVENT)
    for mandate in (received, given):
        with pytest.raises(NotPossibleError, match="level"):
            await delegating.mandates.agree(delegating.dung, mandate.mandate_id, ORIGIN)
        assert await state(delegating, mandate.mandate_id) is MandateState.WAITING
    assert len(await delegating.stage.events("authority.refused")) == 2
    assert await delegating.mandates.end(delegating.dung, received.mandate_id, ORIGIN)


async def test_either_side_ends_it_and_nobody_else(delegating: Delegating) -> None:
    binh = await delegating.stage.account(BINH)
    waiting, running = await delegating.given(), await delegating.given()
    await delegating.mandates.agree(delegating.dung, running.mandate_id, ORIGIN)
    assert not await delegating.mandates.end(binh, running.mandate_id, ORIGIN)
    assert not await delegating.mandates.agree(binh, waiting.mandate_id, ORIGIN)
    assert not await delegating.mandates.end(delegating.dung, "nothing", ORIGIN)
    assert await delegating.mandates.end(delegating.dung, waiting.mandate_id, ORIGIN)
    assert await delegating.mandates.end(delegating.an, running.mandate_id, ORIGIN)
    ends = {each.mandate.mandate_id: each.mandate.end for each in await delegating.mandates.of(delegating.an)}
    assert ends == {waiting.mandate_id: MandateEnd.DECLINED, running.mandate_id: MandateEnd.REVOKED}


async def test_of_fifty_who_agree_and_end_at_once_one_of_each_counts(delegating: Delegating) -> None:
    mandate = await delegating.given()
    agreeing = [delegating.mandates.agree(delegating.dung, mandate.mandate_id, ORIGIN) for _ in range(50)]
    assert sum(await asyncio.gather(*agreeing)) == 1
    ending = [delegating.mandates.end(each, mandate.mandate_id, ORIGIN) for each in (delegating.an, delegating.dung)]
    assert sum(await asyncio.gather(*ending)) == 1
    assert len(await delegating.stage.events("mandate.ended")) == 1


async def test_what_ends_by_itself_says_so_and_names_nobody(delegating: Delegating) -> None:
    mandate = await delegating.given()
    parties = await delegating.stage.stores.mandates.get(mandate.mandate_id)
    assert parties is not None
    told = ended_by_itself(parties, ORIGIN).fields()
    assert (told["end"], told["principal"]) == ("expired", f"person:{mandate.mandate_id}")
    assert "account_id" not in told
