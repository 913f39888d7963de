"""Corrections from the person's request to the changed record: two administrators, in writing, by the law's clocks."""

import json
import re

from idp.domain.offices.administration import Role
from tests.flows.console import USERNAMES, api_of
from tests.flows.provider import Browser, Page, Provider

OFFICER_PASSWORD = "another horse battery staple"


async def person(browser: Browser) -> Page:
    page = await browser.get("/account/corrections")
    if page.has_form("sign-in"):
        await browser.sign_in(page)
    page = await browser.get("/account/corrections", lang="en")
    assert page.has_form("correct")
    return page


async def asked(browser: Browser, **fields: str) -> Page:
    fields = {"name": "Nguyễn Văn Ân", "reason": "Khai sinh ghi Ân", **fields}
    return await browser.submit(await person(browser), "correct", **fields)


async def officer(provider: Provider, name: str) -> Browser:
    browser = provider.browser()
    page = await browser.get("/admin/requests")
    page = await browser.sign_in(page, f"{name}@g10.example.vn", OFFICER_PASSWORD)
    assert page.path == "/admin/requests"
    return browser


async def case(browser: Browser) -> Page:
    queue = await browser.get("/admin/requests", lang="en")
    (path,) = set(re.findall(r'href="(/admin/requests/[^"?]+)"', queue.text))
    return await browser.get(path)


async def test_two_administrators_correct_a_record_and_the_person_reads_the_answer(
    provider: Provider, browser: Browser
) -> None:
    page = await asked(browser)
    assert page.path == "/account/corrections?asked=yes"
    assert "Waits for an answer" in page.text

    first, second = await officer(provider, "identity"), await officer(provider, "identity2")
    page = await case(first)
    for text in ("Nguyễn Văn An", "Nguyễn Văn Ân", "Khai sinh ghi Ân"):
        assert text in page.text
    change = await first.submit(page, "answer-form", answer="Đúng theo giấy khai sinh", decision="accept")
    assert change.path.startswith("/admin/changes/")
    assert not change.has_form("decide")
    page = await second.get(change.path.partition("?")[0], lang="en")
    assert "Nguyễn Văn An → Nguyễn Văn Ân" in page.text
    assert "Approved" in (await second.submit(page, "decide", decision="approve")).text

    page = await browser.get("/account/corrections")
    assert "Corrected" in page.text
    assert "Đúng theo giấy khai sinh" in page.text
    assert "Nguyễn Văn Ân" in (await browser.get("/account/identity")).text
    profile_of = await provider.stores.records.account_of("001099000001")
    assert profile_of is not None
    record = await provider.stores.identity_records.of_account(profile_of)
    assert record is not None
    assert record.attributes["name"].source == "correction"


async def test_the_person_sees_who_looked_and_that_it_was_about_the_correction(
    provider: Provider, browser: Browser
) -> None:
    await asked(browser)
    await case(await officer(provider, "identity"))
    text = (await browser.get("/account/looks", lang="en")).text
    assert "To handle your request for correction" in text
    assert "Bộ Tài nguyên và Môi trường" in text
    assert "Bùi Thị Hạnh" not in text


async def test_the_person_sees_the_second_administrator_too_be_it_a_page_or_a_program(
    provider: Provider, browser: Browser
) -> None:
    await asked(browser)
    first = await officer(provider, "identity")
    change = await first.submit(await case(first), "answer-form", answer="Đúng", decision="accept")
    path = change.path.partition("?")[0]
    account_id = await provider.stores.records.account_of("001099000001")
    assert account_id
    account = await provider.stores.accounts.get(account_id)
    assert account
    looks = provider.stores.record_accesses
    before = {look.officer_id for look in await looks.of_person(account.person_id, "", 10)}

    assert (await (await officer(provider, "identity2")).get(path)).status == 200
    (second,) = {look.officer_id for look in await looks.of_person(account.person_id, "", 10)} - before

    provider.clock.advance(3600)
    program = await api_of(provider, "identity2@g10.example.vn")
    status, _ = await program.call("GET", path.removeprefix("/admin"))
    assert status == 200
    found = [look.officer_id for look in await looks.of_person(account.person_id, "", 10)]
    assert found.count(second) == 2


async def test_a_rejection_needs_reasons_and_changes_nothing(provider: Provider, browser: Browser) -> None:
    await asked(browser)
    first = await officer(provider, "identity")
    page = await first.submit(await case(first), "answer-form", answer=" ", decision="reject")
    assert page.status == 422
    page = await first.submit(page, "answer-form", answer="Giấy khai sinh ghi An", decision="reject")
    assert page.path.endswith("?notice=rejected")

    page = await browser.get("/account/corrections")
    assert "Giấy khai sinh ghi An" in page.text
    assert "Nguyễn Văn An" in (await browser.get("/account/identity")).text


async def test_a_request_that_says_nothing_or_nothing_new_is_refused(browser: Browser) -> None:
    page = await browser.submit(await person(browser), "correct", name="Nguyễn Văn An", reason="x")
    assert (page.status, page.refusal is not None) == (400, True)
    page = await browser.submit(page, "correct", name="Nguyễn Văn Ân", reason=" ")
    assert page.status == 400
    assert 'value="Nguyễn Văn Ân"' in page.text


async def test_a_request_can_be_taken_back_and_three_wait_at_most(browser: Browser) -> None:
    for _ in range(3):
        page = await asked(browser)
    page = await browser.submit(page, "correct", name="Nguyễn Văn Ân", reason="x")
    assert page.status == 400
    page = await browser.submit(page, "take-back-1")
    assert "Taken back" in page.text
    page = await browser.submit(page, "correct", name="Nguyễn Văn Ân", reason="x")
    assert page.path == "/account/corrections?asked=yes"


async def test_a_correction_that_contradicts_the_number_has_to_wait_for_the_register(
    provider: Provider, browser: Browser
) -> None:
    await asked(browser, name="", gender="female")
    first = await officer(provider, "identity")
    page = await first.submit(await case(first), "answer-form", answer="Được", decision="accept")
    assert page.status == 422
    assert "population register has to issue another number" in page.text


async def test_an_answer_that_comes_too_late_says_so(provider: Provider, browser: Browser) -> None:
    await asked(browser)
    provider.clock.advance(6 * 24 * 3600)
    page = await case(await officer(provider, "identity"))
    assert '<strong id="late">' in page.text


async def test_programs_of_administrators_work_by_the_same_rules(provider: Provider, browser: Browser) -> None:
    await asked(browser)
    api = await api_of(provider, USERNAMES[Role.IDENTITY_ADMIN])
    status, listed = await api.call("GET", "/requests")
    (request,) = listed["requests"]
    assert (status, request["claims"], request["late"], listed["next"]) == (200, ["name"], False, None)
    assert "Nguyễn" not in json.dumps(listed, ensure_ascii=False)

    path = f"/requests/{request['request_id']}"
    _, shown = await api.call("GET", path)
    assert (shown["recorded"], shown["wanted"]) == ({"name": "Nguyễn Văn An"}, {"name": "Nguyễn Văn Ân"})
    assert (await api.call("POST", f"{path}/reject", {"answer": " "}))[0] == 422
    status, change = await api.call("POST", f"{path}/accept", {"answer": "Đúng", "longer": True})
    assert (status, change.keys()) == (202, {"change_id"})
    assert (await api.call("POST", f"{path}/accept", {"answer": "Đúng"}))[0] == 409
    assert (await api.call("POST", f"{path}/ask-again"))[0] == 202
    assert (await api.call("GET", "/requests?closed=true"))[1]["requests"] == []
    auditor = await api_of(provider, USERNAMES[Role.AUDITOR])
    assert (await auditor.call("GET", "/requests"))[0] == 403


async def test_a_rejection_by_program_is_an_answer_too(provider: Provider, browser: Browser) -> None:
    await asked(browser)
    api = await api_of(provider, USERNAMES[Role.IDENTITY_ADMIN])
    ((request,),) = [(await api.call("GET", "/requests"))[1]["requests"]]
    assert (await api.call("POST", f"/requests/{request['request_id']}/reject", {"answer": "Đúng rồi"}))[0] == 204
    assert "Đúng rồi" in (await browser.get("/account/corrections")).text
