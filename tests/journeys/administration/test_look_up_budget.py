import pytest

from idp.journeys.administration.errors import TooManyLookUpsError
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.people import PeopleQuery
from idp.journeys.throttling import LOOK_UPS
from tests.journeys.administration.people_room import COLLEAGUE, admitted, room_of
from tests.journeys.stage import AN, Stage

DAY = 24 * 3600


async def test_an_administrator_looks_up_what_a_day_allows_and_the_audit_trail_tells_of_more(
    stage: Stage,
) -> None:
    budget = LookUpBudget(stage.throttling, stage.stores.audit_trail, stage.clock)
    officer, colleague = await admitted(stage), await admitted(stage, COLLEAGUE)
    for _ in range(LOOK_UPS):
        await budget.take(officer)
    assert await stage.events("people.look_ups_exceeded") == []
    with pytest.raises(TooManyLookUpsError):
        await budget.take(officer)
    (told,) = await stage.events("people.look_ups_exceeded")
    assert officer.account_id in told
    await budget.take(colleague)
    stage.clock.advance(DAY)
    for _ in range(LOOK_UPS):
        await budget.take(officer)
    with pytest.raises(TooManyLookUpsError):
        await budget.take(officer)


async def test_searches_opened_records_and_further_pages_take_from_the_budget(stage: Stage) -> None:
    room, officer = room_of(stage), await admitted(stage)
    budget = LookUpBudget(stage.throttling, stage.stores.audit_trail, stage.clock)
    by_name = await room.find(officer, PeopleQuery(purpose="lock", reference="H26/1", name="Nguyễn Văn An"))
    listed = await room.listed(officer, by_name.ticket, "")
    for _ in range(LOOK_UPS - 2):
        await budget.take(officer)
    await room.pick(officer, by_name.ticket, listed.rows[0].pick)
    with pytest.raises(TooManyLookUpsError):
        await room.pick(officer, by_name.ticket, listed.rows[0].pick)
    with pytest.raises(TooManyLookUpsError):
        await room.listed(officer, by_name.ticket, listed.rows[0].pick)
    with pytest.raises(TooManyLookUpsError):
        await room.find(officer, PeopleQuery(purpose="lock", reference="H26/1", identifier=AN))
    assert len((await room.listed(officer, by_name.ticket, "")).rows) == 1
