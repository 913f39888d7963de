"""Signing out loads the services that asked for it into the browser, whoever asked and wherever it leads."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from tests.flows.conftest import RECORDS
from tests.flows.provider import Browser, Page, Provider, prepare, running_provider, unverified_claims

AFTERWARDS = "http://localhost:9001/signed-out"
LISTENING = "http://localhost:9001/portal-out?tenant=1"
GATEWAY = "http://localhost:9001/gateway-out"


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[Provider]:
    """A provider whose portal and gateway hear of a sign-out from the browser."""
    portal, gateway = "    skip_consent: true\n  - client_id: gateway\n", "    id_token_signed_response_alg: ES256\n"
    assert RECORDS.count(portal) == RECORDS.count(gateway) == 1
    records = RECORDS.replace(portal, f"    frontchannel_logout_uri: {LISTENING}\n{portal}")
    records = records.replace(gateway, f"    frontchannel_logout_uri: {GATEWAY}\n{gateway}")
    await prepare(tmp_path, records)
    async with running_provider(tmp_path) as running:
        yield running


def frames(page: Page) -> list[str]:
    return [unescape(address) for address in re.findall(r'<iframe src="([^"]*)"', page.text)]


async def signed_in_at_both(browser: Browser) -> tuple[str, str]:
    """The ID tokens of the portal and the gateway, of one session."""
    portal = await browser.tokens()
    page = await browser.authorize("gateway")
    answer = await browser.submit(page, "otp", code=browser.provider.one_time_code())
    return portal["id_token"], (await browser.redeem(answer, "gateway")).json()["id_token"]


async def test_every_service_of_the_session_is_loaded_with_a_sid_of_its_own(listening: Provider) -> None:
    browser = listening.browser()
    tokens = await signed_in_at_both(browser)
    sids = {unverified_claims(token)["sid"] for token in tokens}

    page = await browser.get("/logout", id_token_hint=tokens[0])

    found = frames(page)
    assert len(sids) == 2
    assert {address.split("iss=")[0] for address in found} == {f"{LISTENING}&", f"{GATEWAY}?"}
    assert {address.split("sid=")[1] for address in found} == sids
    assert 'data-state="signed-out"' in page.text
    assert 'http-equiv="refresh"' not in page.text
    assert "Payment gateway" in page.text


async def test_the_page_goes_on_to_the_service_with_or_without_script_and_by_a_link(listening: Provider) -> None:
    browser = listening.browser()
    tokens = await browser.tokens()

    page = await browser.get(
        "/logout", id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTERWARDS, state='s&"<'
    )

    place = "http://localhost:9001/signed-out?state=s%26%22%3C"
    assert page.status == 200
    assert f'content="1;url={place}"' in page.text
    assert f'<a class="button" href="{place}">' in page.text
    policy = page.response.headers["content-security-policy"]
    assert "frame-src http://localhost:9001" in policy
    assert "script-src 'self'" in policy
    assert re.search(r'<script src="[^"]*signed_out[^"]*" defer>', page.text)


async def test_the_answer_to_the_question_loads_them_too(listening: Provider) -> None:
    browser = listening.browser()
    await browser.tokens()

    page = await browser.submit(await browser.get("/logout"), "sign-out", decision="yes")

    assert len(frames(page)) == 1


async def test_a_question_that_is_not_answered_yet_loads_nobody(listening: Provider) -> None:
    browser = listening.browser()
    await browser.tokens()

    assert frames(await browser.get("/logout")) == []


@pytest.mark.parametrize("button", ["sign-out-account", "sign-out-everywhere"])
async def test_the_buttons_of_the_account_load_them_too(listening: Provider, button: str) -> None:
    browser = listening.browser()
    await browser.tokens()

    assert len(frames(await browser.submit(await browser.get("/account"), button))) == 1


async def test_whoever_is_signed_out_already_loads_nothing(listening: Provider) -> None:
    browser = listening.browser()
    parameters = {"id_token_hint": (await browser.tokens())["id_token"], "post_logout_redirect_uri": AFTERWARDS}
    await browser.get("/logout", **parameters)

    assert (await browser.get("/logout", **parameters)).location == AFTERWARDS


async def test_a_service_at_which_nobody_signed_in_is_not_loaded(listening: Provider) -> None:
    browser = listening.browser()
    tokens = await browser.tokens()

    (address,) = frames(await browser.get("/logout", id_token_hint=tokens["id_token"]))

    assert address.startswith(LISTENING)
