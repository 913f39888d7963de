"""The policy over the whole provider: what a change does to sign-ins, and how administrators come to it."""

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

from idp.domain.accounts.account import AccountKind
from idp.domain.events import Origin, PolicyRecorded
from idp.domain.ids import RequestId
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.levels.assurance_policy import FIRST_POLICY, AssurancePolicy, DetailRule, Rule
from idp.domain.levels.assurance_policy_document import document_of
from idp.domain.offices.administration import Role
from idp.journeys.sign_in_facts import SignInFactReader
from tests.domain.grants.test_authorization_detail_types import PAYMENT
from tests.flows.console import COLLEAGUES, USERNAMES, api_of, at_the_desk
from tests.flows.provider import SECRET, Browser, Page, Provider, unverified_claims

SECURITY, COLLEAGUE = USERNAMES[Role.SECURITY_ADMIN], COLLEAGUES[Role.SECURITY_ADMIN]
BINH = "binh@example.vn"
CUONG, CUONGS_PASSWORD = "cuong@g10.example.vn", "another horse battery staple"
POLICIES = "/admin/policies"


async def raised_to(provider: Provider, **rules: Any) -> AssurancePolicy:
    """The next version, in force from the next second on."""
    known = await provider.stores.assurance_policies.recorded()
    policy = replace(FIRST_POLICY, version=len(known) + 2, **rules)
    event = PolicyRecorded(origin=Origin(RequestId("r"), "s"), version=policy.version, effective_from=0)
    assert await provider.stores.assurance_policies.add(policy, event)
    provider.clock.advance(1)
    return policy


def acr_of(tokens: dict[str, Any]) -> str:
    return str(unverified_claims(tokens["id_token"])["acr"])


async def read_facts(provider: Provider) -> None:
    await SignInFactReader(provider.stores.audit_log, provider.stores.sign_in_facts).read_on(lambda: True)


async def test_a_scope_that_needs_more_is_stepped_up_to_inside_the_session(browser: Browser) -> None:
    assert "code" in (await browser.signed_in()).answer
    page = await browser.authorize(scope="openid dossier.write")
    assert page.has_form("otp")
    page = await browser.submit(page, "otp", code=browser.provider.one_time_code())
    response = await browser.redeem(page)
    assert acr_of(response.json()) == "urn:vn:loa:2"


async def test_without_a_page_what_is_missing_is_an_error(browser: Browser) -> None:
    await browser.signed_in()
    assert "code" in (await browser.authorize(prompt="none")).answer
    assert (await browser.authorize(prompt="none", scope="openid dossier.write")).answer["error"] == "login_required"


async def test_an_officer_signs_in_with_two_factors_wherever_it_is(browser: Browser) -> None:
    page = await browser.submit(await browser.authorize(), "sign-in", username=CUONG, password=CUONGS_PASSWORD)
    assert page.has_form("otp")
    page = await browser.submit(page, "otp", code=browser.provider.one_time_code())
    assert acr_of((await browser.redeem(page)).json()) == "urn:vn:loa:2"


async def test_a_payment_that_nobody_can_prove_enough_for_is_refused_before_anybody_signs_in(browser: Browser) -> None:
    great = {**PAYMENT, "instructedAmount": {"currency": "VND", "amount": "10000000"}}
    page = await browser.authorize("gateway", authorization_details=json.dumps([great], ensure_ascii=False))
    assert page.answer["error"] == "unmet_authentication_requirements"
    small = await browser.authorize("gateway", authorization_details=json.dumps([PAYMENT], ensure_ascii=False))
    assert small.has_form("sign-in")


async def test_a_sign_in_that_is_too_old_is_made_anew_and_a_fresh_one_serves(provider: Provider) -> None:
    await raised_to(provider, details=(DetailRule("payment_initiation", Rule(Level.TWO, 300)),))
    browser, details = provider.browser(), json.dumps([PAYMENT], ensure_ascii=False)
    await browser.signed_in("gateway", acr_values="urn:vn:loa:2")
    provider.clock.advance(299)
    assert (await browser.authorize("gateway", authorization_details=details)).has_form("consent")
    provider.clock.advance(1)
    page = await browser.authorize("gateway", authorization_details=details)
    assert page.has_form("sign-in")
    page = await browser.submit(await browser.sign_in(page), "consent", decision="allow")
    claims = unverified_claims((await browser.redeem(page, "gateway")).json()["id_token"])
    assert claims["auth_time"] == provider.clock.now()


async def test_whoever_stays_too_long_on_the_consent_page_signs_in_again(provider: Provider) -> None:
    await raised_to(provider, details=(DetailRule("payment_initiation", Rule(Level.TWO, 300)),))
    browser, details = provider.browser(), json.dumps([PAYMENT], ensure_ascii=False)
    page = await browser.sign_in(await browser.authorize("gateway", authorization_details=details))
    provider.clock.advance(600)
    assert (await browser.submit(page, "consent", decision="allow")).has_form("sign-in")


async def test_a_service_is_told_when_nobody_of_this_kind_can_prove_enough(provider: Provider) -> None:
    await raised_to(provider, accounts={AccountKind.OFFICER: Rule(Level.TWO, resistance=Resistance.HARDWARE_PROTECTED)})
    browser = provider.browser()
    page = await browser.submit(await browser.authorize(), "sign-in", username=CUONG, password=CUONGS_PASSWORD)
    assert page.answer["error"] == "unmet_authentication_requirements"
    assert "code" in (await provider.browser().signed_in()).answer


async def test_resistance_to_phishing_is_no_level_and_none_is_claimed(browser: Browser) -> None:
    tokens = await browser.tokens(acr_values="phrh urn:vn:loa:2")
    assert acr_of(tokens) == "urn:vn:loa:2"
    voluntary = await browser.authorize(acr_values="phrh", prompt="none")
    assert "code" in voluntary.answer
    essential = {"id_token": {"acr": {"essential": True, "values": ["phrh"]}}}
    refused = await browser.authorize(claims=json.dumps(essential))
    assert refused.answer["error"] == "unmet_authentication_requirements"
    metadata = (await browser.http.get("/.well-known/openid-configuration")).json()
    assert metadata["acr_values_supported"] == ["urn:vn:loa:1", "LoA1", "urn:vn:loa:2", "phr"]


async def test_whoever_has_no_passkey_for_a_service_that_takes_one_is_led_to_make_one(browser: Browser) -> None:
    page = await browser.sign_in(await browser.authorize(acr_values="phr"))
    assert page.path.endswith("/enrol-passkey")


async def test_a_raised_policy_reaches_running_grants_at_their_next_refresh(provider: Provider) -> None:
    browser = provider.browser()
    tokens = await browser.tokens()
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    await raised_to(provider, clients={"portal": Rule(Level.TWO)})
    refused = await browser.http.post("/token", data=fields, auth=("portal", SECRET))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (await browser.userinfo(tokens["access_token"])).status_code == 200
    page = await browser.authorize()
    assert page.has_form("otp")
    await raised_to(provider)
    assert (await browser.http.post("/token", data=fields, auth=("portal", SECRET))).status_code == 200


async def test_two_administrators_change_the_policy_after_a_dry_run(provider: Provider) -> None:
    await provider.browser().signed_in()
    await provider.browser().sign_in(await provider.browser().authorize(), BINH)
    await read_facts(provider)
    provider.clock.advance(60)
    asking, page = await at_the_desk(provider, SECURITY, POLICIES)
    assert "dossier.write" in page.text
    page = await asking.get("/admin/policies/change")
    typed = {"section": "clients", "name": "portal", "level": "urn:vn:loa:2"}
    page = await asking.submit(page, "policy", **typed, step="try")
    text = told(page)
    assert "100.0 %" in text or "100,0 %" in text, text
    page = await asking.submit(page, "policy", **typed, step="ask")
    assert page.path.startswith("/admin/changes/")
    assert "clients portal" in page.text

    deciding, _ = await at_the_desk(provider, COLLEAGUE)
    page = await deciding.submit(await deciding.get(page.path.partition("?")[0]), "decide", decision="approve")
    assert page.status == 200
    provider.clock.advance(1)
    assert (await provider.browser().signed_in()).answer["code"]
    assert (await deciding.get(f"{POLICIES}?version=1")).status == 200
    (recorded,) = await provider.stores.assurance_policies.recorded()
    assert recorded.policy.clients == {"portal": Rule(Level.TWO)}


def told(page: Page) -> str:
    """What the dry run says, as text."""
    found = re.search(r'<section id="dry-run"(.*?)</section>', page.text, re.DOTALL)
    assert found, page.text[:400]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[1])).split())


async def test_a_form_that_says_no_rule_is_shown_again_with_what_was_typed(provider: Provider) -> None:
    browser, _ = await at_the_desk(provider, SECURITY)
    form = await browser.get("/admin/policies/change")
    wrong = [
        ({"section": "clients", "name": "nobody"}, "name"),
        ({"section": "scopes", "name": "dossier.write"}, "name"),
        ({"section": "acts", "name": "dance"}, "name"),
        ({"section": "details", "name": "payment_initiation", "amount": "much"}, "amount"),
        ({"section": "details", "name": "payment_initiation", "amount": "3000 VND"}, "amount"),
        ({"section": "scopes", "name": "x", "from": "2020-01-01T00:00"}, "from"),
    ]
    for typed, field in wrong:
        page = await browser.submit(form, "policy", level="urn:vn:loa:2", step="ask", **typed)
        assert (page.status, bool(page.refusal)) == (422, True), typed
        marked = re.search(r'<input id="(\w+)"[^>]*aria-invalid="true"', page.text)
        assert marked, typed
        assert marked[1] == field, typed


async def test_a_rule_is_changed_and_removed_where_it_stands(provider: Provider) -> None:
    browser, _ = await at_the_desk(provider, SECURITY)
    form = await browser.get("/admin/policies/change", rule="details:1")
    assert 'value="10000000 VND"' in form.text
    page = await browser.submit(
        form, "policy", section="scopes", name="x", level="urn:vn:loa:2", remove="yes", step="ask"
    )
    assert "details payment_initiation 10000000 VND" in page.text
    assert (await browser.get("/admin/policies/change", rule="details:9")).status == 404


async def test_rules_are_shown_page_by_page(provider: Provider) -> None:
    await raised_to(provider, scopes={f"scope.{number:03d}": Rule(Level.TWO) for number in range(120)})
    browser, page = await at_the_desk(provider, SECURITY, POLICIES)
    seen = re.findall(r"scope\.\d{3}<", page.text)
    while following := re.search(r'href="([^"]*)" rel="next"', page.text):
        page = await browser.get(unescape(following[1]))
        seen += re.findall(r"scope\.\d{3}<", page.text)
    assert seen == [f"scope.{number:03d}<" for number in range(120)]


async def test_the_api_follows_the_same_rules(provider: Provider) -> None:
    await provider.browser().signed_in()
    await read_facts(provider)
    provider.clock.advance(60)
    api = await api_of(provider, SECURITY)
    status, found = await api.call("GET", "/policies")
    assert (status, found["in_force"], found["versions"][0]["rules"]) == (200, 1, document_of(FIRST_POLICY))
    rules = {**document_of(FIRST_POLICY), "clients": {"portal": {"level": "urn:vn:loa:2"}}}
    status, run = await api.call("POST", "/policies/dry-run", {"rules": rules})
    assert (status, run["by_client"]["portal"]["verdicts"]["step_up"]) == (200, 1)
    status, asked = await api.call("POST", "/policies", {"rules": rules})
    assert (status, set(asked)) == (202, {"change_id"})
    status, refused = await api.call("POST", "/policies", {"rules": {"clients": {"portal": {"level": "5"}}}})
    assert (status, refused["field"], refused["reason"]) == (422, "clients[0].level", "malformed")
    auditor = await api_of(provider, USERNAMES[Role.AUDITOR])
    assert (await auditor.call("GET", "/policies"))[0] == 200
    assert (await auditor.call("POST", "/policies/dry-run", {"rules": rules}))[0] == 403
