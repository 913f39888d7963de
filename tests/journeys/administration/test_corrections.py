import asyncio
from dataclasses import dataclass, replace

import pytest

from idp.domain.events import CorrectionMoved
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Role
from idp.domain.offices.change_request import LIFETIME, ChangeState
from idp.domain.people.correction import LATEST_DAYS, CorrectionState, days_after
from idp.domain.people.record_access import Purpose
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.corrections import (
    SOURCE,
    CorrectionDesk,
    CorrectionParts,
    CorrectRecord,
)
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.own_identity import OwnIdentity, OwnIdentityError
from idp.journeys.administration.record_looks import RecordLooks
from tests.journeys.administration.standing import EverybodyStands
from tests.journeys.stage import AN, BINH, ORIGIN, Stage
from tests.journeys.test_own_corrections import RIGHT, corrections
from tests.ports.samples import EVENT

FIRST, SECOND = "identity@g10.example.vn", "identity2@g10.example.vn"


@dataclass
class Desk:
    """The use cases, with the two administrators who work on them."""

    stage: Stage
    desk: CorrectionDesk
    four_eyes: FourEyes
    first: Administrator
    second: Administrator

    async def asked(self, identifier: str = AN, **typed: str) -> str:
        account_id = await self.stage.account_id(identifier)
        return (await corrections(self.stage).ask(account_id, typed or RIGHT, "Khai sinh", ORIGIN)).request_id

    async def accepted(self) -> tuple[str, str]:
        request_id = await self.asked()
        return request_id, await self.desk.accept(self.first, request_id, "Đúng")

    async def approve(self, change_id: str) -> None:
        change = await self.stage.stores.change_requests.get(change_id)
        assert change is not None
        await self.four_eyes.approve(self.second, change_id, change.digest)

    async def state(self, request_id: str) -> CorrectionState:
        found = await self.stage.stores.corrections.get(request_id)
        assert found is not None
        return found.state

    async def name(self) -> object:
        record = await self.stage.stores.identity_records.of_number(AN)
        assert record is not None
        return record.claims["name"]


async def administrator(stage: Stage, username: str, *roles: Role) -> Administrator:
    return Administrator(
        account_id=await stage.account_id(username),
        officer_id=username,
        agency_code="G10",
        roles=frozenset(roles or (Role.IDENTITY_ADMIN,)),
        origin=ORIGIN,
    )


@pytest.fixture
async def desk(stage: Stage) -> Desk:
    stores = stage.stores
    parts = CorrectionParts(
        corrections=stores.corrections,
        records=stores.identity_records,
        own_identity=OwnIdentity(stores.accounts, stores.duplicates),
        looks=RecordLooks(stores.accounts, stores.record_accesses),
        clock=stage.clock,
    )
    four_eyes = FourEyes(
        stores.change_requests,
        [CorrectRecord(parts)],
        stores.agency_tree,
        stores.audit_trail,
        stores.accounts,
        stage.clock,
        stage.entropy,
        askers=EverybodyStands(),
    )
    return Desk(
        stage,
        CorrectionDesk(parts, four_eyes),
        four_eyes,
        await administrator(stage, FIRST),
        await administrator(stage, SECOND),
    )


async def test_a_record_is_corrected_when_a_second_administrator_agrees(desk: Desk) -> None:
    request_id, change_id = await desk.accepted()
    assert (await desk.state(request_id), await desk.name()) == (CorrectionState.ACCEPTED, "Nguyễn Văn An")
    await desk.approve(change_id)
    assert (await desk.state(request_id), await desk.name()) == (CorrectionState.DONE, "Nguyễn Văn Ân")
    record = await desk.stage.stores.identity_records.of_number(AN)
    assert record is not None
    assert record.attributes["name"].source == SOURCE
    assert "Nguy" not in "".join(await desk.stage.events("correction.moved"))


async def test_an_answer_is_given_once_however_many_give_it(desk: Desk) -> None:
    request_id = await desk.asked()
    given = await asyncio.gather(
        *(desk.desk.reject(desk.first, request_id, "Đúng như khai sinh") for _ in range(50)), return_exceptions=True
    )
    assert sum(each is None for each in given) == 1
    assert {type(each) for each in given if each is not None} == {ChangedMeanwhileError}
    with pytest.raises(ChangedMeanwhileError):
        await desk.desk.accept(desk.first, request_id, "x")


async def test_a_record_that_changed_since_is_not_corrected_and_may_be_asked_for_again(desk: Desk) -> None:
    request_id, change_id = await desk.accepted()
    stores = desk.stage.stores
    record = await stores.identity_records.of_number(AN)
    assert record is not None
    event = CorrectionMoved(origin=ORIGIN, account_id=AccountId("a"), request_id="r", state="x")
    await stores.identity_records.save(replace(record, claims={**record.claims, "nickname": "Tí"}), event)

    with pytest.raises(ChangedMeanwhileError):
        await desk.approve(change_id)
    assert (await desk.state(request_id), await desk.name()) == (CorrectionState.ACCEPTED, "Nguyễn Văn An")
    again = await desk.desk.ask_again(desk.first, request_id)
    await desk.approve(again)
    assert await desk.state(request_id) == CorrectionState.DONE


async def test_what_a_stopped_process_left_is_finished_and_done_once(desk: Desk) -> None:
    request_id, change_id = await desk.accepted()
    stores = desk.stage.stores
    change = await stores.change_requests.get(change_id)
    record = await stores.identity_records.of_number(AN)
    assert change is not None
    assert record is not None
    event = CorrectionMoved(origin=ORIGIN, account_id=AccountId("a"), request_id="r", state="x")
    decided = (desk.second.account_id, desk.stage.clock.now())
    await stores.change_requests.move(change_id, (ChangeState.WAITING, ChangeState.APPROVED), decided, event)
    await stores.identity_records.save(replace(record, claims={**record.claims, **RIGHT}), event)

    await desk.four_eyes.finish(desk.second, change_id)
    assert await desk.state(request_id) == CorrectionState.DONE


async def test_nobody_sees_answers_or_decides_the_own_request(desk: Desk) -> None:
    number = "001180000105"
    own = await desk.asked(number, name="Bùi Thị Hành")
    for step in (
        desk.desk.show(desk.first, own),
        desk.desk.reject(desk.first, own, "x"),
        desk.desk.accept(desk.first, own, "x"),
    ):
        with pytest.raises(OwnIdentityError):
            await step
    change_id = await desk.desk.accept(desk.second, own, "x")
    change = await desk.stage.stores.change_requests.get(change_id)
    assert change is not None
    with pytest.raises(OwnIdentityError):
        await desk.four_eyes.approve(desk.first, change_id, change.digest)


async def test_a_look_at_a_request_leaves_a_trace_that_the_person_sees(desk: Desk) -> None:
    request_id = await desk.asked()
    for _ in range(2):
        await desk.desk.show(desk.first, request_id)
    person = (await desk.stage.account()).person_id
    (look,) = await desk.stage.stores.record_accesses.of_person(person, "", 10)
    assert (look.purpose.value, look.officer_id) == ("correction", FIRST)


async def test_a_longer_time_is_said_and_counted(desk: Desk) -> None:
    request_id = await desk.asked()
    await desk.desk.accept(desk.first, request_id, "Cần xác minh ở nơi sinh", longer=True)
    found = await desk.stage.stores.corrections.get(request_id)
    assert found is not None
    assert found.complete_due == days_after(found.asked_at, LATEST_DAYS)


async def test_an_answer_has_reasons_and_keeps_to_the_personal_number(desk: Desk) -> None:
    request_id = await desk.asked(gender="female")
    with pytest.raises(InvalidEntryError):
        await desk.desk.reject(desk.first, request_id, " ")
    with pytest.raises(InvalidEntryError) as refused:
        await desk.desk.accept(desk.first, request_id, "x")
    assert refused.value.reason == "contradicts_number"


async def test_other_roles_see_nothing(desk: Desk) -> None:
    request_id = await desk.asked()
    auditor = await administrator(desk.stage, "auditor@g10.example.vn", Role.AUDITOR)
    for step in (
        desk.desk.listed(auditor),
        desk.desk.show(auditor, request_id),
        desk.desk.reject(auditor, request_id, "x"),
    ):
        with pytest.raises(NotAllowedError):
            await step
    with pytest.raises(NotFoundError):
        await desk.desk.show(desk.first, "nothing")


async def test_the_queue_is_paged_and_what_is_closed_stands_apart(desk: Desk) -> None:
    first = await desk.asked()
    desk.stage.clock.advance(2 * 24 * 3600)
    second = await desk.asked(BINH, name="Trần Thị Bính")
    assert [each.request_id for each in await desk.desk.listed(desk.first)] == [first, second]
    assert [each.request_id for each in await desk.desk.listed(desk.first, after=first)] == [second]
    await desk.desk.reject(desk.first, first, "x")
    assert [each.request_id for each in await desk.desk.listed(desk.first, closed=True)] == [first]


async def test_whoever_looks_at_the_change_is_seen_by_the_person(desk: Desk) -> None:
    request_id, change_id = await desk.accepted()
    person_id = (await desk.stage.account()).person_id
    for _ in range(2):
        await desk.four_eyes.show(desk.second, change_id)
    (look,) = await desk.stage.stores.record_accesses.of_person(person_id, "", 10)
    assert (look.officer, look.purpose, look.reference) == (
        desk.second.account_id,
        Purpose.CORRECTION,
        request_id.upper(),
    )


async def test_a_decided_change_shows_what_was_asked_and_not_the_record_as_it_is_now(desk: Desk) -> None:
    _, change_id = await desk.accepted()
    waiting = await desk.four_eyes.show(desk.second, change_id)
    assert (await desk.four_eyes.shown(waiting))["correct.name"] == "Nguyễn Văn An → Nguyễn Văn Ân"
    await desk.approve(change_id)
    stores = desk.stage.stores
    record = await stores.identity_records.of_number(AN)
    assert record is not None
    await stores.identity_records.save(replace(record, claims={**record.claims, "name": "Lê Thị Mới"}), EVENT)

    decided = await desk.four_eyes.show(desk.second, change_id)
    assert (await desk.four_eyes.shown(decided))["correct.name"] == "Nguyễn Văn Ân"


async def test_a_change_that_nobody_may_decide_any_more_shows_no_record_either(desk: Desk) -> None:
    _, change_id = await desk.accepted()
    desk.stage.clock.advance(LIFETIME)
    late = await desk.four_eyes.show(desk.second, change_id)
    assert (await desk.four_eyes.shown(late))["correct.name"] == "Nguyễn Văn Ân"
