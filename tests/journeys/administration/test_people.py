from dataclasses import replace

import pytest

from idp.domain.people.identity_record import IdentityCard, IdentityRecord
from idp.journeys.administration.errors import InvalidEntryError, NotAllowedError
from idp.journeys.administration.people import PeopleQuery, PersonSight
from tests.journeys.administration.people_room import OFFICER, admitted, room_of
from tests.journeys.stage import AN, Stage
from tests.ports.samples import EVENT

CARD = "C0123456"
NEW_NUMBER = "001199000777"


async def seen(stage: Stage, identifier: str) -> PersonSight:
    room, officer = room_of(stage), await admitted(stage)
    found = await room.find(officer, PeopleQuery(purpose="lock", reference="H26/1", identifier=identifier))
    assert not found.is_list
    return await room.see(officer, found.ticket)


async def record_of(stage: Stage, number: str = AN) -> IdentityRecord:
    record = await stage.stores.identity_records.of_number(number)
    assert record is not None
    return record


async def test_a_person_is_found_by_the_number_before_and_by_the_card(stage: Stage) -> None:
    record = await record_of(stage)
    changed = replace(record, personal_number=NEW_NUMBER, card=IdentityCard(CARD))
    await stage.stores.identity_records.save(changed, EVENT)

    for identifier in (AN, NEW_NUMBER, CARD, "c 012-3456"):
        sight = await seen(stage, identifier)
        assert (sight.record.person_id, sight.record.personal_number) == (record.person_id, NEW_NUMBER)
        assert sight.record.former_numbers == (AN,)


async def test_an_account_is_shown_with_its_means_and_latest_events(stage: Stage) -> None:
    sight = await seen(stage, AN)
    assert sight.account is not None
    assert [each.kind.value for each in sight.authenticators] == ["totp"]
    assert sight.locks == ()


@pytest.mark.parametrize("identifier", [OFFICER, "nobody@example.vn", "0999999999", "999999999999", "C9999999"])
async def test_officers_names_and_what_is_nobodys_find_nobody(stage: Stage, identifier: str) -> None:
    with pytest.raises(InvalidEntryError) as refused:
        await seen(stage, identifier)
    assert refused.value.field == "identifier"


async def test_other_roles_look_nobody_up(stage: Stage) -> None:
    officer = await admitted(stage, "client@g10.example.vn")
    with pytest.raises(NotAllowedError):
        await room_of(stage).find(officer, PeopleQuery(purpose="lock", reference="H26/1", identifier=AN))
