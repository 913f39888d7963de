"""The person's side: the identity and its evidence, who saw what and why, connected services and receipts."""

import json
import re
from email import message_from_string
from email.policy import default
from typing import Any

from idp.adapters.crypto.system import SystemEntropy
from idp.journeys.account_closing import ClosingAccounts
from idp.journeys.releases import ReleaseReader
from tests.flows.provider import PASSWORD, SECRET, Browser, Page, Provider
from tests.flows.test_consent import SCOPE
from tests.ports.samples import event
from tests.ports.test_passkeys import passkey


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


async def test_whoever_has_a_passkey_is_not_told_to_set_up_two_steps(provider: Provider, browser: Browser) -> None:
    account = await provider.stores.accounts.find("001199000002")
    assert account is not None
    await provider.stores.passkeys.add(passkey(account), event())
    page = await browser.sign_in(await browser.get("/account/identity", lang="en"), "001199000002", PASSWORD)
    assert "one-stop counter" in page.text
    assert "Set up two-step sign-in" not in page.text


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


async def test_a_receipt_names_the_claims_that_left_and_nothing_else_of_the_scopes(browser: Browser) -> None:
    asked = await browser.sign_in(await browser.authorize("cinema", scope="openid profile"), "001199000002", PASSWORD)
    answer = await browser.submit(asked, "consent", decision="allow")
    tokens = (await browser.redeem(answer, "cinema")).json()
    left = (await browser.userinfo(tokens["access_token"])).json().keys() - {"sub"}

    services = await browser.get("/account/services")
    (path,) = set(re.findall(r'href="(/account/receipts/[^"?]+)"', services.text))
    receipt = (await browser.http.get(f"{path}/record")).json()
    assert {each["pii_type"] for each in receipt["pii_processing"]} == left == {"name"}


async def test_connected_services_name_what_the_page_that_asked_named(browser: Browser) -> None:
    asked = await browser.signed_in("gateway", scope=SCOPE)
    assert asked.has_form("consent")
    told = [re.findall(r'<span class="what">([^<]+)', (await browser.get(asked.path, lang="en")).text)]
    await browser.submit(asked, "consent", decision="allow")
    told.append(re.findall(r'<span class="what">([^<]+)', (await browser.get("/account/services", lang="en")).text))

    assert "Full name" in told[0]
    assert sorted(told[0]) == sorted(told[1])


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


async def strong(browser: Browser, path: str) -> Page:
    """A page that wants two factors, for An, who has them."""
    page = await browser.get(path, lang="en")
    if page.has_form("sign-in"):
        page = await browser.sign_in(page)
    if page.has_form("otp"):
        page = await browser.submit(page, "otp", code=browser.provider.one_time_code())
    return page


async def saved(browser: Browser) -> dict[str, Any]:
    _, hidden = (await strong(browser, "/account/export")).form("export")
    response = await browser.http.post("/account/export", data=hidden)
    assert response.headers["content-disposition"] == 'attachment; filename="own-data.json"'
    told: dict[str, Any] = response.json()
    return told


async def test_the_copy_holds_everything_and_no_secret(provider: Provider, browser: Browser) -> None:
    await consented(browser)
    await project(provider)
    provider.clock.advance(30)
    told = await saved(browser)

    assert told["format"] == "vn-eid-own-data/1"
    assert told["identity_record"]["personal_number"] == "001099000001"
    assert {"kind": "email", "address": "an@example.vn"} in told["contacts"]
    assert {each["kind"] for each in told["ways_to_sign_in"]} >= {"totp"}
    assert told["consents"][0]["client_id"] == "cinema"
    for name in ("past_sign_ins", "security_alerts", "contact_changes", "trusted_people", "trusted_by"):
        assert isinstance(told[name], list)
    assert told["past_sign_ins"][0]["at"].endswith("Z")
    assert told["recovery_requests"] == []
    assert told["consent_decisions"][0]["decision"] == "given"
    assert {each["endpoint"] for each in told["releases"]} == {"userinfo"}
    assert told["releases"][0]["count"] == 2
    assert told["releases"][0]["last_at"].endswith("Z")
    assert told["looks_by_staff"] == told["corrections"] == told["mandates"] == told["locks"] == []
    text = json.dumps(told)
    assert "JBSWY3DP" not in text
    assert "argon2" not in text


async def test_the_copy_takes_two_factors_shown_just_now(provider: Provider, browser: Browser) -> None:
    await browser.signed_in()
    assert (await browser.get("/account/export")).has_form("otp")
    page = await strong(browser, "/account/export")
    _, hidden = page.form("export")
    provider.clock.advance(301)

    response = await browser.http.post("/account/export", data=hidden)
    assert response.status_code == 303
    assert "/sign-in/" in response.headers["location"]
    assert (await browser.http.post("/account/export", data={"x": "y"})).status_code == 403


async def test_closing_takes_a_tick_and_can_be_taken_back(provider: Provider, browser: Browser) -> None:
    page = await strong(browser, "/account/closing")
    refused = await browser.submit(page, "close")
    assert refused.status == 400
    assert refused.refusal is not None

    page = await browser.submit(refused, "close", understood="yes")
    assert page.has_form("keep")
    message = message_from_string(provider.mails()[-1], policy=default)
    assert "http://localhost:8000/account/closing" in message.get_content()
    page = await browser.submit(page, "keep")
    assert page.path == "/account/closing?kept=yes"
    assert page.has_form("close")


async def test_a_closed_account_is_gone_for_good_and_its_services_are_told(
    provider: Provider, browser: Browser
) -> None:
    tokens = await browser.tokens("portal", scope="openid profile offline_access")
    page = await strong(browser, "/account/closing")
    await browser.submit(page, "close", understood="yes")
    closing = closing_accounts_of(provider)
    assert await closing.close_due(lambda: True) == 0
    provider.clock.advance(14 * 24 * 3600)
    assert await closing.close_due(lambda: True) == 1

    assert (await browser.get("/account")).has_form("sign-in")
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await browser.http.post("/token", data=fields, auth=("portal", SECRET))).json()["error"] == "invalid_grant"
    page = await browser.sign_in(await browser.get("/account"))
    assert page.status == 400
    assert page.refusal is not None
    # The e-mail address may open an account of somebody else's.
    assert await provider.stores.records.account_of("an@example.vn") is None


async def test_an_officer_does_not_close_the_account_that_the_agency_gave(browser: Browser) -> None:
    page = await browser.sign_in(
        await browser.get("/account/closing", lang="en"), "cuong@g10.example.vn", "another horse battery staple"
    )
    assert "taken back by your agency" in page.text
    assert not page.has_form("close")


def closing_accounts_of(provider: Provider) -> ClosingAccounts:
    stores = provider.stores
    return ClosingAccounts(
        stores.account_closures, stores.accounts, provider.clock, SystemEntropy(), default_locale="vi"
    )
