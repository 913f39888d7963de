"""Passkeys through the whole application: made after more than a password, used first and as one more proof."""

import re
import shutil
from asyncio import gather
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.crypto.system import SystemEntropy
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.journeys.activation import IssuedLinks
from tests.authenticator import TRUE, Gesture, Maker, MetadataService, SoftwareAuthenticator, metadata_entry
from tests.flows.provider import PASSWORD, Browser, Page, Provider, running_provider, unverified_claims
from tests.flows.test_enrolment import at_enrolment, shown_codes

AN = "001099000001"
BINH = "binh@example.vn"
OFFICER, OFFICER_PASSWORD = "cuong@g10.example.vn", "another horse battery staple"
CHOSEN = "bốn con chim sẻ trên cành tre"
NEW = "/account/security/passkeys/new"


def options_of(page: Page) -> str:
    """What the script of a page asks the browser for."""
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found, f"no passkey is asked for on {page.path}: {page.status} {page.refusal}"
    return unescape(found[1])


async def use(browser: Browser, page: Page, authenticator: SoftwareAuthenticator, gesture: Gesture = TRUE) -> Page:
    return await browser.submit(page, "passkey", credential=authenticator.sign_in(options_of(page), gesture))


async def make(browser: Browser, page: Page, authenticator: SoftwareAuthenticator, name: str = "Điện thoại") -> Page:
    return await browser.submit(page, "add-passkey", credential=authenticator.register(options_of(page)), name=name)


async def with_passkey(provider: Provider, authenticator: SoftwareAuthenticator) -> None:
    """The citizen An makes a passkey on the account's own pages."""
    browser = provider.browser()
    await browser.sign_in(await browser.authorize("gateway"))
    page = await browser.get(NEW)
    sent = authenticator.register(options_of(page))
    action, hidden = page.form("add-passkey")
    made = await browser.http.post(action, data={**hidden, "credential": sent, "name": "Điện thoại"})
    assert (made.status_code, made.headers["location"]) == (303, "/account/security?notice=added")


async def test_nobody_types_a_name_and_two_factors_are_proved(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)

    browser = provider.browser()
    page = await browser.authorize("gateway", acr_values="urn:vn:loa:2")
    assert 'autocomplete="username webauthn"' in page.text
    assert "script-src 'self'" in page.response.headers["content-security-policy"]
    page = await use(browser, page, authenticator)
    assert page.answer["code"]


async def test_it_has_a_page_of_its_own_before_anybody_is_named(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await browser.get(f"{(await browser.authorize('gateway')).path}/passkey")
    refused = await use(browser, page, authenticator, Gesture(origin="https://evil.example"))
    assert refused.path == page.path
    assert "data-begins" not in refused.text
    assert (await use(browser, refused, authenticator)).answer["code"]


async def test_a_service_learns_that_phishing_was_resisted_where_it_asks(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await use(browser, await browser.authorize("portal", acr_values="phr"), authenticator)
    claims = unverified_claims((await browser.redeem(page)).json()["id_token"])
    assert (claims["acr"], claims["amr"]) == ("phr", ["mfa", "swk"])


async def test_a_passkey_steps_a_session_up_and_nothing_else_is_asked(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await browser.submit(await browser.authorize("portal"), "sign-in", username=AN, password=PASSWORD)
    assert page.answer["code"]

    page = await browser.authorize("gateway")
    assert page.path.endswith("/passkey")
    assert "data-begins" in page.text
    assert "data-without-passkeys" in page.text
    page = await use(browser, page, authenticator)
    assert page.answer["code"]


async def test_without_script_another_way_is_one_link_away(provider: Provider) -> None:
    await with_passkey(provider, SoftwareAuthenticator())
    browser = provider.browser()
    page = await browser.submit(await browser.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    (href,) = re.findall(r'<a href="([^"]*/methods)"', page.text)
    page = await browser.submit(await browser.get(href), "methods", method="otp")
    provider.clock.advance(30)
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    assert page.answer["code"]


async def test_whoever_enrols_may_take_a_passkey_instead_of_codes(browser: Browser) -> None:
    page = await at_enrolment(browser)
    (href,) = re.findall(r'<a href="([^"]*/enrol-passkey)"', page.text)
    page = await make(browser, await browser.get(href), SoftwareAuthenticator())
    assert len(shown_codes(page)) == 10
    page = await browser.submit(page, "recovery-codes", saved="yes")
    assert page.answer["code"]


async def test_nobody_enrols_on_a_password_alone(browser: Browser) -> None:
    page = await browser.submit(await browser.authorize("gateway"), "sign-in", username=BINH, password=PASSWORD)
    attempt = page.path.rpartition("/")[0]
    assert (await browser.get(f"{attempt}/enrol-passkey")).has_form("activate")


async def test_nobody_adds_one_at_home_without_two_factors_proved_just_now(provider: Provider) -> None:
    browser = provider.browser()
    assert (await browser.get(NEW)).has_form("sign-in")
    page = await browser.submit(await browser.authorize("portal"), "sign-in", username=AN, password=PASSWORD)
    assert page.answer["code"]
    assert (await browser.get(NEW)).has_form("otp")

    browser = provider.browser()
    await browser.sign_in(await browser.authorize("gateway"))
    assert (await browser.get(NEW)).has_form("add-passkey")
    provider.clock.advance(300)
    assert (await browser.get(NEW)).has_form("sign-in")


@pytest.mark.parametrize(("waited", "there"), [(299, "/account/security?notice=added"), (301, "/sign-in/")])
async def test_what_an_authenticator_took_its_time_for_is_taken_while_its_challenge_lives(
    provider: Provider, waited: int, there: str
) -> None:
    browser = provider.browser()
    await browser.sign_in(await browser.authorize("gateway"))
    provider.clock.advance(299)
    page = await browser.get(NEW)
    provider.clock.advance(waited)
    assert (await make(browser, page, SoftwareAuthenticator())).path.startswith(there)


async def test_a_refusal_brings_another_challenge_only_to_whoever_may_ask_for_one(provider: Provider) -> None:
    browser = provider.browser()
    await browser.sign_in(await browser.authorize("gateway"))
    page = await browser.get(NEW)
    refused = await browser.submit(page, "add-passkey", credential="no passkey")
    assert (refused.status, options_of(refused) != options_of(page)) == (400, True)
    provider.clock.advance(300)
    assert (await browser.submit(refused, "add-passkey", credential="no passkey")).has_form("sign-in")


REFUSED = [
    (Gesture(origin="https://evil.example"), "không được chấp nhận"),
    (Gesture(cross_origin=True), "không được chấp nhận"),
    (Gesture(verified=False), "không được chấp nhận"),
    (Gesture(credential_id=b"nobody's"), "Không có tài khoản nào"),
    (Gesture(challenge=b"made up"), "trả lời quá muộn"),
]


@pytest.mark.parametrize(("gesture", "said"), REFUSED)
async def test_a_refusal_says_why_and_the_next_try_works(provider: Provider, gesture: Gesture, said: str) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await use(browser, await browser.authorize("gateway"), authenticator, gesture)
    assert page.status == 400
    assert page.refusal is not None
    assert said in page.refusal
    assert "data-offered" not in page.text, "what answers by itself would go on for ever"
    assert (await use(browser, page, authenticator)).answer["code"]


async def test_an_answer_from_a_page_of_five_minutes_ago_or_from_another_browser_is_refused(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    owner, thief = provider.browser(), provider.browser()
    page, other = await owner.authorize("gateway"), await thief.authorize("gateway")
    stolen = authenticator.sign_in(options_of(page))
    assert (await thief.submit(other, "passkey", credential=stolen)).status == 400
    provider.clock.advance(300)
    assert (await owner.submit(page, "passkey", credential=stolen)).status == 400


async def test_of_50_submissions_at_once_one_signs_in(provider: Provider) -> None:
    authenticator = SoftwareAuthenticator()
    await with_passkey(provider, authenticator)
    browser = provider.browser()
    page = await browser.authorize("gateway")
    action, hidden = page.form("passkey")
    sent = {**hidden, "credential": authenticator.sign_in(options_of(page))}
    answers = await gather(*(browser.http.post(action, data=sent) for _ in range(50)))
    cookies = [answer.headers.get_list("set-cookie") for answer in answers]
    assert sum(any("session=" in cookie for cookie in each) for each in cookies) == 1


@asynccontextmanager
async def trusting(maker: Maker, prepared: Path, folder: Path) -> AsyncIterator[Provider]:
    """A provider whose metadata trusts what `maker` makes."""
    service, metadata = MetadataService.found(), folder / "metadata"
    metadata.mkdir()
    (metadata / "root.pem").write_bytes(service.root.public_bytes(Encoding.PEM))
    (metadata / "blob.jwt").write_text(service.blob([metadata_entry(maker)]))
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    async with running_provider(folder, passkey_metadata=metadata) as provider:
        yield provider


async def test_an_officer_s_security_key_is_hardware_to_services(prepared: Path, tmp_path: Path) -> None:
    maker = Maker.found()
    async with trusting(maker, prepared, tmp_path) as provider:
        authenticator, browser = SoftwareAuthenticator.hardware(maker), provider.browser()
        await browser.sign_in(await browser.authorize("officers"), OFFICER, OFFICER_PASSWORD)
        page = await browser.get(NEW)
        assert '"attestation": "direct"' in options_of(page)
        await make(browser, page, authenticator)

        browser = provider.browser()
        page = await use(browser, await browser.authorize("officers", acr_values="phrh"), authenticator)
        claims = unverified_claims((await browser.redeem(page, "officers")).json()["id_token"])
        assert (claims["acr"], claims["amr"]) == ("phrh", ["hwk", "mfa"])


async def removed(browser: Browser, name: str) -> Page:
    """What comes of pressing "remove" on the page of the authenticator of that name."""
    listed = await browser.get("/account/security")
    href = re.search(rf'{name}.*?href="(/account/security/authenticators/passkeys/[^"]*)"', listed.text, re.DOTALL)
    assert href, listed.text
    return await browser.submit(await browser.get(href[1]), "remove")


async def test_a_passkey_takes_no_security_key_away(prepared: Path, tmp_path: Path) -> None:
    maker, synced = Maker.found(), SoftwareAuthenticator()
    async with trusting(maker, prepared, tmp_path) as provider:
        key, browser = SoftwareAuthenticator.hardware(maker), provider.browser()
        await browser.sign_in(await browser.authorize("officers"), OFFICER, OFFICER_PASSWORD)
        await make(browser, await browser.get(NEW), key, "Khóa")
        await make(browser, await use(browser, await browser.get(NEW), key), synced, "Đồng bộ")

        thief = provider.browser()
        await use(thief, await thief.authorize("officers"), synced)
        page = await removed(thief, "Khóa")
        assert page.path.endswith("/passkey"), "it is asked for the key"
        page = await use(thief, page, synced)
        assert not page.path.startswith("/account/security")
        assert "Khóa" in (await thief.get("/account/security")).text

        provider.clock.advance(10)
        assert (await removed(browser, "Khóa")).path == "/account/security?notice=removed"


async def test_a_security_key_that_was_lost_goes_with_an_activation_link(prepared: Path, tmp_path: Path) -> None:
    maker = Maker.found()
    async with trusting(maker, prepared, tmp_path) as provider:
        key, browser, stores = SoftwareAuthenticator.hardware(maker), provider.browser(), provider.stores
        await browser.sign_in(await browser.authorize("officers"), OFFICER, OFFICER_PASSWORD)
        await make(browser, await browser.get(NEW), key)
        account = await stores.accounts.find(OFFICER)
        assert account
        account_id = account.account_id
        links = IssuedLinks(stores.activation_links, provider.clock, SystemEntropy())
        link = await links.issue(account_id, Origin(RequestId("request"), "source"))
        assert await stores.passkeys.of_account(account_id), "a link that nobody used takes nothing away"

        owner = provider.browser()
        page = await owner.submit(await owner.get(link), "choose-password", password=CHOSEN, again=CHOSEN)

        assert page.path.endswith("/enrol")
        assert await stores.passkeys.of_account(account_id) == ()
        other = provider.browser()
        assert (await use(other, await other.authorize("officers"), key)).status == 400


async def test_whoever_lost_the_only_passkey_makes_another_one_and_removes_it(provider: Provider) -> None:
    lost, new, browser = SoftwareAuthenticator(), SoftwareAuthenticator(), provider.browser()
    await with_passkey(provider, lost)
    provider.clock.advance(60)
    page = await browser.submit(await browser.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    methods = await browser.get(f"{page.path.rpartition('/')[0]}/methods")
    page = await browser.submit(methods, "methods", method="otp")
    await browser.submit(page, "otp", code=provider.one_time_code())
    page = await removed(browser, "Điện thoại")
    assert page.path.endswith("/passkey")

    await make(browser, await browser.get(NEW), new, "Máy mới")
    provider.clock.advance(10)
    assert (await removed(browser, "Điện thoại")).path == "/account/security?notice=removed"
    provider.clock.advance(10)
    page = await removed(browser, "Máy mới")
    assert page.path.endswith("/passkey"), "a one-time code takes no passkey away"
    page = await use(browser, page, new)
    assert page.path.startswith("/account/security/authenticators/passkeys/")
    assert 'id="guarded"' not in page.text
    assert (await browser.submit(page, "remove")).path == "/account/security?notice=removed"


async def test_where_a_security_key_is_a_must_a_copied_one_is_not_enough(prepared: Path, tmp_path: Path) -> None:
    maker, must = Maker.found(), '{"id_token": {"acr": {"essential": true, "values": ["phrh"]}}}'
    async with trusting(maker, prepared, tmp_path) as provider:
        browser = provider.browser()
        page = await browser.authorize("officers", claims=must)
        page = await browser.sign_in(page, OFFICER, OFFICER_PASSWORD)
        assert page.path.endswith("/enrol-passkey")
        assert "khóa bảo mật: loại không sao chép được" in page.text
        page = await make(browser, page, SoftwareAuthenticator())
        page = await browser.submit(page, "recovery-codes", saved="yes") if page.has_form("recovery-codes") else page
        assert page.path.endswith("/enrol-passkey")
        page = await make(browser, page, SoftwareAuthenticator.hardware(maker))
        assert page.answer["code"]
