from dataclasses import replace

import pytest

from idp.domain.offices.officer import OfficerAccount
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError, NotAllowedError, TooManyLookUpsError
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.officer_search import FoundOfficers, OfficerSearch, OfficerSearchPorts
from idp.journeys.administration.people import PeopleQuery
from idp.journeys.administration.reach import AgencyReach
from idp.journeys.administration.record_looks import RecordLooks
from idp.journeys.throttling import LOOK_UPS
from tests.journeys.administration.people_room import admitted
from tests.journeys.stage import AN, Stage

AGENCY, OTHER, SECURITY = "agency@g10.example.vn", "agency@g11.example.vn", "security@g10.example.vn"
CUONG = "cuong@g10.example.vn"
WANTED = PeopleQuery(purpose="security", reference="H26/1")


def search_of(stage: Stage) -> OfficerSearch:
    stores = stage.stores
    ports = OfficerSearchPorts(
        officers=stores.officers,
        records=stores.identity_records,
        search=stores.people_search,
        audit=stores.audit_trail,
        reach=AgencyReach(stores.agency_tree),
        looks=RecordLooks(stores.accounts, stores.record_accesses),
        budget=LookUpBudget(stage.throttling, stores.audit_trail, stage.clock),
    )
    return OfficerSearch(ports, stage.clock, stage.entropy)


async def cuong(stage: Stage) -> OfficerAccount:
    account_id = await stage.stores.officers.find(CUONG)
    assert account_id
    officer = await stage.stores.officers.get(account_id)
    assert officer
    return officer


async def found(stage: Stage, admin: Administrator, **asked: str) -> FoundOfficers:
    return await search_of(stage).find(admin, replace(WANTED, **asked))


async def test_an_officer_is_found_by_username_numbers_and_words_of_the_name(stage: Stage) -> None:
    admin, officer = await admitted(stage, AGENCY), await cuong(stage)
    record = await stage.stores.identity_records.of_person(officer.person_id)
    assert record
    for identifier in (CUONG, record.personal_number, officer.officer_id):
        assert [one.account_id for one in (await found(stage, admin, identifier=identifier)).officers] == [
            officer.account_id
        ]
    for name in ("Lê Văn Cường", "cuong le"):
        by_name = await found(stage, admin, name=name)
        assert ([one.username for one in by_name.officers], by_name.more) == ([CUONG], False)


async def test_nobody_beyond_the_own_agencies_is_found(stage: Stage) -> None:
    other, officer = await admitted(stage, OTHER), await cuong(stage)
    for identifier in (CUONG, officer.officer_id, "nobody@example.vn", AN, "?"):
        with pytest.raises(InvalidEntryError) as refused:
            await found(stage, other, identifier=identifier)
        assert (refused.value.field, refused.value.reason) == ("identifier", "nobody")
    assert (await found(stage, other, name="Lê Văn Cường")).officers == ()
    assert (await found(stage, await admitted(stage, SECURITY), name="Lê Văn Cường")).officers


async def test_a_search_needs_a_purpose_and_leaves_the_traces_of_looking_people_up(stage: Stage) -> None:
    admin, officer = await admitted(stage, AGENCY), await cuong(stage)
    for lacking in ({"purpose": ""}, {"reference": ""}, {"name": "Cường"}):
        with pytest.raises(InvalidEntryError):
            await found(stage, admin, **lacking)
    await found(stage, admin, name="Lê Văn Cường")
    (searched,) = await stage.events("people.searched")
    assert "security" in searched
    assert "Cường" not in searched
    (seen,) = await stage.events("people.records_seen")
    assert officer.person_id in seen


async def test_people_who_are_no_officers_are_not_found(stage: Stage) -> None:
    security = await admitted(stage, SECURITY)
    with pytest.raises(InvalidEntryError):
        await found(stage, security, identifier=AN)
    assert (await found(stage, security, name="Nguyễn Văn An")).officers == ()


async def test_other_roles_find_no_officers_and_the_budget_is_that_of_people(stage: Stage) -> None:
    with pytest.raises(NotAllowedError):
        await found(stage, await admitted(stage, "client@g10.example.vn"), identifier=CUONG)
    admin = await admitted(stage, AGENCY)
    for _ in range(LOOK_UPS):
        await stage.throttling.take(stage.throttling.for_look_ups(admin.account_id), stage.clock.now())
    with pytest.raises(TooManyLookUpsError):
        await found(stage, admin, identifier=CUONG)
    assert await stage.events("people.searched") == []
