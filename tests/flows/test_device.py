"""Signing in on a device that has no keyboard: its code, typed elsewhere, and the person's answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from idp.domain.events import Origin, PolicyRecorded
from idp.domain.ids import RequestId
from idp.domain.levels.assurance import Level
from idp.domain.levels.assurance_policy import FIRST_POLICY, Rule
from tests.flows.provider import ISSUER, SECRET, Browser, Page, Provider, running_provider, unverified_claims

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
RECORDS = """
people:
  - {personal_number: "001099000001", name: Nguyễn Văn An, email: an@example.vn, level: 2,
     password: correct horse battery staple, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}
clients:
  - {client_id: kiosk, client_secret: a-client-secret-for-tests-only,
     client_name: {vi: Màn hình ở quầy, en: Counter screen},
     grant_types: ["urn:ietf:params:oauth:grant-type:device_code", refresh_token],
     scope: openid profile email offline_access, skip_consent: true}
  - {client_id: television, token_endpoint_auth_method: none, client_name: Television,
     grant_types: ["urn:ietf:params:oauth:grant-type:device_code"], scope: openid profile}
  - {client_id: vault, client_secret: a-client-secret-for-tests-only, minimum_acr: "urn:vn:loa:2",
     grant_types: ["urn:ietf:params:oauth:grant-type:device_code"], scope: openid}
  - {client_id: officers, client_secret: a-client-secret-for-tests-only, audience: officer,
     grant_types: ["urn:ietf:params:oauth:grant-type:device_code"], scope: openid}
"""


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider with devices among its clients."""
    async with running_provider(tmp_path, RECORDS) as running:
        yield running


async def codes(browser: Browser, client_id: str = "kiosk", **fields: str) -> dict[str, Any]:
    """What the device is told."""
    asked = {"scope": "openid profile"} | fields
    response = await browser.http.post("/device_authorization", data=asked, auth=(client_id, SECRET))
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    told: dict[str, Any] = response.json()
    return told


async def poll(browser: Browser, told: dict[str, Any], client_id: str = "kiosk") -> httpx.Response:
    """Ask for tokens, as the device does."""
    fields = {"grant_type": GRANT, "device_code": told["device_code"]}
    return await browser.http.post("/token", data=fields, auth=(client_id, SECRET))


async def typed(browser: Browser, told: dict[str, Any]) -> Page:
    """Type the code on another screen: the sign-in page, or the question."""
    return await browser.submit(await browser.get("/device"), "device", user_code=told["user_code"])


async def test_a_person_types_the_code_signs_in_agrees_and_the_device_has_tokens(browser: Browser) -> None:
    told = await codes(browser)
    assert (await poll(browser, told)).json()["error"] == "authorization_pending"

    page = await typed(browser, told)
    assert page.has_form("sign-in")
    assert "Màn hình ở quầy" in page.text
    page = await browser.sign_in(page)
    assert page.has_form("consent")
    assert told["user_code"] in page.text
    assert "Màn hình ở quầy" in page.text
    assert "Nguyễn Văn An" in page.text
    done = await browser.submit(page, "consent", decision="allow")
    assert 'data-state="device-allowed"' in done.text

    tokens = (await poll(browser, told)).json()
    assert unverified_claims(tokens["id_token"])["aud"] == "kiosk"
    assert (await browser.userinfo(tokens["access_token"])).json()["name"] == "Nguyễn Văn An"
    account = await browser.get("/account")
    assert "Màn hình ở quầy" in account.text


async def test_the_complete_address_fills_the_code_in_shows_it_and_asks_all_the_same(browser: Browser) -> None:
    told = await codes(browser)
    assert told["verification_uri"] == f"{ISSUER}/device"
    page = await browser.get(told["verification_uri_complete"])

    assert page.has_form("device")
    assert f'value="{told["user_code"]}"' in page.text
    assert '<svg class="qr"' in page.text
    assert (await browser.sign_in(await browser.submit(page, "device", user_code=told["user_code"]))).has_form(
        "consent"
    )


async def test_without_a_code_there_is_no_picture(browser: Browser) -> None:
    assert '<svg class="qr"' not in (await browser.get("/device")).text
    assert '<svg class="qr"' not in (await browser.get("/device", user_code='"><script>alert(1)</script>')).text


async def test_whoever_is_signed_in_is_asked_all_the_same_and_every_time(browser: Browser) -> None:
    page = await browser.sign_in(await typed(browser, await codes(browser)))
    await browser.submit(page, "consent", decision="allow")

    again = await typed(browser, await codes(browser))

    assert again.has_form("consent")


async def test_a_refusal_reaches_the_device(browser: Browser) -> None:
    told = await codes(browser)
    page = await browser.sign_in(await typed(browser, told))
    done = await browser.submit(page, "consent", decision="deny")

    assert 'data-state="device-denied"' in done.text
    response = await poll(browser, told)
    assert (response.status_code, response.json()["error"]) == (400, "access_denied")


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW"])
async def test_an_unclear_answer_is_none(browser: Browser, decision: str) -> None:
    told = await codes(browser)
    page = await browser.submit(await browser.sign_in(await typed(browser, told)), "consent", decision=decision)

    assert page.status == 400
    assert page.refusal
    assert page.has_form("consent")
    assert (await poll(browser, told)).json()["error"] == "authorization_pending"


async def test_a_public_device_says_its_name(browser: Browser) -> None:
    asked = {"client_id": "television", "scope": "openid profile"}
    told = (await browser.http.post("/device_authorization", data=asked)).json()
    await browser.submit(await browser.sign_in(await typed(browser, told)), "consent", decision="allow")

    fields = {"grant_type": GRANT, "device_code": told["device_code"], "client_id": "television"}
    assert "access_token" in (await browser.http.post("/token", data=fields)).json()


async def test_a_device_that_needs_two_factors_gets_them(browser: Browser) -> None:
    told = await codes(browser, "vault", scope="openid")
    page = await typed(browser, told)
    page = await browser.submit(page, "sign-in", username="001099000001", password="correct horse battery staple")
    assert page.has_form("otp")
    page = await browser.submit(page, "otp", code=browser.provider.one_time_code())
    await browser.submit(page, "consent", decision="allow")

    tokens = (await poll(browser, told, "vault")).json()
    assert unverified_claims(tokens["id_token"])["acr"] == "urn:vn:loa:2"


async def test_a_session_that_is_too_weak_proves_more_before_it_is_asked(browser: Browser) -> None:
    await browser.submit(await browser.sign_in(await typed(browser, await codes(browser))), "consent", decision="allow")

    page = await typed(browser, await codes(browser, "vault", scope="openid"))

    assert page.has_form("otp")
    assert (await browser.submit(page, "otp", code=browser.provider.one_time_code())).has_form("consent")


async def test_a_citizen_does_not_let_a_device_for_officers_in(browser: Browser) -> None:
    await browser.submit(await browser.sign_in(await typed(browser, await codes(browser))), "consent", decision="allow")

    page = await typed(browser, await codes(browser, "officers", scope="openid"))

    assert page.has_form("sign-in")
    page = await browser.submit(page, "sign-in", username="001099000001", password="correct horse battery staple")
    assert page.has_form("sign-in")
    assert page.refusal


@pytest.mark.parametrize("code", ["", "BCDF-GHJK", "not a code", "B" * 5000])
async def test_a_wrong_code_is_refused_with_a_reason(browser: Browser, code: str) -> None:
    page = await browser.submit(await browser.get("/device"), "device", user_code=code)

    assert page.status == 400
    assert page.has_form("device")
    assert page.refusal


async def test_fifty_guesses_at_once_are_not_all_looked_at(browser: Browser) -> None:
    page = await browser.get("/device")
    pages = await asyncio.gather(*(browser.submit(page, "device", user_code="BCDFGHJK") for _ in range(50)))

    assert [page.status for page in pages].count(400) == 5
    assert [page.status for page in pages].count(429) == 45


async def test_right_codes_do_not_use_tries_up(browser: Browser) -> None:
    for _ in range(8):
        page = await typed(browser, await codes(browser))
        assert page.has_form("sign-in")


async def test_a_code_works_for_nobody_once_somebody_has_decided(provider: Provider, browser: Browser) -> None:
    told = await codes(browser)
    question = await browser.sign_in(await typed(browser, told))
    await browser.submit(question, "consent", decision="deny")

    assert (await typed(browser, told)).status == 400
    again = await browser.submit(question, "consent", decision="allow")
    assert (again.status, again.error_code) == (410, "device_request_over")
    assert (await poll(browser, told)).json()["error"] == "access_denied"


async def test_another_browser_does_not_go_on_where_one_typed_the_code(provider: Provider, browser: Browser) -> None:
    question = await browser.sign_in(await typed(browser, await codes(browser)))
    stranger = provider.browser()
    await stranger.sign_in(await typed(stranger, await codes(stranger)))

    assert (await stranger.get(question.path)).error_code == "device_request_over"


async def test_a_forged_answer_is_refused(browser: Browser) -> None:
    question = await browser.sign_in(await typed(browser, await codes(browser)))

    response = await browser.http.post(question.path, data={"decision": "allow", "csrf_token": "forged"})

    assert response.status_code == 403


async def test_after_ten_minutes_nobody_decides_any_more(provider: Provider, browser: Browser) -> None:
    told = await codes(browser)
    question = await browser.sign_in(await typed(browser, told))
    provider.clock.advance(600)

    assert (await browser.submit(question, "consent", decision="allow")).error_code == "device_request_over"
    assert (await poll(browser, told)).json()["error"] == "expired_token"


async def test_discovery_names_the_endpoint(browser: Browser) -> None:
    document = (await browser.http.get("/.well-known/openid-configuration")).json()

    assert document["device_authorization_endpoint"] == f"{ISSUER}/device_authorization"
    assert GRANT in document["grant_types_supported"]


@pytest.mark.parametrize("body", [b"scope=openid&scope=openid", b"\xff=1"])
async def test_a_request_that_cannot_be_read_is_refused(browser: Browser, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = await browser.http.post("/device_authorization", content=body, headers=headers, auth=("kiosk", SECRET))

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_the_policy_decides_how_fresh_and_strong_a_sign_in_for_a_device_is(provider: Provider) -> None:
    strict = replace(FIRST_POLICY, version=2, clients={"kiosk": Rule(Level.TWO, 300)})
    event = PolicyRecorded(origin=Origin(RequestId("r"), "s"), version=2, effective_from=0)
    assert await provider.stores.assurance_policies.add(strict, event)
    provider.clock.advance(1)
    browser = provider.browser()
    page = await typed(browser, await codes(browser))
    page = await browser.submit(page, "sign-in", username="an@example.vn", password="correct horse battery staple")
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    assert page.has_form("consent")
    provider.clock.advance(300)
    assert (await browser.submit(page, "consent", decision="allow")).has_form("sign-in")
