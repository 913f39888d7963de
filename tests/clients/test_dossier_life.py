"""A dossier from filing to result, across the three applications."""

import httpx

from tests.clients.provider_double import CITIZEN, NEIGHBOUR, OFFICER
from tests.clients.town import GATEWAY, MINISTRY, PORTAL, Town, error_of, fields, state_of


async def file_dossier(browser: httpx.AsyncClient, content: str = "Thửa 12, tờ bản đồ 7") -> httpx.Response:
    form = await browser.get(f"{PORTAL}/dossiers/new")
    return await browser.post(
        f"{PORTAL}/dossiers/new", data=fields(form) | {"procedure": "land-extract", "content": content}
    )


async def officer_browser(town: Town) -> httpx.AsyncClient:
    person, town.provider.person = town.provider.person, OFFICER
    browser = town.browser()
    page = await browser.get(f"{MINISTRY}/officer/sign-in")
    assert page.status_code == 200, page.text
    town.provider.person = person
    return browser


async def process(officer: httpx.AsyncClient, code: str, action: str, **data: str) -> httpx.Response:
    url = f"{MINISTRY}/officer/dossiers/{code}"
    return await officer.post(url, data=fields(await officer.get(url)) | {"action": action} | data)


def code_of(page: httpx.Response) -> str:
    return page.url.path.rsplit("/", 1)[-1]


async def test_a_dossier_is_filed_processed_paid_and_its_result_is_seen_at_both_portals(town: Town) -> None:
    citizen = await town.citizen()
    filed = await file_dossier(citizen)
    code = code_of(filed)
    assert (filed.status_code, state_of(filed)) == (200, "filed")

    officer = await officer_browser(town)
    assert code in (await officer.get(f"{MINISTRY}/officer")).text
    assert state_of(await process(officer, code, "receive")) == "received"
    assert state_of(await process(officer, code, "ask-payment", amount="2.000.000")) == "fee_due"

    due = await citizen.get(f"{PORTAL}/dossiers/{code}")
    assert state_of(due) == "fee_due"
    pay_url = due.text.split('id="pay-fee" href="')[1].split('"')[0]
    assert (await citizen.get(pay_url)).status_code == 401
    await citizen.get(f"{GATEWAY}/sign-in")
    order = await citizen.get(pay_url)
    in_english = await citizen.get(f"{pay_url}?lang=en")
    for shown in (order, in_english):
        assert "2.000.000\u00a0₫" in shown.text
        assert 'id="payee" lang="vi">Bộ Tài nguyên và Môi trường<' in shown.text
    order = await citizen.get(f"{pay_url}?lang=vi")
    receipt = await citizen.post(pay_url, data=fields(order))
    assert state_of(receipt) == "paid"
    assert 'id="reported"' in receipt.text

    assert state_of(await officer.get(f"{MINISTRY}/officer/dossiers/{code}")) == "paid"
    issued = await process(officer, code, "approve", result_number="12/TLĐĐ", result="Trích lục kèm theo")
    assert state_of(issued) == "approved"

    await citizen.get(f"{MINISTRY}/sign-in")
    for page in (f"{PORTAL}/dossiers/{code}", f"{MINISTRY}/dossiers/{code}"):
        seen = await citizen.get(page)
        assert state_of(seen) == "approved"
        assert 'id="result"' in seen.text
        assert "12/TLĐĐ" in seen.text


async def test_another_person_finds_nothing_under_the_code(town: Town) -> None:
    code = code_of(await file_dossier(await town.citizen()))
    town.provider.person = NEIGHBOUR
    neighbour = await town.citizen()
    await neighbour.get(f"{MINISTRY}/sign-in")
    for page in (f"{PORTAL}/dossiers/{code}", f"{MINISTRY}/dossiers/{code}"):
        assert (await neighbour.get(page)).status_code == 404
    assert code not in (await neighbour.get(f"{PORTAL}/")).text
    assert code not in (await neighbour.get(f"{MINISTRY}/")).text


async def test_the_same_form_sent_twice_files_one_dossier(town: Town) -> None:
    citizen = await town.citizen()
    form = await citizen.get(f"{PORTAL}/dossiers/new")
    data = fields(form) | {"procedure": "land-extract", "content": "một lần"}
    first = await citizen.post(f"{PORTAL}/dossiers/new", data=data)
    second = await citizen.post(f"{PORTAL}/dossiers/new", data=data)
    assert first.url == second.url
    changed = await citizen.post(f"{PORTAL}/dossiers/new", data=data | {"content": "khác"})
    assert (changed.status_code, error_of(changed)) == (409, "changed_meanwhile")


async def test_a_mistake_in_the_form_is_explained_and_what_was_typed_is_kept(town: Town) -> None:
    citizen = await town.citizen()
    form = fields(await citizen.get(f"{PORTAL}/dossiers/new"))
    page = await citizen.post(f"{PORTAL}/dossiers/new", data=form | {"procedure": "no-such", "content": "đã gõ"})
    assert page.status_code == 422
    assert 'id="error" role="alert"' in page.text
    assert "đã gõ" in page.text
    empty = await citizen.post(f"{PORTAL}/dossiers/new", data=form | {"procedure": "land-extract", "content": "  "})
    assert empty.status_code == 422


async def test_without_a_personal_number_nothing_is_filed(town: Town) -> None:
    town.provider.userinfo_changes = {"personal_number": None}
    page = await file_dossier(await town.citizen())
    assert (page.status_code, 'id="error"' in page.text) == (422, True)


async def test_a_form_without_this_sessions_token_is_refused(town: Town) -> None:
    citizen = await town.citizen()
    form = fields(await citizen.get(f"{PORTAL}/dossiers/new")) | {"procedure": "land-extract", "content": "x"}
    for token in ("", "0" * 64):
        page = await citizen.post(f"{PORTAL}/dossiers/new", data=form | {"csrf_token": token})
        assert (page.status_code, error_of(page)) == (403, "invalid_form")
    other = fields(await (await town.citizen()).get(f"{PORTAL}/dossiers/new"))["csrf_token"]
    assert (await citizen.post(f"{PORTAL}/dossiers/new", data=form | {"csrf_token": other})).status_code == 403


async def test_while_the_ministry_is_down_the_portal_shows_the_last_known_state(town: Town) -> None:
    citizen = await town.citizen()
    code = code_of(await file_dossier(citizen))
    town.network.down.add(9002)
    for page in (await citizen.get(f"{PORTAL}/"), await citizen.get(f"{PORTAL}/dossiers/{code}")):
        assert page.status_code == 200
        assert 'id="stale"' in page.text
        assert code in page.text
    assert (await citizen.get(f"{PORTAL}/dossiers/G10-000000-UNKNOWN2")).status_code == 503
    form = await citizen.get(f"{PORTAL}/dossiers/new")
    assert (form.status_code, error_of(form), form.headers["retry-after"]) == (503, "service_unavailable", "30")


async def test_a_citizen_never_opens_officer_pages(town: Town) -> None:
    citizen = await town.citizen()
    code = code_of(await file_dossier(citizen))
    await citizen.get(f"{MINISTRY}/sign-in")
    for path in ("/officer", f"/officer/dossiers/{code}"):
        page = await citizen.get(f"{MINISTRY}{path}")
        assert (page.status_code, error_of(page)) == (403, "officer_sign_in_needed")
        assert 'id="officer-sign-in"' in page.text
    assert (await citizen.post(f"{MINISTRY}/officer/dossiers/{code}", data={})).status_code == 403


async def test_an_officer_of_another_agency_finds_nothing(town: Town) -> None:
    code = code_of(await file_dossier(await town.citizen()))
    for agency in ({"code": "G09", "name": "Bộ khác"}, {"code": "G101", "name": "Giống đầu mã"}):
        town.provider.userinfo_changes = {"agency": agency}
        officer = await officer_browser(town)
        assert (await officer.get(f"{MINISTRY}/officer/dossiers/{code}")).status_code == 404
        assert code not in (await officer.get(f"{MINISTRY}/officer")).text


async def test_an_officers_session_without_an_agency_opens_nothing(town: Town) -> None:
    for agency in (None, "G10", {"name": "không mã"}):
        town.provider.userinfo_changes = {"agency": agency}
        browser = town.browser()
        town.provider.person = OFFICER
        page = await browser.get(f"{MINISTRY}/officer/sign-in")
        assert (page.status_code, error_of(page)) == (403, "officer_sign_in_needed")
        town.provider.person = CITIZEN


async def test_an_officers_session_shows_no_citizens_pages(town: Town) -> None:
    code = code_of(await file_dossier(await town.citizen()))
    officer = await officer_browser(town)
    assert (await officer.get(f"{MINISTRY}/dossiers/{code}")).status_code == 404
    assert 'id="desk"' in (await officer.get(f"{MINISTRY}/")).text


async def test_the_same_step_sent_twice_happens_once_and_a_stale_one_is_refused(town: Town) -> None:
    code = code_of(await file_dossier(await town.citizen()))
    officer = await officer_browser(town)
    url = f"{MINISTRY}/officer/dossiers/{code}"
    form = fields(await officer.get(url)) | {"action": "receive"}
    assert state_of(await officer.post(url, data=form)) == "received"
    repeated = await officer.post(url, data=form)
    assert state_of(repeated) == "received"
    stale = await officer.post(url, data=form | {"action": "approve", "result_number": "1", "result": "x"})
    assert (stale.status_code, error_of(stale)) == (409, "changed_meanwhile")
    for wrong in ({"action": "burn"}, {"version": "x"}, {"version": "9" * 40}):
        assert (await officer.post(url, data=form | wrong)).status_code in {400, 409}


async def test_an_officer_is_told_what_is_missing(town: Town) -> None:
    code = code_of(await file_dossier(await town.citizen()))
    officer = await officer_browser(town)
    await process(officer, code, "receive")
    for action, data in (
        ("ask-payment", {"amount": "miễn phí"}),
        ("ask-payment", {"amount": "999"}),
        ("ask-payment", {"amount": "1000000001"}),
        ("ask-payment", {"amount": "-5000"}),
        ("ask-payment", {"amount": "0000000010000000"}),
        ("approve", {"result_number": "1"}),
        ("reject", {"reason": " "}),
    ):
        page = await process(officer, code, action, **data)
        assert (page.status_code, 'id="error"' in page.text) == (422, True)
    rejected = await process(officer, code, "reject", reason="Thiếu giấy tờ")
    assert state_of(rejected) == "rejected"


async def test_a_refused_dossier_shows_its_reason_to_the_citizen(town: Town) -> None:
    citizen = await town.citizen()
    code = code_of(await file_dossier(citizen))
    officer = await officer_browser(town)
    await process(officer, code, "receive")
    await process(officer, code, "reject", reason="Thiếu giấy tờ")
    page = await citizen.get(f"{PORTAL}/dossiers/{code}")
    assert state_of(page) == "rejected"
    assert "Thiếu giấy tờ" in page.text


async def test_what_people_write_is_shown_as_text(town: Town) -> None:
    citizen = await town.citizen()
    page = await file_dossier(citizen, "<script>alert(1)</script>")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
