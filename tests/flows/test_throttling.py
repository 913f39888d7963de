"""Guessing is slowed before anything is hashed, and never shuts the owner out."""

from asyncio import gather

import httpx
import pytest

from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
from idp.domain.abuse import attack
from idp.domain.abuse.proof_of_work import solve
from tests.flows.provider import ISSUER, PASSWORD, Browser, Page, Provider
from tests.flows.test_enrolment import BINH, at_recovery_codes

AN = "001099000001"
NOBODY = "001099999999"
MINUTE = 60


async def guess(browser: Browser, page: Page, username: str = AN, password: str = "a guess") -> Page:
    return await browser.submit(page, "sign-in", username=username, password=password)


async def guess_until_slowed(browser: Browser, username: str = AN) -> tuple[int, Page]:
    """How many guesses were looked at, and the page that says to slow down."""
    start = await browser.authorize()
    for count in range(100):
        page = await guess(browser, start, username)
        if page.status == 429:
            return count, page
        assert page.status == 400
    pytest.fail("nobody slowed the guessing down")


def browser_at(provider: Provider, address: str) -> Browser:
    """A browser at another network address."""
    browser = provider.browser()
    transport = httpx.ASGITransport(provider.app, client=(address, 50_000))
    browser.http = httpx.AsyncClient(transport=transport, base_url=ISSUER)
    return browser


async def test_guessing_from_one_place_is_slowed_after_twenty_tries(provider: Provider, browser: Browser) -> None:
    count, page = await guess_until_slowed(browser)

    assert count == 20
    assert page.has_form("sign-in")
    assert f'value="{AN}"' in page.text
    assert int(page.response.headers["retry-after"]) == 60
    provider.clock.advance(59)
    assert (await guess(browser, page)).status == 429
    provider.clock.advance(1)
    assert (await guess(browser, page)).status == 400
    assert (await guess(browser, page)).status == 429


async def test_guessing_a_person_who_is_not_there_is_slowed_alike(browser: Browser) -> None:
    count, page = await guess_until_slowed(browser, NOBODY)

    known = await browser.authorize()
    other = [await guess(browser, known) for _ in range(21)][-1]
    assert count == 20
    assert other.status == 429
    assert other.refusal == page.refusal
    assert other.response.headers["retry-after"] == page.response.headers["retry-after"]


async def test_the_right_password_is_slowed_too_while_somebody_guesses_from_there(browser: Browser) -> None:
    _, page = await guess_until_slowed(browser)

    assert (await guess(browser, page, password=PASSWORD)).status == 429


async def test_guessing_from_many_places_is_slowed_too(provider: Provider) -> None:
    looked_at = 0
    for place in range(4):
        browser = browser_at(provider, f"192.0.2.{place}")
        page = await browser.authorize()
        statuses = [(await guess(browser, page)).status for _ in range(16)]
        looked_at += statuses.count(400)

    assert looked_at == 50


async def test_one_place_that_guesses_at_many_people_works_for_each_further_try(
    provider: Provider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attack, "EASIEST_WORK", 4)  # the hardest takes an interpreter half a minute
    page = await browser.authorize()

    pages = [await guess(browser, page, f"0010990{number:05}") for number in range(40)]

    assert [one.status for one in pages] == [400] * 15 + [429] * 25
    _, hidden = pages[-1].form("sign-in")
    solution = solve(hidden["puzzle"], int(hidden["puzzle"].split(".")[0]))
    assert (await browser.submit(pages[-1], "sign-in", username=NOBODY, password="x", solution=solution)).status == 400
    neighbour = browser_at(provider, "192.0.2.1")
    assert (await guess(neighbour, await neighbour.authorize(), NOBODY)).status == 400


async def test_who_guesses_from_one_place_without_script_waits_before_each_further_try(
    provider: Provider, browser: Browser
) -> None:
    page = await browser.authorize()
    pages = [await guess(browser, page, f"0010990{number:05}") for number in range(16)]
    assert pages[-1].response.headers["retry-after"] == "15"
    assert "work-" in pages[-1].text
    assert "work-" not in pages[0].text

    early = await guess(browser, pages[-1], NOBODY)
    provider.clock.advance(15)
    in_time = await guess(browser, early, NOBODY)

    assert early.status == 429
    assert in_time.status == 400
    assert (await guess(browser, early, NOBODY)).status == 429, "what a page carries is good once"


async def test_the_owners_own_browser_still_signs_in(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    for place in range(4):
        stranger = browser_at(provider, f"192.0.2.{place}")
        page = await stranger.authorize()
        for _ in range(16):
            await guess(stranger, page)

    assert "code" in (await browser.sign_in(await browser.authorize(prompt="login"))).answer


async def test_the_owners_own_browser_has_tries_of_its_own(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    page = await browser.authorize(prompt="login")
    statuses = [(await guess(browser, page)).status for _ in range(12)]

    assert statuses == [400] * 10 + [429] * 2
    provider.clock.advance(30)
    assert (await guess(browser, page)).status == 400


async def test_a_known_browser_is_known_for_its_owner_only(provider: Provider, browser: Browser) -> None:
    await browser.sign_in(await browser.authorize(), "binh@example.vn")
    await guess_until_slowed(provider.browser())

    assert (await guess(browser, await browser.authorize(prompt="login"), AN, PASSWORD)).status == 429


@pytest.mark.parametrize("device", ["x", "a.b", ".", "a.", ".b", "aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbb"])
async def test_a_forged_device_is_no_known_browser(provider: Provider, browser: Browser, device: str) -> None:
    await guess_until_slowed(provider.browser())
    browser.http.cookies.set("idp8000-device", device)

    assert (await guess(browser, await browser.authorize(), password=PASSWORD)).status == 429


async def test_right_passwords_cost_no_tries(provider: Provider) -> None:
    for _ in range(25):
        browser = provider.browser()
        assert "code" in (await browser.signed_in()).answer


async def test_fifty_guesses_at_once_count_as_fifty(provider: Provider, browser: Browser) -> None:
    page = await browser.authorize()

    pages = await gather(*(guess(browser, page) for _ in range(50)))

    assert [one.status for one in pages].count(400) == 20
    assert [one.status for one in pages].count(429) == 30


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The stored hashes that the real hasher was asked to compare with."""
    asked: list[str | None] = []
    real = Argon2PasswordHasher.verify

    async def verify(hasher: Argon2PasswordHasher, stored: str | None, password: str, **options: bool) -> bool:
        asked.append(stored)
        return await real(hasher, stored, password, **options)

    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify)
    return asked


async def test_a_throttled_guess_is_not_hashed(browser: Browser, hashed: list[str | None]) -> None:
    count, page = await guess_until_slowed(browser)

    assert (await guess(browser, page)).status == 429
    assert len(hashed) == count


async def test_an_unknown_person_costs_a_hash_too(browser: Browser, hashed: list[str | None]) -> None:
    page = await browser.authorize()
    await guess(browser, page, NOBODY)
    await guess(browser, page, "not even an identifier")

    assert hashed == [None, None]


async def test_guessing_one_time_codes_is_slowed_after_ten_tries(provider: Provider, browser: Browser) -> None:
    page = await browser.submit(await browser.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    wrong = f"{(int(provider.one_time_code()) + 1) % 1_000_000:06}"
    statuses = [(await browser.submit(page, "otp", code=wrong)).status for _ in range(11)]

    assert statuses == [400] * 10 + [429]
    assert (await browser.submit(page, "otp", code=provider.one_time_code())).status == 429
    provider.clock.advance(5 * MINUTE)
    assert "code" in (await browser.submit(page, "otp", code=provider.one_time_code())).answer


async def test_recovery_codes_and_one_time_codes_share_their_tries(provider: Provider, browser: Browser) -> None:
    page, secret = await at_recovery_codes(browser)
    await browser.submit(page, "recovery-codes", saved="yes")
    provider.clock.advance(MINUTE)
    thief = provider.browser()
    page = await thief.submit(await thief.authorize("gateway"), "sign-in", username=BINH, password=PASSWORD)
    recovery = await thief.get(page.path.removesuffix("/code") + "/recovery-code")
    for _ in range(10):
        assert (await thief.submit(recovery, "recovery", code="AAAAA-AAAAA")).status == 400

    assert (await thief.submit(page, "otp", code=provider.one_time_code(secret))).status == 429


async def test_a_new_attempt_does_not_bring_new_tries(provider: Provider, browser: Browser) -> None:
    page = await browser.submit(await browser.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    for _ in range(10):
        await browser.submit(page, "otp", code="x")

    other = provider.browser()
    page = await other.submit(await other.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    assert (await other.submit(page, "otp", code=provider.one_time_code())).status == 429


async def guess_codes(provider: Provider) -> None:
    """Somebody who knows the password uses up the tries of strangers."""
    thief = provider.browser()
    page = await thief.submit(await thief.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    for _ in range(11):
        await thief.submit(page, "otp", code="x")


async def test_a_browser_that_gave_a_code_before_may_still_give_one(provider: Provider, browser: Browser) -> None:
    await browser.signed_in("gateway")
    provider.clock.advance(MINUTE)
    await guess_codes(provider)

    assert "code" in (await browser.sign_in(await browser.authorize("gateway", prompt="login"))).answer


async def test_a_password_alone_buys_a_browser_no_tries_of_the_code(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    await guess_codes(provider)

    page = await browser.authorize("gateway")
    assert (await browser.submit(page, "otp", code=provider.one_time_code())).status == 429


async def test_fifty_codes_at_once_count_as_fifty(provider: Provider, browser: Browser) -> None:
    page = await browser.submit(await browser.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)

    pages = await gather(*(browser.submit(page, "otp", code="000000x") for _ in range(50)))

    assert [one.status for one in pages].count(400) == 10


async def test_every_refused_try_leaves_an_event_that_names_no_password(provider: Provider, browser: Browser) -> None:
    await guess_until_slowed(browser)
    await guess(browser, await browser.authorize(), NOBODY)

    records = [record async for record in provider.stores.audit_log.records() if record.name == "password.refused"]
    assert len(records) == 22
    texts = [str(record.payload) for record in records]
    assert sum("throttled" in text for text in texts) == 1
    assert not any("a guess" in text or AN in text or NOBODY in text for text in texts)


async def test_a_password_buys_no_further_tries_of_the_second_factor_however_many_browsers(provider: Provider) -> None:
    async def guess(browser: Browser) -> int:
        page = await browser.sign_in(await browser.authorize())
        assert "code" in page.answer, "the password alone signs in to level 1, and leaves a device cookie"
        page = await browser.authorize("gateway")
        statuses = [(await browser.submit(page, "otp", code="000000")).status for _ in range(4)]
        return sum(status != 429 for status in statuses)

    tried = [await guess(provider.browser()) for _ in range(5)]

    assert sum(tried) == 10
