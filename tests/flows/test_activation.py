"""Taking over an officer's account by a link: once, within a day, ending signed in with two factors."""

import asyncio
import re

import pyotp

from idp.adapters.crypto.system import SystemEntropy
from idp.domain.events import OfficerChanged, Origin
from idp.domain.ids import AccountId, RequestId
from idp.domain.offices.officer import NewOfficer, NewPost
from idp.journeys.activation import IssuedLinks
from tests.flows.provider import Browser, Page, Provider

USERNAME = "root@example.vn"
CHOSEN = "bốn con chim sẻ trên cành"
ORIGIN = Origin(RequestId("r"), "test")
DAY = 24 * 3600


async def link(provider: Provider, roles: tuple[str, ...] = ("security_admin",)) -> str:
    """The path of a fresh link for an administrator who was just made."""
    account_id = AccountId(SystemEntropy().identifier())
    post = NewPost(agency_code="", position="Quản trị viên", roles=roles, held_from=provider.clock.now())
    event = OfficerChanged(origin=ORIGIN, account_id=account_id, change="added")
    await provider.stores.officers.add(NewOfficer(account_id=account_id, username=USERNAME, post=post), event)
    return await another_link(provider, account_id)


async def another_link(provider: Provider, account_id: AccountId) -> str:
    return await IssuedLinks(provider.stores.activation_links, provider.clock, SystemEntropy()).issue(
        account_id, ORIGIN
    )


async def choose(browser: Browser, page: Page, password: str = CHOSEN, again: str | None = None) -> Page:
    return await browser.submit(page, "choose-password", password=password, again=password if again is None else again)


def shown_secret(page: Page) -> str:
    found = re.search(r'<code id="totp-secret"[^>]*>(.*?)</code>', page.text, re.DOTALL)
    assert found
    return re.sub(r"<[^>]*>|\s", "", found[1])


async def activated(browser: Browser, path: str) -> tuple[Page, str]:
    """The page after the last step, and the one-time-code secret."""
    page = await choose(browser, await browser.get(path))
    assert page.has_form("enrol-otp"), page.text[:500]
    secret = shown_secret(page)
    browser.provider.clock.advance(5)
    page = await browser.submit(page, "enrol-otp", code=browser.provider.one_time_code(secret))
    assert page.has_form("recovery-codes")
    return await browser.submit(page, "recovery-codes", saved="yes"), secret


async def names(provider: Provider) -> list[str]:
    return [record.name async for record in provider.stores.audit_log.records()]


async def test_the_whole_way_ends_in_the_console_and_the_next_sign_in_takes_both_factors(browser: Browser) -> None:
    provider = browser.provider
    page, secret = await activated(browser, await link(provider))
    assert page.path == "/admin"

    provider.clock.advance(60)
    other = provider.browser()
    page = await other.authorize("officers")
    page = await other.submit(page, "sign-in", username=USERNAME.upper(), password=CHOSEN)
    answer = await other.submit(page, "otp", code=pyotp.TOTP(secret).at(provider.clock.at))
    assert "code" in answer.answer


async def test_a_link_can_be_looked_at_and_used_once(browser: Browser) -> None:
    path = await link(browser.provider)
    await browser.get(path)
    await activated(browser, path)

    page = await browser.provider.browser().get(path)
    assert (page.status, page.error_code) == (410, "activation_link_ended")
    assert "activation_link.refused" in await names(browser.provider)


async def test_of_50_submissions_at_once_one_takes_the_account(provider: Provider) -> None:
    path = await link(provider)
    browsers = [provider.browser() for _ in range(50)]
    pages = await asyncio.gather(*(browser.get(path) for browser in browsers))
    ways = await asyncio.gather(
        *(
            choose(browser, page, f"{CHOSEN} {number}")
            for number, (browser, page) in enumerate(zip(browsers, pages, strict=True))
        )
    )
    winners = [number for number, page in enumerate(ways) if page.has_form("enrol-otp")]
    assert len(winners) == 1
    assert {page.status for number, page in enumerate(ways) if number not in winners} == {410}
    assert (await names(provider)).count("account.activated") == 1

    browser = provider.browser()
    page = await browser.authorize("officers")
    page = await browser.submit(page, "sign-in", username=USERNAME, password=f"{CHOSEN} {winners[0]}")
    assert page.path.endswith("/activate"), "one password fits, and proves nothing more"


async def test_a_link_lives_for_a_day_and_a_newer_one_takes_its_place(browser: Browser) -> None:
    provider = browser.provider
    path = await link(provider)
    account_id = await provider.stores.officers.find(USERNAME)
    assert account_id
    newer = await another_link(provider, account_id)
    assert (await browser.get(path)).status == 410
    page = await browser.get(newer)
    provider.clock.advance(DAY)
    assert (await browser.get(newer)).status == 410
    assert (await choose(browser, page)).status == 410


async def test_refused_passwords_leave_the_link_as_it_was(browser: Browser) -> None:
    path = await link(browser.provider)
    page = await browser.get(path)
    for password, again, told in (
        ("ngắn quá", None, "too short"),
        ("passwordpassword", None, "easy to guess"),
        (USERNAME, None, "Whoever knows you"),
        (CHOSEN, "khác", "not the same"),
    ):
        page = await choose(browser, await browser.get(path, lang="en"), password, again)
        assert page.status == 400
        assert page.refusal is not None
        assert told in page.refusal
    assert (await choose(browser, page)).has_form("enrol-otp")


async def test_a_link_of_an_officer_who_has_factors_begins_anew(browser: Browser) -> None:
    provider = browser.provider
    _, secret = await activated(browser, await link(provider))
    account_id = await provider.stores.officers.find(USERNAME)
    assert account_id
    provider.clock.advance(60)
    fresh = provider.browser()
    page = await choose(fresh, await fresh.get(await another_link(provider, account_id)), "một mật khẩu hoàn toàn khác")
    assert page.has_form("enrol-otp")
    assert shown_secret(page) != secret
    assert await provider.stores.authenticators.enrolled(account_id) == ()
    page = await browser.get("/account")
    assert page.has_form("sign-in"), "the session from before has ended"


async def test_the_account_of_a_link_may_be_locked_meanwhile(browser: Browser) -> None:
    path = await link(browser.provider)
    page = await browser.get(path)
    await browser.provider.lock(USERNAME)
    assert (await choose(browser, page)).status == 410
