"""The people room: found for a purpose, by whole identifiers or words of names; whoever was seen learns of it."""

import re

import pytest

from idp.domain.offices.administration import Role
from idp.domain.people.record_access import Purpose, RecordAccess, Seen
from idp.journeys.administration.people_tickets import LIFETIME
from tests.flows.console import COLLEAGUES, USERNAMES, api_of, at_the_desk
from tests.flows.provider import Browser, Page, Provider

IDENTITY = USERNAMES[Role.IDENTITY_ADMIN]
AN = "001099000001"
CASE = {"purpose": "assistance", "reference": "h26/0042"}


async def look_up(browser: Browser, **typed: str) -> Page:
    return await browser.submit(await browser.get("/admin/people"), "find", **CASE | typed)


async def looks_at(provider: Provider, number: str = AN) -> tuple[RecordAccess, ...]:
    record = await provider.stores.identity_records.of_number(number)
    assert record is not None
    return await provider.stores.record_accesses.of_person(record.person_id, "", 50)


async def events_named(provider: Provider, name: str) -> list[str]:
    await provider.stores.database.settle_events()
    return [record.name async for record in provider.stores.audit_log.records() if record.name == name]


@pytest.mark.parametrize("identifier", [AN, " 0010 9900 0001 ", "+84 912 345 678", "0912345678", "AN@example.vn"])
async def test_a_person_is_found_by_a_whole_identifier(provider: Provider, identifier: str) -> None:
    browser, _ = await at_the_desk(provider, IDENTITY)
    page = await look_up(browser, identifier=identifier)

    assert page.status == 200
    assert "Nguyễn Văn An" in page.text
    assert AN in page.text
    assert not any(word in page.path for word in (AN, "an@", "912345678", "Nguy"))
    (look,) = await looks_at(provider)
    assert (look.purpose, look.reference, look.agency_code) == (Purpose.ASSISTANCE, "H26/0042", "G10")
    assert set(look.seen) == {Seen.RECORD, Seen.EVIDENCE, Seen.ACCOUNT, Seen.ACTIVITY}
    assert look.position
    assert look.agency_name
    assert len(await events_named(provider, "people.records_seen")) == 1


async def test_words_of_a_name_lead_to_a_list_and_from_there_to_one_person(provider: Provider) -> None:
    browser, _ = await at_the_desk(provider, IDENTITY)
    page = await look_up(browser, name="an nguyen")
    assert page.path.startswith("/admin/people/found/")
    assert page.text.count("Nguyễn Văn An") == 1
    assert AN not in page.text
    (listed,) = await looks_at(provider)
    assert listed.seen == (Seen.LISTED,)

    await browser.get(page.path)
    assert len(await looks_at(provider)) == 1

    pick = re.search(r'name="pick" value="([^"]+)"', page.text)
    assert pick is not None
    person = await browser.submit(page, "pick", pick=pick[1])
    assert person.path.startswith("/admin/people/")
    assert AN in person.text
    assert len(await looks_at(provider)) == 2


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ({"purpose": ""}, "purpose"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"reference": ""}, "reference"),
        ({"reference": AN}, "reference"),
        ({"reference": "giúp ông An"}, "reference"),
        ({"name": "Nguyễn"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "Nguyễn An", "born": "yesterday"}, "born"),
        ({"identifier": "???"}, "identifier"),
        ({"identifier": "001099999999"}, "identifier"),
        ({"identifier": "security@g10.example.vn"}, "identifier"),
    ],
)
async def test_nobody_is_looked_up_without_purpose_case_and_something_whole(
    provider: Provider, typed: dict[str, str], refusal: str
) -> None:
    browser, _ = await at_the_desk(provider, IDENTITY)
    page = await look_up(browser, **{"name": "Nguyễn An"} | typed)

    assert (page.status, page.path) == (422, "/admin/people")
    assert page.refusal
    assert re.search(rf'id="{refusal}"[^>]*aria-invalid="true"', page.text)
    assert await looks_at(provider) == ()


async def test_a_ticket_is_one_officers_and_ends_after_a_quarter_of_an_hour(provider: Provider) -> None:
    browser, _ = await at_the_desk(provider, IDENTITY)
    person, found = await look_up(browser, identifier=AN), await look_up(browser, name="an nguyen")
    colleague, _ = await at_the_desk(provider, COLLEAGUES[Role.IDENTITY_ADMIN])
    for path in (person.path, found.path):
        assert (await colleague.get(path)).status == 404
        assert (await browser.get(path)).status == 200
    assert (await browser.get(f"{found.path}?after=AAAA")).status == 404

    provider.clock.advance(LIFETIME)
    again, _ = await at_the_desk(provider, IDENTITY)
    for path in (person.path, found.path):
        assert (await again.get(path)).status == 404


async def test_an_auditor_looks_too_and_others_find_the_room_closed(provider: Provider) -> None:
    browser, _ = await at_the_desk(provider, USERNAMES[Role.AUDITOR])
    page = await look_up(browser, identifier=AN, purpose="supervision")
    assert page.status == 200

    for role in (Role.PROOFING_OFFICER, Role.CLIENT_ADMIN, Role.AGENCY_ADMIN, Role.SECURITY_ADMIN):
        other, _ = await at_the_desk(provider, USERNAMES[role])
        assert (await other.get("/admin/people")).status == 403


async def test_programs_ask_the_same_with_the_same_trace(provider: Provider) -> None:
    api = await api_of(provider, IDENTITY)
    status, found = await api.call("POST", "/people/search", {**CASE, "name": "An Nguyễn", "born": "2/1/1999"})
    assert (status, found["is_list"]) == (200, True)
    status, page = await api.call("GET", f"/people/found/{found['ticket']}")
    assert (status, page["after"]) == (200, None)
    (row,) = page["people"]
    assert row["name"] == "Nguyễn Văn An"
    status, opened = await api.call("POST", f"/people/found/{found['ticket']}", {"pick": row["pick"]})
    status, person = await api.call("GET", f"/people/{opened['ticket']}")
    assert (status, person["personal_number"], person["status"]) == (200, AN, "active")
    assert len(await looks_at(provider)) == 2

    refused = await api.call("POST", "/people/search", {**CASE, "identifier": "001099999999"})
    assert (refused[0], refused[1]["field"], refused[1]["reason"]) == (422, "identifier", "nobody")
