"""Levels 3 and 4, and officers' cards: what is asked is what is missing, and what proves it is what others signed."""

import base64
import json
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from idp.cli.demo_certificates import ServiceKeys
from tests.domain.grants.test_authorization_detail_types import PAYMENT
from tests.flows.provider import PASSWORD, Browser, Page, Provider, running_provider, unverified_claims
from tests.flows.state_services import Town, running_town
from tests.flows.test_enrolment import shown_secret
from tests.flows.test_remote_proofing import KHANH, make_khanh
from tests.protocol.certificates import YEAR, Identity, authority, issued, revocations

GREAT = json.dumps([{**PAYMENT, "instructedAmount": {"currency": "VND", "amount": "10000000"}}], ensure_ascii=False)
THREE, FOUR = "urn:vn:loa:3", "urn:vn:loa:4"
CUONG, CUONGS_PASSWORD = "cuong@g10.example.vn", "another horse battery staple"
ADD = "/account/security/certificates/new"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ServiceKeys:
    made = ServiceKeys(tmp_path_factory.mktemp("services"))
    made.make()
    return made


@pytest.fixture
async def town(prepared: Path, tmp_path: Path, keys: ServiceKeys) -> AsyncIterator[Town]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_town(tmp_path, keys) as running:
        await make_khanh(running.provider)
        yield running


async def compared(town: Town, browser: Browser, page: Page, finding: str = "match") -> Page:
    """Agree, show a face at the verifier, come back, and go on as a browser does."""
    sent = await browser.submit(page, "biometric")
    assert sent.status == 303, sent.refusal
    async with town.browser_at_verifier() as at_verifier:
        await at_verifier.get(sent.location)
        answer = await at_verifier.post(sent.location.partition("?")[0], data={"finding": finding})
    return await onward(browser, await browser.get(answer.headers["location"]))


async def onward(browser: Browser, page: Page) -> Page:
    """Follow the page that goes on by itself."""
    refresh = page.response.headers.get("refresh")
    if refresh is None:
        return page
    place = refresh.removeprefix("0;url=")
    assert f'id="continue" href="{place}"' in page.text
    return await browser.get(place)


async def told(browser: Browser, page: Page, client_id: str = "gateway") -> dict[str, object]:
    """The claims of the ID token behind an answer, consent given."""
    if page.has_form("consent"):
        page = await browser.submit(page, "consent", decision="allow")
    return unverified_claims((await browser.redeem(page, client_id)).json()["id_token"])


async def test_a_great_payment_takes_a_password_and_a_face_and_nothing_else(town: Town) -> None:
    browser = town.provider.browser()
    page = await browser.authorize("gateway", authorization_details=GREAT)
    page = await browser.submit(page, "sign-in", username=KHANH, password=PASSWORD)
    assert page.path.endswith("/biometric")
    assert '<strong class="service">localhost</strong>' in page.text
    claims = await told(browser, await compared(town, browser, page))
    assert (claims["acr"], claims["amr"]) == (THREE, ["face", "mfa", "pwd"])
    # Within five minutes the next payment goes through by the same proofs; then everything is asked anew.
    again = await browser.authorize("gateway", authorization_details=GREAT)
    assert again.has_form("consent")
    town.provider.clock.advance(301)
    assert (await browser.authorize("gateway", authorization_details=GREAT)).has_form("sign-in")


async def test_inside_a_session_only_the_face_is_asked_and_what_was_proved_is_kept(town: Town) -> None:
    browser = town.provider.browser()
    await browser.submit(await browser.authorize(), "sign-in", username=KHANH, password=PASSWORD)
    page = await browser.authorize(acr_values=THREE)
    assert page.path.endswith("/biometric")
    claims = await told(browser, await compared(town, browser, page), "portal")
    assert (claims["acr"], claims["amr"]) == (THREE, ["face", "mfa", "pwd"])
    assert "code" in (await browser.authorize(acr_values=THREE, prompt="none")).answer


async def test_level_4_takes_all_three_factors_and_whoever_lacks_one_enrols_it(town: Town) -> None:
    browser = town.provider.browser()
    page = await browser.authorize(acr_values=FOUR)
    page = await browser.submit(page, "sign-in", username=KHANH, password=PASSWORD)
    page = await compared(town, browser, page)
    page = await browser.submit(page, "enrol-otp", code=town.provider.one_time_code(shown_secret(page)))
    page = await browser.submit(page, "recovery-codes", saved="yes")
    claims = await told(browser, page, "portal")
    assert (claims["acr"], claims["amr"]) == (FOUR, ["face", "mfa", "otp", "pwd"])


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ("other_person", "Lần kiểm tra không cho thấy đó là bạn."),
        ("not_live", "Lần kiểm tra không cho thấy đó là bạn."),
        ("unclear", "Lần kiểm tra chưa thể xác định chắc chắn."),
    ],
)
async def test_what_the_verifier_does_not_confirm_is_asked_again(town: Town, finding: str, words: str) -> None:
    browser = town.provider.browser()
    page = await browser.authorize(acr_values=THREE)
    page = await browser.submit(page, "sign-in", username=KHANH, password=PASSWORD)
    page = await compared(town, browser, page, finding)
    assert (page.status, page.has_form("biometric")) == (400, True)
    assert page.refusal is not None
    assert words in page.refusal
    assert (await browser.authorize(acr_values=THREE, prompt="none")).answer["error"] == "login_required"


async def test_an_outcome_serves_its_own_attempt_and_browser_once(town: Town) -> None:
    browser = town.provider.browser()
    page = await browser.authorize(acr_values=THREE)
    page = await browser.submit(page, "sign-in", username=KHANH, password=PASSWORD)
    sent = await browser.submit(page, "biometric")
    async with town.browser_at_verifier() as at_verifier:
        answer = await at_verifier.post(sent.location.partition("?")[0], data={"finding": "match"})
    back = answer.headers["location"]
    other = await browser.authorize(acr_values=THREE)
    other = await browser.submit(other, "sign-in", username=KHANH, password=PASSWORD)
    stolen = await browser.get(f"{other.path}/return?{urlsplit(back).query}")
    assert (stolen.status, stolen.has_form("biometric")) == (400, True)
    assert (await town.provider.browser().get(back)).error_code == "sign_in_expired"
    assert "code" in (await onward(browser, await browser.get(back))).answer
    # The attempt is over: what the address of the return still does is lead on, without proving anything.
    assert "code" in (await browser.get(back)).answer
    await town.provider.stores.database.settle_events()
    accepted = [
        each async for each in town.provider.stores.audit_log.records() if each.name == "second_factor.accepted"
    ]
    assert len(accepted) == 1


async def test_a_silent_verifier_is_said_and_the_page_stays(town: Town) -> None:
    browser = town.provider.browser()
    page = await browser.authorize(acr_values=THREE)
    page = await browser.submit(page, "sign-in", username=KHANH, password=PASSWORD)
    del town.services.apps[8006]
    page = await browser.submit(page, "biometric")
    assert (page.status, page.has_form("biometric")) == (503, True)
    assert int(page.response.headers["retry-after"]) > 0


async def test_levels_3_and_4_are_told_where_there_is_a_verifier(town: Town, provider: Provider) -> None:
    for each, levels in ((town.provider, [THREE, FOUR]), (provider, [])):
        async with each.client() as client:
            metadata = (await client.get("/.well-known/openid-configuration")).json()
        assert [value for value in metadata["acr_values_supported"] if value in {THREE, FOUR}] == levels
    page = await provider.browser().authorize("gateway", authorization_details=GREAT)
    assert page.answer["error"] == "unmet_authentication_requirements"


@dataclass
class Office:
    """Officers' cards: the provider that trusts their authority, and the proxy that hands certificates on."""

    provider: Provider
    cards: Identity
    folder: Path

    def browser(self, card: Identity | None = None) -> Browser:
        """A browser with a card in its reader, behind the proxy."""
        browser = self.provider.browser()
        browser.http = httpx.AsyncClient(
            transport=self.provider.transport, base_url="http://localhost:8000", headers=shown(card)
        )
        return browser


def shown(card: Identity | None) -> dict[str, str]:
    return {} if card is None else {"client-cert": f":{base64.b64encode(card.der).decode()}:"}


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncIterator[Office]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "person-ca"
    folder.mkdir()
    cards = authority("Cards CA", lasts=9 * YEAR)
    (folder / "cards.pem").write_bytes(cards.pem)
    async with running_provider(tmp_path, person_ca=folder, trusted_proxies="127.0.0.1") as provider:
        provider.clock.at = cards_clock = 1_800_000_000
        (folder / "cards.crl").write_bytes(revocations(cards, until=cards_clock + YEAR))
        yield Office(provider, cards, folder)


async def with_card(office: Office) -> tuple[Browser, Identity]:
    """Cường, who has added his card."""
    card = issued(office.cards, "Lê Văn Cường")
    browser = office.browser(card)
    page = await browser.sign_in(await browser.get(ADD), CUONG, CUONGS_PASSWORD)
    assert "Lê Văn Cường" in page.text
    page = await browser.submit(page, "add-certificate", name="Thẻ của Bộ")
    assert page.status != 400, page.refusal
    return browser, card


async def test_an_officer_adds_a_card_and_signs_in_with_it_and_the_password(office: Office) -> None:
    _, card = await with_card(office)
    browser = office.browser(card)
    page = await browser.authorize("officers", scope="openid officer")
    link = re.search(r'<a id="certificate" href="([^"]*)"', page.text)
    assert link
    page = await browser.get(link[1])
    assert "Lê Văn Cường" in page.text
    page = await browser.submit(page, "certificate")
    assert page.has_form("sign-in")
    page = await browser.submit(page, "sign-in", username=CUONG, password=CUONGS_PASSWORD)
    claims = await told(browser, page, "officers")
    assert (claims["acr"], claims["amr"]) == ("urn:vn:loa:2", ["mfa", "pwd", "sc"])


async def test_whoever_has_a_card_has_to_show_what_withstands_phishing(office: Office) -> None:
    _, card = await with_card(office)
    browser = office.browser(card)
    page = await browser.authorize("officers", scope="openid", acr_values="phrh")
    page = await browser.submit(page, "sign-in", username=CUONG, password=CUONGS_PASSWORD)
    assert page.path.endswith("/certificate")
    claims = await told(browser, await browser.submit(page, "certificate"), "officers")
    assert (claims["acr"], claims["amr"]) == ("phrh", ["mfa", "pwd", "sc"])


async def test_a_card_that_was_withdrawn_ran_out_or_is_nobodys_lets_nobody_in(office: Office) -> None:
    _, card = await with_card(office)
    strange = issued(authority("Cards CA"), "Lê Văn Cường")
    colleague = issued(office.cards, "Đồng nghiệp")
    (office.folder / "new.crl").write_bytes(revocations(office.cards, card))
    office.provider.clock.advance(1)
    for shows, words in (
        (card, "đã hết hạn hoặc bị thu hồi"),
        (strange, "không phải chứng thư trên thẻ công vụ"),
        (colleague, "không dùng để đăng nhập tài khoản này"),
        (None, "không đưa ra chứng thư nào"),
    ):
        browser = office.browser(shows)
        page = await browser.authorize("officers", scope="openid")
        page = await browser.get(f"{page.path.partition('?')[0]}/certificate")
        page = await browser.submit(page, "certificate")
        assert page.status == 400
        assert page.refusal is not None
        assert words in page.refusal


async def test_a_colleagues_card_does_not_take_over_a_sign_in(office: Office) -> None:
    _, card = await with_card(office)
    browser = office.browser(card)
    page = await browser.authorize("officers", scope="openid", acr_values="phrh")
    other = office.browser()
    other_page = await other.authorize("officers", scope="openid")
    assert other_page.has_form("sign-in")
    page = await browser.submit(page, "sign-in", username=CUONG, password=CUONGS_PASSWORD)
    browser.http.headers["client-cert"] = shown(issued(office.cards, "Ai khác"))["client-cert"]
    page = await browser.submit(page, "certificate")
    assert page.status == 400


async def test_a_card_is_one_accounts_and_a_citizen_adds_none(office: Office) -> None:
    browser, card = await with_card(office)
    # Who has a card proves himself by it, also for another one.
    page = await browser.submit(await browser.get(ADD), "certificate")
    page = await browser.submit(page, "add-certificate", name="Lần nữa")
    assert page.refusal is not None
    assert "đã được thêm" in page.refusal
    citizen = office.browser(card)
    await citizen.signed_in()
    assert (await citizen.get(ADD)).error_code == "officers_only"


async def test_a_header_from_anybody_but_the_proxy_is_no_card(prepared: Path, office: Office, tmp_path: Path) -> None:
    _, card = await with_card(office)
    folder = tmp_path / "untrusting"
    shutil.copytree(prepared, folder)
    async with running_provider(folder, person_ca=office.folder) as provider:
        provider.clock.at = office.provider.clock.at
        browser = provider.browser()
        browser.http.headers["client-cert"] = shown(card)["client-cert"]
        page = await browser.authorize("officers", scope="openid")
        page = await browser.get(f"{page.path.partition('?')[0]}/certificate")
        assert "Lê Văn Cường" not in page.text
        assert (await browser.submit(page, "certificate")).status == 400


async def test_without_authorities_there_is_no_such_page(provider: Provider) -> None:
    browser = provider.browser()
    page = await browser.authorize("officers", scope="openid")
    assert 'id="certificate"' not in page.text
    assert (await browser.get(f"{page.path.partition('?')[0]}/certificate")).status == 404
    assert (await browser.get(ADD)).status == 404
    assert re.search(r"\bphrh\b", (await browser.get("/.well-known/openid-configuration")).text) is None
