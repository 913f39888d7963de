"""The safety of the own account: what signs in, where one is signed in, trusted browsers, what happened."""

import re

import pytest

from idp.journeys.account_security.history import SecurityHistoryReader
from tests.flows.alerts import alerted
from tests.flows.provider import PASSWORD, Browser, Page, Provider

AN = "001099000001"
SECURITY = "/account/security"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


async def read_history(provider: Provider) -> None:
    stores = provider.stores
    await SecurityHistoryReader(stores.audit_log, stores.security_history).read_on(lambda: True)


async def with_password(browser: Browser) -> Page:
    """Signed in with a password, at the page."""
    await browser.signed_in("portal")
    return await browser.get(SECURITY)


async def with_two_factors(browser: Browser) -> Page:
    """Signed in with two factors, at the page."""
    await browser.signed_in("gateway")
    return await browser.get(SECURITY)


def secret_of(page: Page) -> str:
    found = re.search(r'<code id="totp-secret"[^>]*>(.*?)</code>', page.text, re.DOTALL)
    assert found
    return re.sub(r"<[^>]*>|\s", "", found[1])


async def add_device(provider: Provider, browser: Browser, name: str = "Máy tính bảng") -> str:
    """Add a device for codes; its secret."""
    page = await browser.get(f"{SECURITY}/codes/new")
    secret = secret_of(page)
    page = await browser.submit(page, "enrol-otp", code=provider.one_time_code(secret), name=name)
    assert page.path == f"{SECURITY}?notice=added"
    return secret


async def test_whoever_is_not_signed_in_is_led_there_and_back(browser: Browser) -> None:
    page = await browser.get(SECURITY)
    assert page.has_form("sign-in")
    assert (await browser.sign_in(page)).path == SECURITY


async def test_the_account_page_leads_there(browser: Browser) -> None:
    await browser.signed_in()
    assert f'href="{SECURITY}"' in (await browser.get("/account")).text


async def test_every_address_on_the_page_is_there(browser: Browser) -> None:
    page = await with_two_factors(browser)
    links = set(re.findall(r'href="(/account[^"?]*)', page.text))
    assert {f"{SECURITY}/history", f"{SECURITY}/codes/new", "/account/lock", "/account/approvals"} <= links
    for link in sorted(links):
        assert (await browser.get(link)).status == 200, link


async def test_a_further_device_is_added_and_signs_in(provider: Provider, browser: Browser) -> None:
    await with_two_factors(browser)
    secret = await add_device(provider, browser)
    page = await browser.get(SECURITY)
    assert "Máy tính bảng" in page.text
    assert "Đã thêm một cách đăng nhập" in {letter.subject for letter in await alerted(provider)}

    provider.clock.advance(60)
    other = provider.browser()
    page = await other.submit(await other.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    assert "code" in (await other.submit(page, "otp", code=provider.one_time_code(secret))).answer
    provider.clock.advance(60)
    third = provider.browser()
    page = await third.submit(await third.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    assert "code" in (await third.submit(page, "otp", code=provider.one_time_code())).answer


async def test_a_wrong_code_shows_the_same_secret_again(provider: Provider, browser: Browser) -> None:
    await with_two_factors(browser)
    page = await browser.get(f"{SECURITY}/codes/new")
    refused = await browser.submit(page, "enrol-otp", code="000000x", name="Máy cũ")
    assert refused.status == 400
    assert refused.refusal
    assert secret_of(refused) == secret_of(page)
    assert 'value="Máy cũ"' in refused.text
    assert secret_of(await browser.get(f"{SECURITY}/codes/new")) != secret_of(page)


@pytest.mark.parametrize("path", ["codes/new", "recovery-codes", "authenticators/codes/x"])
async def test_changing_takes_two_factors_and_just_now(provider: Provider, browser: Browser, path: str) -> None:
    await with_password(browser)
    page = await browser.get(f"{SECURITY}/{path}")
    assert page.has_form("otp")
    await browser.submit(page, "otp", code=provider.one_time_code())
    provider.clock.advance(301)
    assert (await browser.get(f"{SECURITY}/{path}")).has_form("sign-in")


async def test_a_form_that_was_open_too_long_changes_nothing(provider: Provider, browser: Browser) -> None:
    await with_two_factors(browser)
    page = await browser.get(f"{SECURITY}/recovery-codes")
    provider.clock.advance(301)
    assert (await browser.submit(page, "recovery-codes", saved="yes")).has_form("sign-in")
    names = [record.name async for record in provider.stores.audit_log.records()]
    assert "recovery_codes.renewed" not in names


async def test_a_device_is_renamed_and_removed(provider: Provider, browser: Browser) -> None:
    await with_two_factors(browser)
    await add_device(provider, browser)
    page = await browser.get(SECURITY)
    first, second = re.findall(rf'href="({SECURITY}/authenticators/codes/[^"]*)"', page.text)

    page = await browser.submit(await browser.get(second), "rename", name="Máy của <b>An</b>")
    assert "Máy của &lt;b&gt;An&lt;/b&gt;" in page.text
    assert 'class="notice warn"' not in (await browser.get(second)).text
    page = await browser.submit(await browser.get(first), "remove")
    assert page.path == f"{SECURITY}?notice=removed"
    assert (await browser.get(first)).status == 404
    page = await browser.get(second)
    assert 'class="notice warn"' in page.text
    page = await browser.submit(page, "remove")
    assert "/authenticators/codes/" not in page.text
    assert 'href="/account/second-factor"' in page.text


async def test_nobody_opens_somebody_else_s_device(provider: Provider, browser: Browser) -> None:
    await with_two_factors(browser)
    page = await browser.get(SECURITY)
    found = re.search(rf'href="({SECURITY}/authenticators/codes/[^"]*)"', page.text)
    assert found
    officer = provider.browser()
    page = await officer.authorize("officers")
    await officer.sign_in(page, "cuong@g10.example.vn", "another horse battery staple")
    page = await officer.get(f"{SECURITY}/codes/new")
    if page.has_form("otp"):
        provider.clock.advance(60)
        await officer.submit(page, "otp", code=provider.one_time_code())
    assert (await officer.get(found[1])).status == 404


async def test_first_recovery_codes_take_the_place_of_none(browser: Browser) -> None:
    await with_two_factors(browser)
    first = await browser.get(f"{SECURITY}/recovery-codes")
    assert "mã cũ" not in first.text
    await browser.submit(first, "recovery-codes", saved="yes")
    assert "mã cũ" in (await browser.get(f"{SECURITY}/recovery-codes")).text


async def test_fresh_recovery_codes_are_good_once_they_are_kept(provider: Provider, browser: Browser) -> None:
    await with_two_factors(browser)
    page = await browser.get(f"{SECURITY}/recovery-codes")
    codes = re.findall(r"<code>([^<]*)</code>", page.text)
    assert len(codes) == 10
    refused = await browser.submit(page, "recovery-codes")
    assert refused.status == 400
    assert re.findall(r"<code>([^<]*)</code>", refused.text) == codes

    page = await browser.submit(refused, "recovery-codes", saved="yes")

    assert page.path == f"{SECURITY}?notice=codes_renewed"
    other = provider.browser()
    page = await other.submit(await other.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    page = await other.get(f"{page.path.rpartition('/')[0]}/recovery-code")
    assert "code" in (await other.submit(page, "recovery", code=codes[3])).answer


async def test_a_page_of_codes_is_confirmed_once(provider: Provider, browser: Browser) -> None:
    await with_two_factors(browser)
    old = await browser.get(f"{SECURITY}/recovery-codes")
    await browser.submit(old, "recovery-codes", saved="yes")
    newer = await browser.get(f"{SECURITY}/recovery-codes")
    assert (await browser.submit(newer, "recovery-codes", saved="yes")).path == f"{SECURITY}?notice=codes_renewed"

    assert (await browser.submit(old, "recovery-codes", saved="yes")).path == SECURITY

    names = [record.name async for record in provider.stores.audit_log.records()]
    assert names.count("recovery_codes.renewed") == 2


async def test_another_browser_is_seen_and_signed_out(provider: Provider, browser: Browser) -> None:
    other = provider.browser()
    other.http.headers["user-agent"] = CHROME
    tokens = await other.tokens()
    page = await with_password(browser)
    assert "Chrome, Windows" in page.text

    page = await browser.submit(page, "end-session-2")

    assert page.path == f"{SECURITY}?notice=session_ended"
    assert "Chrome, Windows" not in page.text
    assert (await other.get("/account")).has_form("sign-in")
    assert (await other.userinfo(tokens["access_token"])).status_code == 401
    assert (await browser.get("/account")).path == "/account"


async def test_every_other_browser_is_signed_out_at_once(provider: Provider, browser: Browser) -> None:
    others = [provider.browser() for _ in range(2)]
    for other in others:
        await other.signed_in()
    page = await with_password(browser)
    assert page.has_form("end-session-3")
    page = await browser.submit(page, "end-other-sessions")
    assert not page.has_form("end-session-2")
    for other in others:
        assert (await other.get("/account")).has_form("sign-in")


async def test_a_step_up_keeps_one_line_in_the_list(provider: Provider, browser: Browser) -> None:
    page = await with_password(browser)
    page = await browser.get(f"{SECURITY}/recovery-codes")
    await browser.submit(page, "otp", code=provider.one_time_code())
    page = await browser.get(SECURITY)
    assert page.text.count('id="session-') == 1
    assert not page.has_form("end-other-sessions")


async def test_a_trusted_browser_is_asked_only_where_a_service_needs_it(provider: Provider, browser: Browser) -> None:
    page = await with_two_factors(browser)
    await browser.submit(await browser.get("/account"), "always-ask", always_ask="on")
    page = await browser.submit(page, "trust-browser")
    assert page.path == f"{SECURITY}?notice=trusted"
    assert page.has_form("distrust-1")
    assert not page.has_form("trust-browser")
    await browser.submit(await browser.get("/account"), "sign-out-account")
    provider.clock.advance(60)

    assert "code" in (await browser.submit(await browser.authorize(), "sign-in", username=AN, password=PASSWORD)).answer
    assert (await browser.authorize("gateway")).has_form("otp")
    stranger = provider.browser()
    assert (await stranger.submit(await stranger.authorize(), "sign-in", username=AN, password=PASSWORD)).has_form(
        "otp"
    )


async def test_trust_is_taken_back_and_ends_with_a_sign_out_everywhere(provider: Provider, browser: Browser) -> None:
    page = await with_two_factors(browser)
    await browser.submit(await browser.get("/account"), "always-ask", always_ask="on")
    page = await browser.submit(page, "trust-browser")
    page = await browser.submit(page, "distrust-1")
    assert page.has_form("trust-browser")
    await browser.submit(page, "trust-browser")
    await browser.submit(await browser.get("/account"), "sign-out-everywhere")
    provider.clock.advance(60)
    assert (await browser.submit(await browser.authorize(), "sign-in", username=AN, password=PASSWORD)).has_form("otp")


async def test_a_browser_with_one_factor_cannot_be_trusted(browser: Browser) -> None:
    page = await with_password(browser)
    assert not page.has_form("trust-browser")
    _, hidden = (await browser.get("/account")).form("always-ask")
    answer = await browser.http.post(f"{SECURITY}/trusted-browsers", data=hidden)
    assert answer.headers["location"].endswith("/code")


async def test_the_owner_reads_what_happened(provider: Provider, browser: Browser) -> None:
    other = provider.browser()
    await other.submit(await other.authorize(), "sign-in", username=AN, password="wrong")
    await with_two_factors(browser)
    await read_history(provider)
    page = await browser.get(SECURITY, lang="en")
    assert "A wrong password was given" in page.text
    assert "Signed in" in page.text
    page = await browser.get(f"{SECURITY}/history")
    assert "Payment gateway" in page.text
    assert "code, password" in page.text
    stranger = provider.browser()
    await stranger.sign_in(await stranger.authorize(), "binh@example.vn")
    assert "A wrong password" not in (await stranger.get(f"{SECURITY}/history", lang="en")).text


@pytest.mark.parametrize(
    "path",
    [
        "sessions/end-others",
        "sessions/x/end",
        "trusted-browsers",
        "trusted-browsers/revoke-all",
        "trusted-browsers/x/revoke",
        "codes/new",
        "recovery-codes",
        "authenticators/codes/x/rename",
        "authenticators/codes/x/remove",
    ],
)
async def test_every_change_takes_the_form_s_token_and_a_session(browser: Browser, path: str) -> None:
    page = await with_two_factors(browser)
    assert (await browser.http.post(f"{SECURITY}/{path}", data={"csrf_token": "forged"})).status_code == 403
    _, hidden = page.form("trust-browser")
    await browser.submit(await browser.get("/account"), "sign-out-account")
    answer = await browser.http.post(f"{SECURITY}/{path}", data=hidden)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", ["sessions/x/end", "trusted-browsers/x/revoke", "authenticators/cars/x/remove"])
async def test_what_is_not_there_changes_nothing(browser: Browser, path: str) -> None:
    page = await with_two_factors(browser)
    _, hidden = page.form("trust-browser")
    answer = await browser.http.post(f"{SECURITY}/{path}", data=hidden)
    assert answer.headers["location"] == SECURITY
