"""The rooms of agencies and officers: join by a link, roles by two pairs of eyes, out of office at once."""

import re
from html import unescape

import pytest

from tests.flows.provider import Browser, Page, Provider

PASSWORD = "another horse battery staple"
CHOSEN = "bốn con chim sẻ trên cành"
AGENCY, AGENCY_2, SECURITY = "agency@g10.example.vn", "agency2@g10.example.vn", "security@g10.example.vn"
OTHER, AUDITOR = "agency@g11.example.vn", "auditor@g10.example.vn"
MEMBER = {"personal_number": "001099000001", "name": "Nguyễn Văn An", "username": "an@g10.example.vn"}
DAY = 24 * 3600


async def entered(provider: Provider, username: str, path: str = "/admin") -> Browser:
    """An officer's browser in the console."""
    browser = provider.browser()
    page = await browser.submit(await browser.get(path), "sign-in", username=username, password=PASSWORD)
    # Everybody has the same secret here, and each code counts once for each account.
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    assert page.status == 200, page.text[:300]
    return browser


async def join(browser: Browser, **changes: str) -> Page:
    page = await browser.get("/admin/officers/join", agency="G10.01")
    fields = {**MEMBER, "agency": "G10.01", "position": "Chuyên viên", **changes}
    return await browser.submit(page, "join", **fields)


def shown_link(page: Page) -> str:
    found = re.search(r'<code id="activation-link">([^<]*)</code>', page.text)
    assert found, page.text
    return unescape(found[1]).removeprefix("http://localhost:8000")


async def officer_page(browser: Browser, name: str, agency: str = "G10.01") -> Page:
    page = await browser.get("/admin/officers", agency=agency)
    found = re.search(rf'<a href="(/admin/officers/[^"]*)">{name}</a>', page.text)
    assert found, page.text
    return await browser.get(found[1])


async def test_an_officer_joins_takes_the_account_over_and_leaves(provider: Provider) -> None:
    admin = await entered(provider, AGENCY)
    link = shown_link(await join(admin))

    own = provider.browser()
    page = await own.submit(await own.get(link), "choose-password", password=CHOSEN, again=CHOSEN)
    assert page.has_form("enrol-otp")
    secret = re.search(r'<code id="totp-secret"[^>]*>(.*?)</code>', page.text, re.DOTALL)
    assert secret
    key = re.sub(r"<[^>]*>|\s", "", secret[1])
    provider.clock.advance(5)
    page = await own.submit(page, "enrol-otp", code=provider.one_time_code(key))
    page = await own.submit(page, "recovery-codes", saved="yes")
    assert page.path == "/account"
    assert (await own.get("/admin")).status == 403

    page = await officer_page(admin, "Nguyễn Văn An")
    page = await admin.submit(page, "end-post", held_to="")
    assert page.status == 200
    assert not page.has_form("end-post")
    assert (await own.get("/account")).has_form("sign-in")
    page = await provider.browser().authorize("officers")
    refused = provider.browser()
    page = await refused.submit(
        await refused.authorize("officers"), "sign-in", username=MEMBER["username"], password=CHOSEN
    )
    assert page.status == 400
    assert page.refusal


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "Nguyễn Văn B"}, "No known person"),
        ({"username": "cuong@g10.example.vn"}, "is taken"),
        ({"position": " "}, "Fill in"),
        ({"held_from": "2020-01-01"}, "is over"),
        ({"held_to": "soon"}, "not written as it should be"),
        ({"agency": "G10.99"}, "no such entry"),
    ],
)
async def test_a_wrong_entry_keeps_what_was_typed(provider: Provider, changes: dict[str, str], told: str) -> None:
    browser = await entered(provider, SECURITY)
    await browser.get("/admin", lang="en")
    page = await join(browser, **changes)
    assert page.status == 422
    assert told in (page.refusal or "")
    assert 'value="an@g10.example.vn"' in page.text or "username" in changes


async def test_roles_take_a_second_administrator(provider: Provider) -> None:
    first = await entered(provider, AGENCY)
    page = await officer_page(first, "Lê Văn Cường", "G10")
    page = await first.submit(page, "ask-roles", role_agency_admin="yes")
    assert page.path.startswith("/admin/changes/")
    change = page.path.partition("?")[0]
    assert not page.has_form("decide")

    second = await entered(provider, AGENCY_2)
    page = await second.submit(await second.get(change), "decide", decision="approve")
    assert page.status == 200
    provider.clock.advance(60)
    promoted = await entered(provider, "cuong@g10.example.vn", "/admin/officers")
    assert (await promoted.get("/admin/officers", agency="G10")).status == 200


async def test_a_takeover_is_told_before_roles_are_asked_for_and_before_they_are_decided(provider: Provider) -> None:
    first, second = await entered(provider, AGENCY), await entered(provider, AGENCY_2)
    await first.get("/admin", lang="en")
    own = provider.browser()
    page = await own.get(shown_link(await join(first)))
    await own.submit(page, "choose-password", password=CHOSEN, again=CHOSEN)
    page = await officer_page(first, "Nguyễn Văn An")
    assert "Somebody took this account over" in page.text
    await second.get("/admin", lang="en")
    officer = page.path
    change = (await first.submit(page, "ask-roles", role_proofing_officer="yes")).path.partition("?")[0]
    page = await second.get(change)
    assert "Somebody took this account over" in page.text
    assert "cannot be approved any more" not in page.text
    provider.clock.advance(60)
    page = await first.get(officer)
    await first.submit(page, "move", agency="G10.01", position="Chuyên viên chính", held_from="")
    page = await second.get(change)
    assert "cannot be approved any more" in page.text
    assert 'value="approve"' not in page.text
    assert 'value="refuse"' in page.text


async def test_a_role_that_was_taken_is_gone_at_the_next_click(provider: Provider) -> None:
    other = await entered(provider, AGENCY_2)
    first = await entered(provider, AGENCY)
    provider.clock.advance(1)
    page = await officer_page(first, "Đặng Văn Hải", "G10")
    page = await first.submit(page, "take-roles", role_agency_admin="yes")
    assert page.status == 200
    assert (await other.get("/admin/officers", agency="G10")).status == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/officers?agency=G10", 403),
        ("/admin/officers?agency=G11", 200),
        ("/admin/agencies/G10", 403),
        ("/admin/agencies/G11", 200),
        ("/admin/agencies", 200),
        ("/admin/agencies/G10/change", 403),
        ("/admin/officers/join?agency=G10", 200),
    ],
)
async def test_another_ministrys_administrator_stays_at_home(provider: Provider, path: str, status: int) -> None:
    browser = await entered(provider, OTHER)
    assert (await browser.get(path)).status == status
    if "join" in path:
        assert (await join(browser)).status == 403


async def test_an_auditor_looks_and_changes_nothing(provider: Provider) -> None:
    browser = await entered(provider, AUDITOR)
    page = await officer_page(browser, "Lê Văn Cường", "G10")
    assert page.status == 200
    assert not page.has_form("move")
    assert (await browser.get("/admin/officers/join", agency="G10")).status == 403
    assert (await browser.get("/admin/agencies/new")).status == 403


async def test_an_agency_is_founded_changed_and_ended(provider: Provider) -> None:
    browser = await entered(provider, AGENCY)
    form = await browser.get("/admin/agencies/new", parent="G10")
    page = await browser.submit(form, "agency", code="G10.09", name="Cục Mới", kind="department", parent="G10")
    assert page.path.startswith("/admin/agencies/G10.09")
    page = await browser.get("/admin/agencies/G10.09/change")
    page = await browser.submit(page, "agency", name="Cục Mới hơn", kind="department", parent="G10", valid_from="")
    assert "Cục Mới hơn" in page.text
    page = await browser.get("/admin/agencies/G10.09/change")
    page = await browser.submit(page, "end-agency", valid_to="2099-01-01", successors="G10.01")
    assert "2099" in page.text
    page = await browser.get("/admin/agencies/G10.01/change")
    page = await browser.submit(page, "end-agency", valid_to="2099-01-01", successors="")
    assert page.status == 422


async def test_a_suspended_officer_shows_by_whom_why_and_who_may_end_it(provider: Provider) -> None:
    security, agency = await entered(provider, SECURITY), await entered(provider, AGENCY)
    for browser in (security, agency):
        await browser.get("/admin", lang="en")
    page = await officer_page(security, "Lê Văn Cường", "G10")
    assert 'value="no"' not in page.text
    officer = page.path
    await security.submit(page, "suspension", suspended="yes", reason="inquiry")
    page = await agency.get(officer.partition("?")[0])
    for told in ("The agency looks into something", "By which office", "A security administrator alone"):
        assert told in page.text
    assert 'value="no"' not in page.text
    assert "<strong>Locked</strong>" in (await agency.get("/admin/officers", agency="G10")).text
    page = await security.get(officer.partition("?")[0])
    page = await security.submit(page, "suspension", suspended="no")
    assert "What locks the account" not in page.text


async def test_neither_numbers_nor_names_stand_in_addresses(provider: Provider) -> None:
    browser = await entered(provider, AGENCY)
    page = await join(browser)
    assert page.path == "/admin/officers/join"
    page = await officer_page(browser, "Nguyễn Văn An")
    page = await browser.submit(page, "suspension", suspended="yes", reason="absence")
    assert "001099000001" not in page.path
    assert "suspended" in page.path


async def test_an_officer_is_found_from_the_room_by_name_and_nothing_typed_stands_in_the_address(
    provider: Provider,
) -> None:
    browser = await entered(provider, AGENCY)
    await browser.get("/admin", lang="en")
    for room in ("/admin/officers", "/admin/agencies"):
        assert 'href="/admin/officers/find"' in (await browser.get(room)).text
    page = await browser.get("/admin/officers/find")
    page = await browser.submit(page, "find", purpose="security", reference="H26/1", name="le cuong")
    assert (page.status, page.path) == (200, "/admin/officers/find")
    found = re.search(r'<a href="(/admin/officers/[^"]*)">Lê Văn Cường</a>', page.text)
    assert found
    assert (await browser.get(found[1])).status == 200
    page = await browser.submit(page, "find", purpose="security", reference="H26/1", identifier="nobody@x.vn", name="")
    assert page.status == 422
    assert "Nobody has this number" in (page.refusal or "")
