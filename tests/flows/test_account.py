"""The account page: one's own details, when a second factor is asked, and which services know one."""

import pytest

from tests.flows.provider import PASSWORD, Browser, Page, Provider

AN = "001099000001"
PREFERENCE = "account.second_factor_preference"


async def at_account(browser: Browser, client_id: str = "portal") -> Page:
    await browser.signed_in(client_id)
    page = await browser.get("/account")
    assert page.path == "/account"
    return page


async def prefer(browser: Browser, page: Page, choice: str) -> Page:
    return await browser.submit(page, "always-ask", always_ask=choice)


async def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back(browser: Browser) -> None:
    page = await browser.get("/account")
    assert page.has_form("sign-in")

    assert (await browser.sign_in(page)).path == "/account"


async def test_the_front_door_leads_to_the_account(browser: Browser) -> None:
    assert (await browser.get("/")).has_form("sign-in")


async def test_the_page_shows_no_identifier_in_full(browser: Browser) -> None:
    page = await at_account(browser)

    assert "Nguyễn Văn An" in page.text
    for whole in (AN, "an@example.vn", "+84912345678", "912345678"):
        assert whole not in page.text
    assert "001••••••001" in page.text
    assert page.response.headers["cache-control"] == "no-store"


async def test_an_officer_sees_the_agency(browser: Browser) -> None:
    page = await browser.authorize("officers")
    await browser.sign_in(page, "cuong@g10.example.vn", "another horse battery staple")

    page = await browser.get("/account")

    assert "Bộ Tài nguyên và Môi trường" in page.text
    assert "Chuyên viên" in page.text


async def test_whoever_wants_it_is_always_asked(provider: Provider, browser: Browser) -> None:
    page = await prefer(browser, await at_account(browser, "gateway"), "on")
    assert page.path == "/account?notice=always_ask_on"
    provider.clock.advance(60)

    other = provider.browser()
    page = await other.submit(await other.authorize(), "sign-in", username=AN, password=PASSWORD)
    assert page.has_form("otp")
    assert "code" in (await other.submit(page, "otp", code=provider.one_time_code())).answer


async def test_and_no_longer_when_it_is_taken_back(provider: Provider, browser: Browser) -> None:
    page = await prefer(browser, await at_account(browser, "gateway"), "on")
    page = await prefer(browser, page, "off")
    assert page.path == "/account?notice=always_ask_off"

    other = provider.browser()
    assert "code" in (await other.signed_in()).answer


async def test_it_is_turned_off_only_by_whoever_proved_two_factors_just_now(
    provider: Provider, browser: Browser
) -> None:
    page = await at_account(browser, "gateway")
    provider.clock.advance(300)
    page = await prefer(browser, page, "on")
    assert page.path == "/account?notice=always_ask_on"

    refused = await prefer(browser, page, "off")

    assert refused.has_form("sign-in")
    events = [record.name async for record in provider.stores.audit_log.records()]
    assert events.count(PREFERENCE) == 1
    page = await browser.sign_in(refused)
    assert page.path == "/account"
    assert (await prefer(browser, page, "off")).path == "/account?notice=always_ask_off"


@pytest.mark.parametrize("choice", ["on", "off"])
async def test_a_password_alone_does_not_change_when_a_second_factor_is_asked(
    provider: Provider, browser: Browser, choice: str
) -> None:
    page = await prefer(browser, await at_account(browser), choice)

    assert page.has_form("otp")
    assert PREFERENCE not in [record.name async for record in provider.stores.audit_log.records()]
    assert (await browser.submit(page, "otp", code=provider.one_time_code())).path == "/account"


async def test_the_preference_needs_the_forms_token(provider: Provider, browser: Browser) -> None:
    await at_account(browser, "gateway")

    response = await browser.http.post("/account/always-ask", data={"always_ask": "off"})

    assert response.status_code == 403
    assert PREFERENCE not in [record.name async for record in provider.stores.audit_log.records()]


async def test_a_token_of_another_browser_is_none(provider: Provider, browser: Browser) -> None:
    other = provider.browser()
    _, foreign = (await at_account(other, "gateway")).form("always-ask")
    provider.clock.advance(60)
    await at_account(browser, "gateway")

    response = await browser.http.post("/account/always-ask", data={**foreign, "always_ask": "on"})

    assert response.status_code == 403


async def test_whoever_has_no_second_factor_is_led_to_enrol_one(browser: Browser) -> None:
    await browser.sign_in(await browser.authorize(), "binh@example.vn")

    page = await browser.get("/account")

    assert 'href="/account/second-factor"' in page.text
    assert not page.has_form("always-ask")
    assert (await browser.get("/account/second-factor")).has_form("activate")


async def test_enrolling_needs_somebody_signed_in(browser: Browser) -> None:
    assert (await browser.get("/account/second-factor")).has_form("sign-in")


async def test_a_connected_service_is_listed_and_let_go(browser: Browser) -> None:
    page = await browser.signed_in("gateway", scope="openid profile")
    await browser.submit(page, "consent", decision="allow")
    page = await browser.get("/account")
    assert "Payment gateway" in page.text
    assert 'action="/account/services/withdraw?service=gateway"' in page.text

    _, hidden = page.form("always-ask")
    response = await browser.http.post("/account/services/withdraw?service=gateway", data=hidden)

    assert response.headers["location"] == "/account?notice=consent_withdrawn"
    page = await browser.get("/account")
    assert "Payment gateway" not in page.text


@pytest.mark.parametrize("service", ["gateway", "no-such", "", "x" * 5000, "%22%3E%3Cb%3E"])
async def test_letting_go_of_a_service_that_is_not_connected_changes_nothing(browser: Browser, service: str) -> None:
    _, hidden = (await at_account(browser)).form("always-ask")

    response = await browser.http.post(f"/account/services/withdraw?service={service}", data=hidden)

    assert response.status_code == 303
    assert response.headers["location"] == "/account"


async def test_withdrawing_needs_the_forms_token_and_a_session(browser: Browser) -> None:
    page = await browser.signed_in("gateway", scope="openid profile")
    await browser.submit(page, "consent", decision="allow")

    assert (await browser.http.post("/account/services/withdraw?service=gateway", data={})).status_code in {403, 415}
    page = await browser.get("/account")
    await browser.submit(page, "sign-out-account")
    _, hidden = page.form("always-ask")
    page = Page(await browser.http.post("/account/services/withdraw?service=gateway", data=hidden))
    assert page.location.startswith("/sign-in/")
    browser.provider.clock.advance(60)
    assert "code" in (await browser.signed_in("gateway", scope="openid profile")).answer


@pytest.mark.parametrize("notice", ["always_ask_on", "nonsense", "<b>", ""])
async def test_a_notice_is_one_of_ours_or_none(browser: Browser, notice: str) -> None:
    await browser.signed_in()

    page = await browser.get("/account", notice=notice)

    assert page.status == 200
    assert ('role="status"' in page.text) is (notice == "always_ask_on")
    assert "<b>" not in page.text.partition("<main")[2].replace('<b class="tag', "")
