"""The person's side: the identity and its evidence, who saw what and why, connected services and receipts."""

import json
import re

from idp.journeys.releases import ReleaseReader
from tests.flows.provider import PASSWORD, Browser, Page, Provider


async def project(provider: Provider) -> None:
    """Read the audit trail on, as the background job does."""
    await ReleaseReader(provider.stores.audit_log, provider.stores.releases).read_on(lambda: True)


async def consented(browser: Browser) -> Page:
    claims = json.dumps({"userinfo": {"age_over_18": None}})
    page = await browser.signed_in("cinema", scope="openid profile", claims=claims)
    page = await browser.submit(page, "consent", decision="allow")
    tokens = (await browser.redeem(page, "cinema")).json()
    await browser.userinfo(tokens["access_token"])
    await browser.userinfo(tokens["access_token"])
    return page


async def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back(browser: Browser) -> None:
    for path in ("/account/identity", "/account/activity", "/account/services"):
        page = await browser.provider.browser().get(path)
        assert page.has_form("sign-in")
    page = await browser.sign_in(await browser.get("/account/identity"))
    assert page.path == "/account/identity"


async def test_the_identity_is_shown_with_its_level_and_no_whole_number_to_a_password_alone(browser: Browser) -> None:
    await browser.signed_in()
    page = await browser.get("/account/identity", lang="en")

    assert "Nguyễn Văn An" in page.text
    assert "001099000001" not in page.text
    assert "001••••••001" in page.text
    assert "highest level of identity" in page.text


async def test_two_factors_show_the_whole_number(browser: Browser) -> None:
    await browser.signed_in(acr_values="urn:vn:loa:2")
    assert "001099000001" in (await browser.get("/account/identity")).text


async def test_level_one_is_told_what_would_raise_it(browser: Browser) -> None:
    page = await browser.sign_in(await browser.get("/account/identity", lang="en"), "001199000002", PASSWORD)
    assert "one-stop counter" in page.text
    assert "Set up two-step sign-in" in page.text


async def test_a_release_stands_there_with_service_claims_purpose_ground_and_count(
    provider: Provider, browser: Browser
) -> None:
    await consented(browser)
    assert "Cinema" not in (await browser.get("/account/activity", lang="en")).text
    await project(provider)

    text = (await browser.get("/account/activity", lang="en")).text
    for told in ("Cinema", "2 times", "To sell tickets for adults", "A law requires it", "You had agreed to it."):
        assert told in text


async def test_nobody_sees_what_left_of_somebody_else(provider: Provider, browser: Browser) -> None:
    await consented(browser)
    await project(provider)
    other = provider.browser()
    page = await other.sign_in(await other.get("/account/activity"), "001199000002", PASSWORD)

    assert page.path == "/account/activity"
    assert "Rạp chiếu phim" not in page.text


async def test_the_purpose_of_the_time_stays_when_the_service_changes_it(provider: Provider, browser: Browser) -> None:
    await consented(browser)
    await project(provider)
    client = await provider.stores.clients.get("cinema")
    assert client is not None
    client.metadata["claims"]["age_over_18"]["purpose"] = {"en": "For something else"}

    text = (await browser.get("/account/activity", lang="en")).text
    assert "To sell tickets for adults" in text
    assert "For something else" not in text


async def test_a_receipt_says_what_was_agreed_to_and_is_a_file_too(browser: Browser) -> None:
    await consented(browser)
    services = await browser.get("/account/services", lang="en")
    (path,) = set(re.findall(r'href="(/account/receipts/[^"?]+)"', services.text))

    page = await browser.get(path, lang="en")
    assert "You agreed" in page.text
    assert "To print the ticket" in page.text
    response = await browser.http.get(f"{path}/record")
    assert response.headers["content-disposition"].startswith('attachment; filename="consent-receipt-')
    receipt = response.json()
    told = {each["pii_type"]: each for each in receipt["pii_processing"]}
    assert told.keys() == {"name", "nickname", "age_over_18"}
    assert told["age_over_18"]["lawful_basis"] == "law"
    assert told["age_over_18"]["citation"] == "Điều 32 Luật Điện ảnh"
    assert receipt["event"]["event_state"] == "consent given"
    assert receipt["pii_controllers"][0]["party_id"] == "cinema"


async def test_taking_a_consent_back_leaves_a_receipt_too(browser: Browser) -> None:
    await consented(browser)
    page = await browser.get("/account/services", lang="en")
    _, hidden = page.form("stop-1")
    await browser.http.post("/account/services/withdraw?service=cinema", data=hidden)

    page = await browser.get("/account/services", lang="en")
    assert not page.has_form("stop-1")
    assert "you took it back" in page.text
    assert "you agreed" in page.text


async def test_a_receipt_of_somebody_else_is_not_found(provider: Provider, browser: Browser) -> None:
    await consented(browser)
    services = await browser.get("/account/services")
    (path,) = set(re.findall(r'href="(/account/receipts/[^"?]+)"', services.text))
    other = provider.browser()
    await other.sign_in(await other.get("/account"), "001199000002", PASSWORD)

    assert (await other.get(path)).error_code == "not_found"
    assert (await other.http.get(f"{path}/record")).status_code == 404
