"""Changing the password at home: other sessions, grants and trust end, the browser at hand stays signed in."""

import pytest

from tests.flows.provider import PASSWORD, SECRET, Browser, Page, Provider

AN = "001099000001"
BINH, BINHS_NUMBER = "binh@example.vn", "001199000002"
NEW = "bốn con chim sẻ trên cành tre"
PATH = "/account/password"
DONE = "/account/security?notice=password_changed"


async def change(browser: Browser, page: Page, new: str = NEW, current: str | None = PASSWORD) -> Page:
    old = {} if current is None else {"current": current}
    return await browser.submit(page, "change-password", password=new, again=new, **old)


async def at_form(browser: Browser) -> Page:
    await browser.submit(await browser.authorize("portal"), "sign-in", username=BINH, password=PASSWORD)
    page = await browser.get(PATH, lang="en")
    assert page.has_form("change-password")
    return page


async def test_the_new_one_signs_in_and_the_old_one_nowhere_any_more(provider: Provider) -> None:
    elsewhere, browser = provider.browser(), provider.browser()
    answer = await elsewhere.sign_in(await elsewhere.authorize("portal", scope="openid offline_access"), BINH)
    refresh_token = (await elsewhere.redeem(answer)).json()["refresh_token"]

    page = await change(browser, await at_form(browser))
    assert page.path == DONE
    assert "You are signed out everywhere else." in page.text
    assert (await browser.get("/account")).path == "/account"

    assert (await elsewhere.get("/account")).has_form("sign-in")
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    refused = await elsewhere.http.post("/token", data=fields, auth=("portal", SECRET))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    other = provider.browser()
    page = await other.submit(await other.authorize("portal"), "sign-in", username=BINH, password=PASSWORD)
    assert page.refusal
    assert (await other.submit(page, "sign-in", username=BINH, password=NEW)).answer["code"]


async def test_the_cookie_of_before_opens_nothing(provider: Provider) -> None:
    browser, thief = provider.browser(), provider.browser()
    page = await at_form(browser)
    thief.http.cookies.update(browser.http.cookies)
    await change(browser, page)
    assert (await thief.get("/account")).has_form("sign-in")


@pytest.mark.parametrize(
    ("current", "new", "told"),
    [
        ("wrong", NEW, "That is not your password."),
        ("", NEW, "That is not your password."),
        (PASSWORD, "ngắn quá", "too short"),
        (PASSWORD, "passwordpassword", "easy to guess"),
        (PASSWORD, f"{BINHS_NUMBER}-{BINHS_NUMBER}", "Whoever knows you"),
    ],
)
async def test_a_refusal_says_why_and_changes_nothing(browser: Browser, current: str, new: str, told: str) -> None:
    page = await change(browser, await at_form(browser), new, current)
    assert page.status == 400
    assert page.refusal is not None
    assert told in page.refusal
    assert (await change(browser, page)).path == DONE


async def test_the_one_in_use_and_two_that_differ_are_refused(browser: Browser) -> None:
    page = await change(browser, await at_form(browser))
    page = await change(browser, await browser.get(PATH, lang="en"), NEW, NEW)
    assert page.refusal
    assert "password that you have now" in page.refusal
    page = await browser.submit(page, "change-password", current=NEW, password=NEW + "!", again=NEW)
    assert page.refusal
    assert "not the same" in page.refusal


async def test_guessing_the_old_one_is_slowed_down_like_any_guessing(browser: Browser) -> None:
    page = await at_form(browser)
    statuses = [(await change(browser, page, NEW, f"guess {number}")).status for number in range(12)]
    assert statuses[0] == 400
    assert statuses[-1] == 429


async def test_whoever_proved_two_factors_just_now_need_not_know_the_old_one(provider: Provider) -> None:
    browser = provider.browser()
    await browser.sign_in(await browser.authorize("gateway"))
    page = await browser.get(PATH)
    assert 'name="current"' not in page.text
    assert (await change(browser, page, current=None)).path == DONE

    provider.clock.advance(600)
    assert (await browser.get(PATH)).has_form("sign-in")


async def test_the_password_alone_changes_none_where_there_is_a_second_factor(provider: Provider) -> None:
    thief, owner = provider.browser(), provider.browser()
    await thief.submit(await thief.authorize("portal"), "sign-in", username=AN, password=PASSWORD)
    page = await thief.get(PATH)
    _, hidden = page.form("otp")
    fields = {"csrf_token": hidden["csrf_token"], "current": PASSWORD, "password": NEW, "again": NEW}
    assert (await thief.http.post(PATH, data=fields)).status_code == 303
    page = await owner.submit(await owner.authorize("portal"), "sign-in", username=AN, password=PASSWORD)
    assert page.answer["code"]


async def test_nobody_gets_there_without_signing_in_and_comes_back_after(browser: Browser) -> None:
    page = await browser.get(PATH)
    assert page.has_form("sign-in")
    page = await browser.submit(page, "sign-in", username=BINH, password=PASSWORD)
    assert page.has_form("change-password")
