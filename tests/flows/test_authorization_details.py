"""Rich authorization requests (RFC 9396): what the person reads, agrees to, and what the client gets."""

import json
from html import unescape
from typing import Any

import pytest

from tests.domain.grants.test_authorization_detail_types import DOSSIER, PAYMENT
from tests.flows.provider import SECRET, Browser, Page, unverified_claims

UNPAYABLE = json.dumps([{**PAYMENT, "instructedAmount": {"currency": "VND", "amount": "9999999.999"}}])
PAY = json.dumps([PAYMENT], ensure_ascii=False)


async def asked(browser: Browser, details: str = PAY, **parameters: str | None) -> Page:
    return await browser.authorize("gateway", authorization_details=details, **parameters)


async def agreed(browser: Browser, page: Page) -> dict[str, Any]:
    page = await browser.submit(await browser.sign_in(page), "consent", decision="allow")
    response = await browser.redeem(page, "gateway")
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


async def test_everything_in_a_detail_is_shown_in_words(browser: Browser) -> None:
    page = await browser.sign_in(await asked(browser, ui_locales="en"))
    text = unescape(page.text)
    for shown in ("One payment", "Start the payment", "1.200.000\u00a0₫", "Sở Tư pháp Hà Nội", "3713010000"):
        assert shown in text
    assert "instructedAmount" not in text
    page = await browser.get(page.path + "?lang=vi")
    assert "Một khoản thanh toán" in unescape(page.text)


async def test_what_was_agreed_to_is_granted_and_said_everywhere(browser: Browser) -> None:
    tokens = await agreed(browser, await asked(browser))
    assert tokens["authorization_details"] == [PAYMENT]
    assert unverified_claims(tokens["access_token"])["authorization_details"] == [PAYMENT]
    response = await browser.http.post("/introspect", data={"token": tokens["access_token"]}, auth=("gateway", SECRET))
    assert response.json()["authorization_details"] == [PAYMENT]
    refreshed = await browser.http.post(
        "/token",
        data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
        auth=("gateway", SECRET),
    )
    assert refreshed.status_code == 200
    assert "authorization_details" not in refreshed.json()
    assert "authorization_details" not in unverified_claims(refreshed.json()["access_token"])


async def test_a_token_is_narrowed_and_never_widened(browser: Browser) -> None:
    page = await browser.sign_in(await asked(browser, json.dumps([PAYMENT, DOSSIER])))
    page = await browser.submit(page, "consent", decision="allow")
    only = [{**DOSSIER, "actions": ["read"]}]
    tokens = (await browser.redeem(page, "gateway", authorization_details=json.dumps(only))).json()
    assert tokens["authorization_details"] == only
    more = [{**DOSSIER, "identifier": "another"}]
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused = await browser.http.post(
        "/token", data={**fields, "authorization_details": json.dumps(more)}, auth=("gateway", SECRET)
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_authorization_details")


async def test_the_next_payment_is_asked_about_again(browser: Browser) -> None:
    await agreed(browser, await asked(browser))
    assert (await asked(browser)).has_form("consent")
    assert (await asked(browser, prompt="none")).answer["error"] == "consent_required"


async def test_one_consent_is_good_for_one_answer(browser: Browser) -> None:
    page = await browser.sign_in(await asked(browser))
    assert "code" in (await browser.submit(page, "consent", decision="allow")).answer

    resumed = page.path.replace("/sign-in/", "/authorize/").removesuffix("/consent")
    assert (await browser.get(resumed)).has_form("consent")


async def test_who_says_no_grants_nothing(browser: Browser) -> None:
    page = await browser.submit(await browser.sign_in(await asked(browser)), "consent", decision="deny")
    assert page.answer["error"] == "access_denied"


async def test_a_great_payment_is_no_smaller_for_being_asked_for_in_parts(browser: Browser) -> None:
    parts = [{**PAYMENT, "instructedAmount": {"currency": "VND", "amount": amount}} for amount in ("9999999", "1")]
    # Ten million dong take level 3, which nobody proves where there is no verifier of faces.
    refused = (await asked(browser, json.dumps(parts))).answer
    assert refused["error"] == "unmet_authentication_requirements"
    assert (await asked(browser, json.dumps(parts[:1]))).has_form("sign-in")


async def test_a_service_that_need_not_ask_asks_about_payments_all_the_same(browser: Browser) -> None:
    page = await browser.sign_in(await browser.authorize("paying-office", authorization_details=PAY))
    assert page.has_form("consent")
    dossier = json.dumps([{**DOSSIER, "actions": ["read"]}])
    assert "code" in (await browser.authorize("paying-office", authorization_details=dossier)).answer


async def test_writing_to_a_dossier_takes_two_factors(browser: Browser) -> None:
    page = await browser.authorize("paying-office", authorization_details=json.dumps([DOSSIER]))
    assert "code" in (await browser.sign_in(page)).answer
    tokens = (await browser.redeem(await browser.authorize("paying-office"), "paying-office")).json()
    assert unverified_claims(tokens["id_token"])["acr"] == "urn:vn:loa:2"


@pytest.mark.parametrize(
    "details", ["{", "[]", json.dumps([{**PAYMENT, "extra": 1}]), UNPAYABLE, '[{"type":"unheard"}]']
)
async def test_a_detail_that_is_not_as_its_type_says_is_refused(browser: Browser, details: str) -> None:
    assert (await asked(browser, details)).answer["error"] == "invalid_authorization_details"


async def test_a_client_that_registered_no_types_has_none(browser: Browser) -> None:
    page = await browser.authorize("portal", authorization_details=PAY)
    assert page.answer["error"] == "invalid_authorization_details"


async def test_discovery_names_the_types(browser: Browser) -> None:
    document = (await browser.http.get("/.well-known/openid-configuration")).json()
    assert document["authorization_details_types_supported"] == ["dossier_access", "payment_initiation"]


async def test_no_event_tells_what_stands_in_a_detail(browser: Browser) -> None:
    await agreed(browser, await asked(browser))
    records = [record async for record in browser.provider.stores.audit_log.records()]
    text = "".join(str(record.payload) for record in records)
    assert "3713010000" not in text
    assert "1200000" not in text
