import base64

import pytest

from idp.domain.ids import PersonId
from idp.domain.people.people_search import name_search
from idp.domain.people.record_access import Purpose
from idp.journeys.administration.errors import NotFoundError
from idp.journeys.administration.people_tickets import LIFETIME
from idp.journeys.administration.record_looks import Occasion
from tests.journeys.administration.people_room import COLLEAGUE, admitted, tickets_of
from tests.journeys.stage import Stage

SEARCH = name_search("Nguyễn Văn An", "1999")
ANNA = PersonId("anna")


async def test_a_ticket_is_one_officers_until_its_time_is_over(stage: Stage) -> None:
    tickets, officer = tickets_of(stage), await admitted(stage)
    occasion = Occasion("one", Purpose.ASSISTANCE, "H26/1", stage.clock.now())
    search, person = await tickets.give(officer, occasion, SEARCH), await tickets.give(officer, occasion, ANNA)

    taken = await tickets.take(officer, search)
    assert (taken.looked_for, taken.occasion) == (SEARCH, occasion)
    assert (await tickets.take(officer, person)).person == ANNA
    with pytest.raises(NotFoundError):
        await tickets.take(await admitted(stage, COLLEAGUE), search)
    stage.clock.advance(LIFETIME)
    with pytest.raises(NotFoundError):
        await tickets.take(officer, search)


async def test_a_ticket_to_a_list_opens_nobodys_record_and_the_reverse(stage: Stage) -> None:
    tickets, officer = tickets_of(stage), await admitted(stage)
    occasion = Occasion("one", Purpose.ASSISTANCE, "H26/1", stage.clock.now())
    with pytest.raises(NotFoundError):
        _ = (await tickets.take(officer, await tickets.give(officer, occasion, SEARCH))).person
    with pytest.raises(NotFoundError):
        _ = (await tickets.take(officer, await tickets.give(officer, occasion, ANNA))).looked_for


async def test_a_row_stands_for_a_person_on_pages_of_its_own_ticket_alone(stage: Stage) -> None:
    tickets, officer = tickets_of(stage), await admitted(stage)
    occasion = Occasion("one", Purpose.ASSISTANCE, "H26/1", stage.clock.now())
    first, second = [await tickets.take(officer, await tickets.give(officer, occasion, SEARCH)) for _ in range(2)]

    row = tickets.hide(first, ANNA)
    assert tickets.reveal(first, row) == ANNA
    assert ANNA not in row
    assert ANNA.encode() not in base64.urlsafe_b64decode(row + "=" * (-len(row) % 4))
    for ticket, shown in ((second, row), (first, ""), (first, "AAAA"), (first, "không"), (first, row[:-4] + "AAAA")):
        with pytest.raises(NotFoundError):
            tickets.reveal(ticket, shown)
