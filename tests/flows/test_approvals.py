"""A service asks for somebody who is elsewhere: what waits, who may answer, and what comes of it."""

from collections.abc import AsyncIterator
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest

from idp.journeys.throttling import REQUEST_INTERVAL
from tests.flows.provider import PASSWORD, SECRET, Browser, Page, Provider, running_provider, unverified_claims

GRANT = "urn:openid:params:grant-type:ciba"
AN = "001099000001"
BINH = "001199000002"
RECORDS = """
people:
  - {personal_number: "001099000001", name: Nguyễn Văn An, email: an@example.vn, level: 2,
     password: correct horse battery staple, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}
  - {personal_number: "001199000002", name: Trần Thị Bình, password: correct horse battery staple}
clients:
  - {client_id: counter, client_secret: a-client-secret-for-tests-only,
     client_name: {vi: Bộ phận một cửa, en: One-stop counter}, scope: openid profile,
     grant_types: ["urn:openid:params:grant-type:ciba"], backchannel_token_delivery_mode: poll}
  - {client_id: bank, client_secret: a-client-secret-for-tests-only, client_name: Bank, scope: openid profile email,
     grant_types: ["urn:openid:params:grant-type:ciba"], backchannel_token_delivery_mode: poll,
     minimum_acr: "urn:vn:loa:2", skip_consent: true}
"""


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider whose services ask for people who are elsewhere."""
    async with running_provider(tmp_path, RECORDS) as running:
        yield running


async def ask(browser: Browser, client_id: str = "counter", **fields: str) -> dict[str, Any]:
    """What the service is told."""
    asked = {"scope": "openid profile", "login_hint": AN} | fields
    response = await browser.http.post("/bc-authorize", data=asked, auth=(client_id, SECRET))
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


async def poll(browser: Browser, told: dict[str, Any], client_id: str = "counter") -> httpx.Response:
    """Ask for tokens, as the service does."""
    fields = {"grant_type": GRANT, "auth_req_id": told["auth_req_id"]}
    return await browser.http.post("/token", data=fields, auth=(client_id, SECRET))


async def listed(browser: Browser, username: str = AN) -> Page:
    """The list, signed in by the password alone."""
    page = await browser.get("/account/approvals")
    if page.has_form("sign-in"):
        page = await browser.submit(page, "sign-in", username=username, password=PASSWORD)
    return page


def links(page: Page) -> list[str]:
    """Where the list leads, from the top."""
    parts = page.text.split('href="/account/approvals/')[1:]
    return [f"/account/approvals/{part.partition(chr(34))[0]}" for part in parts]


async def test_the_list_has_each_request_newest_first_with_its_message(provider: Provider, browser: Browser) -> None:
    for message in ("Hồ sơ 1", "Hồ sơ 2", "<b>Hồ sơ 3</b>"):
        await ask(browser, binding_message=message)
        provider.clock.advance(1)
    page = await listed(browser)

    assert len(links(page)) == 3
    assert page.text.index("&lt;b&gt;Hồ sơ 3") < page.text.index("Hồ sơ 2") < page.text.index("Hồ sơ 1")
    assert page.text.count("Bộ phận một cửa") == 3


async def test_the_person_allows_and_the_service_has_tokens(browser: Browser) -> None:
    told = await ask(browser, binding_message="Hồ sơ 7")
    (link,) = links(await listed(browser))
    question = await browser.get(link)
    assert question.has_form("approval")
    for shown in ("Hồ sơ 7", "Bộ phận một cửa", "Nguyễn Văn An"):
        assert shown in question.text

    done = await browser.submit(question, "approval", decision="allow")

    assert links(done) == []
    tokens = (await poll(browser, told)).json()
    assert unverified_claims(tokens["id_token"])["aud"] == "counter"
    assert (await browser.userinfo(tokens["access_token"])).json()["name"] == "Nguyễn Văn An"


async def test_the_person_refuses_and_the_service_is_told(browser: Browser) -> None:
    told = await ask(browser)
    (link,) = links(await listed(browser))
    await browser.submit(await browser.get(link), "approval", decision="deny")

    response = await poll(browser, told)
    assert (response.status_code, response.json()["error"]) == (400, "access_denied")


async def test_a_mail_leads_there_and_says_nothing_of_what_is_asked(provider: Provider, browser: Browser) -> None:
    await ask(browser, binding_message="secret-of-the-page")
    (mail,) = provider.mails()
    message = message_from_string(mail, policy=default)
    assert isinstance(message, EmailMessage)
    text = message.get_content()
    assert "secret-of-the-page" not in text
    (link,) = links(await listed(browser))
    assert link in text


async def test_a_link_leads_through_sign_in_to_the_question(browser: Browser, provider: Provider) -> None:
    await ask(browser)
    (link,) = links(await listed(browser))
    other = provider.browser()
    page = await other.get(link)
    assert page.has_form("sign-in")

    assert (await other.submit(page, "sign-in", username=AN, password=PASSWORD)).has_form("approval")


async def test_a_session_that_is_too_weak_proves_more_first(provider: Provider, browser: Browser) -> None:
    told = await ask(browser, "bank")
    (link,) = links(await listed(browser))
    page = await browser.get(link)
    assert page.has_form("otp")
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    assert page.has_form("approval")
    await browser.submit(page, "approval", decision="allow")

    tokens = (await poll(browser, told, "bank")).json()
    assert unverified_claims(tokens["id_token"])["acr"] == "urn:vn:loa:2"


async def test_a_session_that_is_too_weak_to_allow_can_refuse(provider: Provider, browser: Browser) -> None:
    told = await ask(browser, "bank")
    page = await listed(browser)
    (link,), (action, hidden) = links(page), page.form("deny-1")
    assert action == link
    led_away = await browser.http.post(link, data={**hidden, "decision": "allow"})
    assert led_away.headers["location"].startswith("/sign-in")
    assert (await poll(browser, told, "bank")).json()["error"] == "authorization_pending"

    page = await browser.submit(page, "deny-1", decision="deny")

    assert (page.path, page.has_form("otp"), links(page)) == ("/account/approvals?decided=deny", False, [])
    assert (await poll(browser, told, "bank")).json()["error"] == "access_denied"


async def test_only_the_person_who_was_asked_refuses_and_by_the_form(provider: Provider, browser: Browser) -> None:
    told = await ask(browser)
    page = await listed(browser)
    (link,) = links(page)
    assert (await browser.http.post(link, data={"decision": "deny", "csrf_token": "forged"})).status_code == 403
    stranger = provider.browser()
    await listed(stranger, BINH)
    _, hidden = (await stranger.get("/account")).form("sign-out-account")
    assert (await stranger.http.post(link, data={**hidden, "decision": "deny"})).status_code == 410
    assert (await poll(browser, told)).json()["error"] == "authorization_pending"


async def test_nobody_sees_or_answers_what_waits_for_somebody_else(provider: Provider, browser: Browser) -> None:
    told = await ask(browser)
    (link,) = links(await listed(browser))
    question = await browser.get(link)
    stranger = provider.browser()

    assert links(await listed(stranger, BINH)) == []
    page = await stranger.get(link)
    assert (page.status, page.error_code) == (410, "approval_over")
    _, hidden = (await stranger.get("/account")).form("sign-out-account")
    response = await stranger.http.post(link, data={**hidden, "decision": "allow"})
    assert response.status_code == 410
    assert (await poll(browser, told)).json()["error"] == "authorization_pending"
    assert (await browser.submit(question, "approval", decision="allow")).status == 200


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW"])
async def test_an_unclear_answer_is_none(browser: Browser, decision: str) -> None:
    told = await ask(browser)
    (link,) = links(await listed(browser))
    page = await browser.submit(await browser.get(link), "approval", decision=decision)

    assert (page.status, bool(page.refusal), page.has_form("approval")) == (400, True, True)
    assert (await poll(browser, told)).json()["error"] == "authorization_pending"


async def test_a_question_is_answered_once_and_in_time(provider: Provider, browser: Browser) -> None:
    await ask(browser)
    (link,) = links(await listed(browser))
    question = await browser.get(link)
    await browser.submit(question, "approval", decision="deny")
    assert (await browser.submit(question, "approval", decision="allow")).error_code == "approval_over"

    provider.clock.advance(REQUEST_INTERVAL)
    await ask(browser, requested_expiry="60")
    (link,) = links(await listed(browser))
    question = await browser.get(link)
    provider.clock.advance(60)
    assert (await browser.submit(question, "approval", decision="allow")).error_code == "approval_over"
    assert links(await listed(browser)) == []


async def test_a_forged_answer_is_refused(browser: Browser) -> None:
    await ask(browser)
    (link,) = links(await listed(browser))

    response = await browser.http.post(link, data={"decision": "allow", "csrf_token": "forged"})

    assert response.status_code == 403


async def test_the_account_page_leads_to_what_waits(browser: Browser) -> None:
    await listed(browser)
    assert 'href="/account/approvals"' in (await browser.get("/account")).text
