from asyncio import gather
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from idp.adapters.crypto.system import SystemEntropy
from idp.domain.events import OfficerChanged, RecordsImported
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Action, Role
from idp.domain.offices.change_request import LIFETIME, ChangeRequest, ChangeState
from idp.domain.offices.officer import NO_AGENCY, NewOfficer, NewPost
from idp.domain.records import AgencyRecord, Records
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import (
    AdministrationError,
    ChangedMeanwhileError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.four_eyes import PAGE, FourEyes
from tests.journeys.administration.standing import EverybodyStands
from tests.journeys.stage import ORIGIN, Stage

OFFICE = "G10"


@dataclass
class Switch:
    """A kind of change that anybody in the console may ask for; it remembers what was done."""

    name: str = "test.switch"
    asks: Action = Action.ENTER
    decides: Action = Action.CHANGES_VIEW
    versions: dict[str, str] = field(default_factory=lambda: {"lamp": "1"})
    applied: list[dict[str, Any]] = field(default_factory=list)
    fails: type[BaseException] | None = None

    async def version(self, subject: str) -> str:
        if subject not in self.versions:
            raise NotFoundError
        return self.versions[subject]

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        return {"subject": change.subject}

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        if self.fails is not None:
            raise self.fails
        self.applied.append({**change.payload, "by": decider.account_id})


def officer(name: str, agency: str = OFFICE) -> Administrator:
    return Administrator(
        account_id=AccountId(name), officer_id=name, agency_code=agency, roles=frozenset({Role.AUDITOR}), origin=ORIGIN
    )


ASKER, DECIDER = officer("asker"), officer("decider")


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def four_eyes(stage: Stage, switch: Switch) -> FourEyes:
    stores = stage.stores
    return FourEyes(
        stores.change_requests,
        [switch],
        stores.agency_tree,
        stores.audit_trail,
        stores.accounts,
        stage.clock,
        SystemEntropy(),
        askers=EverybodyStands(),
    )


async def asked(four_eyes: FourEyes) -> ChangeRequest:
    return await four_eyes.ask(ASKER, "test.switch", "lamp", {"on": True})


async def test_a_change_takes_effect_when_another_approves_it(four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    assert switch.applied == []
    await four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert switch.applied == [{"on": True, "by": "decider"}]
    found = await four_eyes.find(ASKER, change.change_id)
    assert (found.state, found.decided_by) == (ChangeState.APPLIED, "decider")


async def test_nobody_approves_the_own_change(stage: Stage, four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    for decide in (four_eyes.approve, four_eyes.refuse):
        with pytest.raises(NotAllowedError):
            await decide(ASKER, change.change_id, change.digest)
    assert switch.applied == []
    assert len(await stage.events("administration.refused")) == 2


async def test_one_human_with_two_accounts_is_one_pair_of_eyes(
    stage: Stage, four_eyes: FourEyes, switch: Switch
) -> None:
    citizen = await stage.account()
    post = NewPost(agency_code=OFFICE, position="Chuyên viên", roles=(), held_from=stage.clock.now())
    second = NewOfficer(account_id=AccountId("second"), username="second", post=post, person_id=citizen.person_id)
    await stage.stores.officers.add(second, OfficerChanged(origin=ORIGIN, account_id=second.account_id, change="added"))
    change = await four_eyes.ask(officer(citizen.account_id), "test.switch", "lamp", {"on": True})
    for decide in (four_eyes.approve, four_eyes.refuse):
        with pytest.raises(NotAllowedError):
            await decide(officer("second"), change.change_id, change.digest)
    assert switch.applied == []
    assert len(await stage.events("administration.refused")) == 2
    await four_eyes.approve(DECIDER, change.change_id, change.digest)


async def test_an_approval_is_good_once(four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    await four_eyes.approve(DECIDER, change.change_id, change.digest)
    for decide in (four_eyes.approve, four_eyes.refuse):
        with pytest.raises(ChangedMeanwhileError):
            await decide(DECIDER, change.change_id, change.digest)
    assert len(switch.applied) == 1


async def test_fifty_decisions_at_once_are_one(four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    decisions = [
        (four_eyes.approve if number % 2 else four_eyes.refuse)(
            officer(f"decider-{number}"), change.change_id, change.digest
        )
        for number in range(50)
    ]
    outcomes = await gather(*decisions, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, AdministrationError) for outcome in outcomes)
    assert len(switch.applied) == outcomes[1::2].count(None)


async def test_what_is_approved_is_what_was_shown(four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    other = replace(change, payload={"on": False})
    with pytest.raises(ChangedMeanwhileError):
        await four_eyes.approve(DECIDER, change.change_id, other.digest)
    assert switch.applied == []


async def test_a_subject_that_changed_since_voids_the_change(four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    switch.versions["lamp"] = "2"
    with pytest.raises(ChangedMeanwhileError):
        await four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert switch.applied == []
    assert (await four_eyes.find(DECIDER, change.change_id)).state is ChangeState.WAITING


async def test_a_change_that_waited_too_long_cannot_be_decided(stage: Stage, four_eyes: FourEyes) -> None:
    change = await asked(four_eyes)
    stage.clock.advance(LIFETIME)
    with pytest.raises(ChangedMeanwhileError):
        await four_eyes.approve(DECIDER, change.change_id, change.digest)


async def test_a_refused_change_changes_nothing(four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    await four_eyes.refuse(DECIDER, change.change_id, change.digest)
    assert switch.applied == []
    assert [each.change_id for each in await four_eyes.listed(ASKER, decided=True)] == [change.change_id]
    assert await four_eyes.listed(ASKER, decided=False) == ()


async def test_only_the_asker_takes_a_change_back(four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    with pytest.raises(NotAllowedError):
        await four_eyes.withdraw(DECIDER, change.change_id)
    await four_eyes.withdraw(ASKER, change.change_id)
    with pytest.raises(ChangedMeanwhileError):
        await four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert switch.applied == []


async def test_what_cannot_be_applied_any_more_is_said_to_have_failed(four_eyes: FourEyes, switch: Switch) -> None:
    change = await asked(four_eyes)
    switch.fails = ChangedMeanwhileError
    with pytest.raises(ChangedMeanwhileError):
        await four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert (await four_eyes.find(ASKER, change.change_id)).state is ChangeState.FAILED


async def test_an_approved_change_that_was_interrupted_is_finished_by_a_decider(
    four_eyes: FourEyes, switch: Switch
) -> None:
    change = await asked(four_eyes)
    switch.fails = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        await four_eyes.approve(DECIDER, change.change_id, change.digest)
    assert (await four_eyes.find(ASKER, change.change_id)).state is ChangeState.APPROVED
    switch.fails = None
    with pytest.raises(NotAllowedError):
        await four_eyes.finish(ASKER, change.change_id)
    await four_eyes.finish(officer("third"), change.change_id)
    with pytest.raises(ChangedMeanwhileError):
        await four_eyes.finish(officer("third"), change.change_id)
    assert switch.applied == [{"on": True, "by": "third"}]


async def test_another_agency_does_not_know_of_the_change(stage: Stage, four_eyes: FourEyes) -> None:
    agencies = (AgencyRecord("H41", "Tỉnh", "province"), AgencyRecord("G10.77", "Vụ", "department", parent=OFFICE))
    await stage.stores.records.load(Records(agencies=agencies), RecordsImported(origin=ORIGIN, digest="", counts={}))
    change = await four_eyes.ask(officer("below", "G10.77"), "test.switch", "lamp", {"on": True})
    stranger = officer("stranger", "H41")
    with pytest.raises(NotFoundError):
        await four_eyes.approve(stranger, change.change_id, change.digest)
    assert await four_eyes.listed(stranger, decided=False) == ()
    assert [each.change_id for each in await four_eyes.listed(DECIDER, decided=False)] == [change.change_id]
    # Whoever asked from above is not seen below.
    above = await asked(four_eyes)
    with pytest.raises(NotFoundError):
        await four_eyes.find(officer("below too", "G10.77"), above.change_id)


async def test_whoever_belongs_to_no_agency_sees_no_change_of_others_who_belong_to_none(four_eyes: FourEyes) -> None:
    asker, other = officer("asker", NO_AGENCY), officer("other", NO_AGENCY)
    change = await four_eyes.ask(asker, "test.switch", "lamp", {"on": True})
    assert await four_eyes.listed(other, decided=False) == ()
    with pytest.raises(NotFoundError):
        await four_eyes.approve(other, change.change_id, change.digest)
    assert await four_eyes.find(asker, change.change_id) == change


async def test_pages_go_on_after_the_last_change_of_the_one_before(four_eyes: FourEyes) -> None:
    made = [(await asked(four_eyes)).change_id for _ in range(PAGE + 2)]
    first = await four_eyes.listed(DECIDER, decided=False)
    rest = await four_eyes.listed(DECIDER, decided=False, before=first[-1].change_id)
    assert [each.change_id for each in (*first, *rest)] == sorted(made, reverse=True)
    assert len(rest) == 2


async def test_a_change_of_something_unknown_is_not_asked(four_eyes: FourEyes) -> None:
    with pytest.raises(NotFoundError):
        await four_eyes.ask(ASKER, "test.switch", "radio", {})


async def test_no_event_holds_what_was_asked(stage: Stage, four_eyes: FourEyes) -> None:
    change = await four_eyes.ask(ASKER, "test.switch", "lamp", {"reason": "Lê Thị Hoa"})
    await four_eyes.approve(DECIDER, change.change_id, change.digest)
    told = "".join([*await stage.events("change.asked"), *await stage.events("change.decided")])
    assert change.digest in told
    assert "Thị" not in told
