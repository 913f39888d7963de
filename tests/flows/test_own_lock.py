"""The person locks the own account: at once, everywhere, and for good until a counter."""

from tests.flows.provider import PASSWORD, Browser, Provider


async def test_whoever_is_signed_in_locks_the_account_at_once(provider: Provider, browser: Browser) -> None:
    tokens = await browser.tokens(scope="openid offline_access")
    page = await browser.get("/account")
    assert 'href="/account/lock"' in page.text
    page = await browser.submit(await browser.get("/account/lock"), "lock-account")
    assert 'data-state="locked"' in page.text
    assert "Cổng Dịch vụ công quốc gia" in page.text
    assert (await browser.get("/account")).has_form("sign-in")
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    stranger = provider.browser()
    refused = await stranger.submit(
        await stranger.authorize("portal"), "sign-in", username="001099000001", password=PASSWORD
    )
    assert refused.status == 400
    assert refused.refusal
    assert not refused.has_form("otp")


async def test_nobody_locks_an_account_without_being_signed_in(provider: Provider, browser: Browser) -> None:
    page = await browser.get("/account/lock")
    assert page.has_form("sign-in")
    page = await browser.sign_in(page)
    assert page.has_form("lock-account")
    stranger = provider.browser()
    answer = await stranger.http.post("/account/lock", data={"csrf_token": "forged"})
    assert answer.status_code == 403
    account = await provider.stores.accounts.find("001099000001")
    assert account is not None
    assert account.is_active


async def test_the_session_that_ended_meanwhile_locks_nothing(provider: Provider, browser: Browser) -> None:
    await browser.signed_in("portal")
    page = await browser.get("/account/lock")
    provider.clock.advance(24 * 3600)
    page = await browser.submit(page, "lock-account")
    assert page.has_form("sign-in")
    account = await provider.stores.accounts.find("001099000001")
    assert account is not None
    assert account.is_active
