"""Signing in on a computer with the yes of a phone, and what becomes of those who stand between the two."""

import re
import shutil
from asyncio import gather
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path

import pytest

from idp.domain.authenticators.phone_sign_in import FRESHNESS, LIFETIME
from tests.flows.provider import PASSWORD, Browser, Page, Provider, running_provider, unverified_claims

AN, OFFICER = "001099000001", "cuong@g10.example.vn"


def picture(page: Page) -> str:
    """The address in the picture, which also stands on the page as text."""
    found = re.search(r'<code id="phone-address">([^<]*)</code>', page.text)
    assert found, page.text
    return unescape(found[1])


def number(page: Page) -> str:
    """The number that the computer shows once a phone opened the picture."""
    found = re.search(r'<p id="phone-number">(\d\d)</p>', page.text)
    assert found, page.text
    return found[1]


def wrong(right: str) -> str:
    return "10" if right != "10" else "11"


async def on_the_phone(provider: Provider, username: str = AN) -> Browser:
    """A phone on which somebody is signed in with two factors, just now."""
    phone = provider.browser()
    await phone.sign_in(await phone.authorize("gateway"), username)
    return phone


async def shown(computer: Browser, client_id: str = "portal", **parameters: str) -> Page:
    """The page with the picture, reached by the link of the sign-in page."""
    page = await computer.authorize(client_id, **parameters)
    link = re.search(r'<a id="phone" href="([^"]*)"', page.text)
    assert link
    return await computer.get(link[1])


async def asked(phone: Browser, page: Page) -> Page:
    """The question that the picture leads to."""
    return await phone.get(picture(page))


async def allowed(computer: Browser, phone: Browser, page: Page) -> Page:
    """What the computer shows after the phone typed the number and said yes."""
    question = await asked(phone, page)
    page = await computer.get(page.path)
    done = await phone.submit(question, "approval", number=number(page), decision="allow")
    assert done.path.startswith("/account/approvals?decided=allow")
    return await computer.get(page.path)


async def test_a_phone_signs_a_computer_in_and_lends_it_nothing_else(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    answer = await allowed(browser, phone, await shown(browser))

    tokens = (await browser.redeem(answer)).json()
    claims = unverified_claims(tokens["id_token"])
    assert claims["acr"] == "urn:vn:loa:1", "the phone reached level 2; the computer has one factor"
    assert claims["amr"] == ["mca"]


async def test_the_computer_without_script_presses_a_button(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    page = await shown(browser)
    early = await browser.submit(page, "phone")
    assert (early.status, bool(early.refusal)) == (400, True)
    assert picture(early) == picture(page), "the same picture goes on"
    question = await asked(phone, page)
    page = await browser.get(page.path)
    await phone.submit(question, "approval", number=number(page), decision="allow")

    assert "code" in (await browser.submit(page, "phone")).answer


async def test_a_service_that_asks_for_two_factors_asks_for_the_password_too(
    provider: Provider, browser: Browser
) -> None:
    phone = await on_the_phone(provider)
    page = await allowed(browser, phone, await shown(browser, "gateway"))
    assert page.has_form("sign-in")

    page = await browser.submit(page, "sign-in", username=AN, password=PASSWORD)

    claims = unverified_claims((await browser.redeem(page, "gateway")).json()["id_token"])
    assert claims["acr"] == "urn:vn:loa:2"
    assert claims["amr"] == ["mca", "mfa", "pwd"]


async def test_beside_a_password_it_is_one_of_the_ways(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    page = await browser.authorize("gateway")
    page = await browser.submit(page, "sign-in", username=AN, password=PASSWORD)
    methods = await browser.get(page.path.replace("/code", "/methods"))
    page = await browser.submit(methods, "methods", method="phone")

    page = await allowed(browser, phone, page)

    claims = unverified_claims((await browser.redeem(page, "gateway")).json()["id_token"])
    assert claims["amr"] == ["mca", "mfa", "pwd"]


async def test_the_phone_is_told_what_for_and_from_where(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
    )
    browser.http.headers["user-agent"] = agent
    question = await asked(phone, await shown(browser))

    for told in ("Cổng Dịch vụ công quốc gia", "Chrome, Windows", "localhost:8000"):
        assert told in question.text
    assert not re.search(r'id="phone-number"', question.text)
    listed = await phone.get("/account/approvals")
    assert question.path in listed.text
    assert "Chrome, Windows" in listed.text


async def test_whoever_is_not_signed_in_on_the_phone_signs_in_first_and_is_told_nothing(
    provider: Provider, browser: Browser
) -> None:
    page = await shown(browser)
    real, made_up = provider.browser(), provider.browser()
    first, second = await real.get(picture(page)), await made_up.get("/account/phone/never-was")

    assert first.has_form("sign-in")
    assert second.has_form("sign-in")
    assert not re.search(r'<a id="phone"', first.text), "no yes of yet another phone"
    assert not (await real.get(f"{first.path}/phone")).has_form("phone")
    question = await real.sign_in(first)
    assert question.has_form("approval")


async def test_a_password_alone_makes_no_second_factor_of_a_second_browser(
    provider: Provider, browser: Browser
) -> None:
    second = provider.browser()
    await second.sign_in(await second.authorize("portal"))

    page = await asked(second, await shown(browser))

    assert page.has_form("otp")
    assert (await second.submit(page, "otp", code=provider.one_time_code())).has_form("approval")


async def test_a_phone_that_was_put_down_proves_possession_again_and_no_more(
    provider: Provider, browser: Browser
) -> None:
    phone = await on_the_phone(provider)
    provider.clock.advance(FRESHNESS)

    page = await asked(phone, await shown(browser))

    assert page.has_form("otp"), "the password still counts"
    assert (await phone.submit(page, "otp", code=provider.one_time_code())).has_form("approval")


async def test_a_computer_that_was_signed_in_by_a_phone_is_no_phone(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    page = await allowed(browser, phone, await shown(browser, "gateway"))
    await browser.submit(page, "sign-in", username=AN, password=PASSWORD)
    third = provider.browser()

    page = await asked(browser, await shown(third))

    assert page.has_form("otp"), "a yes is not passed on"
    methods = await browser.get(page.path.replace("/code", "/methods"))
    assert 'value="phone"' not in methods.text


async def test_a_wrong_number_ends_it_on_both_sides(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    page = await shown(browser)
    question = await asked(phone, page)
    right = number(await browser.get(page.path))

    refused = await phone.submit(question, "approval", number=wrong(right), decision="allow")
    assert (refused.status, refused.error_code) == (400, "phone_wrong_number")
    again = await phone.submit(question, "approval", number=right, decision="allow")
    assert (again.status, again.error_code) == (410, "approval_over")

    page = await browser.get(page.path)
    assert page.refusal
    assert "code" not in page.answer
    fresh = await browser.submit(page, "phone", again="yes")
    assert picture(fresh) != picture(await shown(browser))


@pytest.mark.parametrize("typed", ["", "4", "123", "ab", "०१", "1 2 3"])
async def test_what_is_no_number_is_asked_again_and_ends_nothing(
    provider: Provider, browser: Browser, typed: str
) -> None:
    phone = await on_the_phone(provider)
    page = await shown(browser)
    question = await asked(phone, page)

    again = await phone.submit(question, "approval", number=typed, decision="allow")
    assert (again.status, again.has_form("approval"), bool(again.refusal)) == (400, True, True)
    right = number(await browser.get(page.path))
    await phone.submit(again, "approval", number=f" {right[0]} {right[1]} ", decision="allow")
    assert "code" in (await browser.get(page.path)).answer


async def test_a_no_ends_it_and_leads_to_what_happened_in_the_account(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    page = await shown(browser)
    question = await asked(phone, page)
    provider.clock.advance(FRESHNESS - 200)

    done = await phone.submit(question, "approval", decision="deny")

    assert 'href="/account/security"' in done.text
    assert (await phone.get("/account/security")).status == 200
    assert (await browser.get(page.path)).refusal
    assert (await browser.get(f"{page.path}/state")).text == "denied"


async def test_a_no_needs_no_fresh_proof(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    provider.clock.advance(FRESHNESS - 10)
    page = await shown(browser)
    question = await asked(phone, page)
    provider.clock.advance(20)

    assert (await phone.get(question.path)).has_form("otp")
    assert 'href="/account/security"' in (await phone.submit(question, "approval", decision="deny")).text


async def test_the_script_is_told_one_word(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    page = await shown(browser)
    state = f"{page.path}/state"
    assert (await browser.get(state)).text == "waiting"
    assert (await provider.browser().get(state)).text == "over", "no other browser is told anything"
    question = await asked(phone, page)
    assert (await browser.get(state)).text == "opened"
    right = number(await browser.get(page.path))
    await phone.submit(question, "approval", number=right, decision="allow")
    assert (await browser.get(state)).text == "allowed"


async def test_after_three_minutes_a_new_picture_is_needed(provider: Provider, browser: Browser) -> None:
    page = await shown(browser)
    provider.clock.advance(LIFETIME)
    phone = await on_the_phone(provider)

    late = await asked(phone, page)
    assert (late.status, late.error_code) == (410, "approval_over")
    over = await browser.get(page.path)
    assert over.refusal
    fresh = await browser.submit(over, "phone", again="yes")
    assert picture(fresh) != picture(page)
    assert "code" in (await allowed(browser, phone, fresh)).answer


async def test_whoever_stole_the_picture_finishes_on_no_other_browser(provider: Provider, browser: Browser) -> None:
    phone, thief = await on_the_phone(provider), provider.browser()
    page = await shown(browser)
    question = await asked(phone, page)
    right = number(await browser.get(page.path))
    await phone.submit(question, "approval", number=right, decision="allow")

    stolen = await thief.get(page.path)
    assert (stolen.status, stolen.error_code) == (410, "sign_in_expired")
    own = await shown(thief)
    assert not own.answer.get("code")
    assert "code" in (await browser.get(page.path)).answer


async def test_of_many_looks_at_once_one_signs_in(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    page = await shown(browser)
    question = await asked(phone, page)
    right = number(await browser.get(page.path))
    await phone.submit(question, "approval", number=right, decision="allow")

    await gather(*(browser.http.get(page.path) for _ in range(20)))

    events = [record.name async for record in provider.stores.audit_log.records()]
    assert events.count("phone_sign_in.used") == 1
    assert events.count("session.started") == 2, "the phone's and the computer's"


async def test_another_persons_phone_does_not_help_a_computer_that_knows_its_owner(
    provider: Provider, browser: Browser
) -> None:
    page = await browser.authorize("gateway")
    await browser.submit(page, "sign-in", username=AN, password=PASSWORD)
    page = await browser.get(page.path.rstrip("/") + "/phone")
    other = provider.browser()
    await other.sign_in(await other.authorize("officers"), OFFICER, "another horse battery staple")

    refused = await asked(other, page)

    assert (refused.status, refused.error_code) == (403, "phone_other_account")
    assert (await browser.get(f"{page.path}/state")).text == "waiting", "and it goes on for its own person"


async def test_an_officers_phone_opens_nothing_of_a_service_for_citizens(provider: Provider, browser: Browser) -> None:
    phone = provider.browser()
    await phone.sign_in(await phone.authorize("officers"), OFFICER, "another horse battery staple")

    refused = await asked(phone, await shown(browser, "gateway"))

    assert (refused.status, refused.error_code) == (403, "phone_other_kind")


async def test_a_locked_account_is_not_let_in_by_a_yes_from_before(provider: Provider, browser: Browser) -> None:
    phone = await on_the_phone(provider)
    page = await shown(browser)
    question = await asked(phone, page)
    right = number(await browser.get(page.path))
    await phone.submit(question, "approval", number=right, decision="allow")
    await provider.lock(AN)

    refused = await browser.get(page.path)

    assert (refused.status, bool(refused.refusal)) == (400, True)
    assert "code" not in refused.answer


class Relay:
    """Somebody between: a page of their own shows people the picture of *their* sign-in, and later its number."""

    def __init__(self, provider: Provider) -> None:
        self.browser = provider.browser()

    async def bait(self, client_id: str = "portal") -> Page:
        """The picture that the victim sees on the false page."""
        return await shown(self.browser, client_id)


async def test_a_relay_is_not_stopped_by_the_medium_and_gains_one_factor_that_is_not_phishing_resistant(
    provider: Provider,
) -> None:
    """docs/sign-in-with-my-phone.md: a picture and a number can be shown on by anybody, live."""
    victim, relay = await on_the_phone(provider), Relay(provider)

    answer = await allowed(relay.browser, victim, await relay.bait())

    claims = unverified_claims((await relay.browser.redeem(answer)).json()["id_token"])
    assert claims["acr"] == "urn:vn:loa:1", "the attacker's browser is signed in, with one factor"
    assert claims["amr"] == ["mca"]


async def test_a_service_that_asks_for_resistance_to_phishing_is_not_content_with_a_phone(provider: Provider) -> None:
    victim, relay = await on_the_phone(provider), Relay(provider)

    page = await allowed(relay.browser, victim, await shown(relay.browser, "portal", acr_values="phr urn:vn:loa:1"))
    assert page.has_form("sign-in"), "it goes on with something else"

    page = await relay.browser.submit(page, "sign-in", username=AN, password=PASSWORD)
    assert page.path.endswith("/enrol-passkey"), "what was relayed is no passkey"


async def test_what_no_method_here_proves_is_not_claimed_for_a_phone_either(provider: Provider) -> None:
    victim, relay = await on_the_phone(provider), Relay(provider)
    page = await shown(relay.browser, "portal", acr_values="phrh urn:vn:loa:1")

    answer = await allowed(relay.browser, victim, page)

    claims = unverified_claims((await relay.browser.redeem(answer)).json()["id_token"])
    assert (claims["acr"], claims["amr"]) == ("urn:vn:loa:1", ["mca"])


async def test_a_relay_does_not_reach_two_factors_without_the_password(provider: Provider) -> None:
    victim, relay = await on_the_phone(provider), Relay(provider)

    page = await allowed(relay.browser, victim, await relay.bait("gateway"))

    assert page.has_form("sign-in")


async def test_a_picture_that_is_printed_or_sent_has_no_number_yet(provider: Provider) -> None:
    victim, relay = await on_the_phone(provider), Relay(provider)
    bait = await relay.bait()
    assert 'id="phone-number"' not in bait.text
    question = await asked(victim, bait)
    right = number(await relay.browser.get(bait.path))

    await victim.submit(question, "approval", number=wrong(right), decision="allow")

    assert (await relay.browser.get(bait.path)).refusal


async def from_site(browser: Browser, page: Page, site: str) -> Page:
    """What a browser shows that comes to the picture's address as it says in `Sec-Fetch-Site`."""
    browser.http.headers["sec-fetch-site"] = site
    page = await browser.get(picture(page))
    browser.http.headers["sec-fetch-site"] = "same-origin"
    return page


async def opened(provider: Provider) -> int:
    names = [record.name async for record in provider.stores.audit_log.records()]
    return names.count("phone_sign_in.opened")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_opens_nothing_on_a_phone_by_leading_it_here(provider: Provider, site: str) -> None:
    victim, relay = await on_the_phone(provider), Relay(provider)
    page = await from_site(victim, await relay.bait(), site)
    assert page.has_form("open-request")
    assert await opened(provider) == 0

    assert (await victim.submit(page, "open-request")).has_form("approval")
    assert await opened(provider) == 1


@pytest.mark.parametrize("site", ["none", "same-origin"])
async def test_a_picture_that_is_scanned_opens_at_once(provider: Provider, browser: Browser, site: str) -> None:
    assert (await from_site(await on_the_phone(provider), await shown(browser), site)).has_form("approval")


async def test_opening_what_another_site_leads_to_takes_the_forms_token(provider: Provider) -> None:
    victim, relay = await on_the_phone(provider), Relay(provider)
    bait = await relay.bait()
    assert (await victim.http.post(picture(bait), data={"csrf_token": "forged"})).status_code == 403
    assert await opened(provider) == 0


async def test_whoever_has_to_sign_in_first_is_asked_before_that(provider: Provider, browser: Browser) -> None:
    phone = provider.browser()
    page = await from_site(phone, await shown(browser), "cross-site")
    page = await phone.submit(page, "open-request")
    assert page.has_form("sign-in")
    assert (await phone.sign_in(page)).has_form("approval")


async def test_a_picture_of_somebody_else_s_takes_no_question_away(provider: Provider, browser: Browser) -> None:
    phone, relay = await on_the_phone(provider), Relay(provider)
    page = await shown(browser)
    question = await asked(phone, page)
    assert (await asked(phone, await relay.bait())).has_form("approval")

    assert question.path in (await phone.get("/account/approvals")).text
    right = number(await browser.get(page.path))
    await phone.submit(question, "approval", number=right, decision="allow")
    assert "code" in (await browser.get(page.path)).answer


PLACES = """network,country,province,name,latitude,longitude
192.0.2.0/24,VN,HN,Hà Nội,21.03,105.85
198.51.100.0/24,VN,SG,Thành phố Hồ Chí Minh,10.78,106.7
203.0.113.0/24,LA,VT,Vientiane,17.97,102.6
"""
HERE, SAIGON, ABROAD, NOWHERE = "192.0.2.7", "198.51.100.7", "203.0.113.7", "100.64.0.7"


def at(browser: Browser, address: str) -> None:
    """Let a browser's requests come from an address."""
    browser.http.headers["x-forwarded-for"] = address


async def question_from(provider: Provider, address: str) -> Page:
    """What a phone in Hà Nội is asked when a computer elsewhere shows its picture."""
    phone, relay = provider.browser(), Relay(provider)
    at(phone, HERE)
    at(relay.browser, address)
    await phone.sign_in(await phone.authorize("gateway"))
    return await asked(phone, await relay.bait())


@pytest.mark.parametrize(
    ("address", "place", "warns"),
    [
        (HERE, "Cùng đường mạng", False),
        ("192.0.2.9", "Hà Nội", False),
        (SAIGON, "Thành phố Hồ Chí Minh", True),
        (ABROAD, "Vientiane", True),
        (NOWHERE, "Không rõ", False),
    ],
)
async def test_the_phone_says_where_the_computer_is_and_warns_of_one_far_away(
    prepared: Path, tmp_path: Path, address: str, place: str, warns: bool
) -> None:
    async with placed(prepared, tmp_path) as provider:
        question = await question_from(provider, address)

    assert place in question.text
    assert ('id="far"' in question.text) is warns


@pytest.mark.parametrize(
    ("demand", "address", "stopped"),
    [
        ("same-connection", HERE, False),
        ("same-connection", "192.0.2.9", True),
        ("same-country", SAIGON, False),
        ("same-country", ABROAD, True),
        ("same-country", NOWHERE, True),
    ],
)
async def test_a_relay_from_elsewhere_is_stopped_where_the_operator_demands_nearness(
    prepared: Path, tmp_path: Path, demand: str, address: str, stopped: bool
) -> None:
    async with placed(prepared, tmp_path, phone_sign_in=demand) as provider:
        question = await question_from(provider, address)

    assert question.has_form("approval") is not stopped
    assert (question.error_code == "phone_apart") is stopped


async def test_where_it_is_switched_off_nobody_is_offered_it(prepared: Path, tmp_path: Path) -> None:
    async with placed(prepared, tmp_path, phone_sign_in="off") as provider:
        browser = provider.browser()
        page = await browser.authorize()
        assert 'id="phone"' not in page.text
        assert (await browser.get(f"{page.path}/phone")).has_form("sign-in")


@asynccontextmanager
async def placed(prepared: Path, folder: Path, phone_sign_in: str = "on") -> AsyncIterator[Provider]:
    """A provider behind a proxy that knows where networks are."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    (folder / "networks.csv").write_text(PLACES, encoding="utf-8")
    async with running_provider(
        folder,
        trusted_proxies="127.0.0.1",
        network_places=folder / "networks.csv",
        phone_sign_in=phone_sign_in,
    ) as running:
        yield running
