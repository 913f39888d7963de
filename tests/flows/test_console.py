"""The frame of the console and of its JSON API: who is let in, and what two administrators do together."""

import pytest

from idp.domain.offices.administration import Role
from idp.protocol.resources.administration_access import PATH as API
from tests.flows.console import COLLEAGUES, USERNAMES, api_of, api_token, at_the_desk
from tests.flows.provider import Provider
from tests.flows.test_assurance_policy import raised_to

SECURITY = USERNAMES[Role.SECURITY_ADMIN]
COLLEAGUE = COLLEAGUES[Role.SECURITY_ADMIN]


async def test_nobody_enters_without_signing_in(provider: Provider) -> None:
    page = await provider.browser().get("/admin")
    assert page.has_form("sign-in")


async def test_an_officer_with_a_role_enters_with_two_factors(provider: Provider) -> None:
    browser = provider.browser()
    page = await browser.submit(
        await browser.get("/admin/keys"), "sign-in", username=SECURITY, password="another horse battery staple"
    )
    assert page.has_form("otp")
    page = await browser.submit(page, "otp", code=provider.one_time_code())
    assert (page.status, page.path) == (200, "/admin/keys")


async def test_a_citizen_is_told_to_sign_in_as_an_officer(provider: Provider) -> None:
    browser = provider.browser()
    await browser.signed_in("portal")
    page = await browser.get("/admin")
    assert page.has_form("sign-in")
    page = await browser.sign_in(page)
    assert page.refusal


async def test_a_room_that_the_role_does_not_open_is_closed_and_recorded(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, USERNAMES[Role.PROOFING_OFFICER])
    assert "/admin/keys" not in page.text
    page = await browser.get("/admin/keys")
    assert (page.status, page.error_code) == (403, "not_allowed")
    records = [record async for record in provider.stores.audit_log.records()]
    assert [record.name for record in records].count("administration.refused") == 1


async def test_a_leaver_finds_the_console_closed_at_once(provider: Provider) -> None:
    browser, _ = await at_the_desk(provider, SECURITY)
    await provider.lock(SECURITY)
    assert (await browser.get("/admin")).has_form("sign-in")


async def test_two_security_administrators_rotate_keys(provider: Provider) -> None:
    asking, page = await at_the_desk(provider, SECURITY, "/admin/keys")
    page = await asking.submit(page, "rotate", subject="signing:ES256", change="rotate")
    assert page.path.startswith("/admin/changes/")
    assert page.has_form("withdraw")
    assert not page.has_form("decide")
    place = page.path.partition("?")[0]

    deciding, home = await at_the_desk(provider, COLLEAGUE)
    assert "/admin/changes" in home.text
    page = await deciding.submit(await deciding.get(place), "decide", decision="approve")
    assert page.status == 200
    assert not page.has_form("decide")
    again = await deciding.submit(await deciding.get("/admin/keys"), "rotate", subject="signing:none", change="rotate")
    assert (again.status, again.error_code) == (404, "not_found")


async def test_a_decision_about_something_else_than_was_shown_is_refused(provider: Provider) -> None:
    asking, page = await at_the_desk(provider, SECURITY, "/admin/keys")
    page = await asking.submit(page, "rotate", subject="signing:ES256", change="rotate")
    deciding, _ = await at_the_desk(provider, COLLEAGUE)
    shown = await deciding.get(page.path)
    page = await deciding.submit(shown, "decide", decision="approve", digest="0" * 64)
    assert (page.status, page.error_code) == (409, "changed_meanwhile")


async def test_a_forged_form_changes_nothing(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, SECURITY, "/admin/keys")
    page = await browser.submit(page, "rotate", subject="signing:ES256", change="rotate", csrf_token="forged")
    assert (page.status, page.error_code) == (403, "form_expired")


async def test_the_audit_trail_is_searched_by_a_form(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, USERNAMES[Role.AUDITOR], "/admin/audit")
    page = await browser.submit(page, "audit-search", name="session.started", since="", until="")
    assert "session.started" in page.text
    assert "password.accepted" not in page.text
    page = await browser.submit(page, "audit-search", name="session.started", since="yesterday")
    assert page.status == 422
    assert page.refusal


async def test_the_interface_answers_officers_and_tells_others_why_not(provider: Provider) -> None:
    api = await api_of(provider, SECURITY)
    status, keys = await api.call("GET", "/keys")
    assert status == 200
    assert {key["purpose"] for key in keys} == {"signing", "encryption", "wrapping"}
    status, asked = await api.call("POST", "/keys", {"change": "rotate", "subject": "signing:RS256"})
    assert status == 202
    status, listed = await api.call("GET", "/changes")
    assert [each["change_id"] for each in listed["changes"]] == [asked["change_id"]]
    assert "asked" not in listed["changes"][0]
    status, problem = await api.call("POST", f"/changes/{asked['change_id']}", {"decision": "approve", "digest": "x"})
    assert (status, problem["code"]) == (403, "not_allowed")
    colleague = await api_of(provider, COLLEAGUE)
    status, change = await colleague.call("GET", f"/changes/{asked['change_id']}")
    assert status == 200
    assert "asked" in change
    decision = {"decision": "approve", "digest": change["digest"]}
    status, change = await colleague.call("POST", f"/changes/{asked['change_id']}", decision)
    assert (status, change["state"]) == (200, "applied")
    status, problem = await colleague.call("POST", f"/changes/{asked['change_id']}", decision)
    assert (status, problem["code"]) == (409, "changed_meanwhile")


@pytest.mark.parametrize("authorization", ["", "Bearer x"])
async def test_the_interface_is_closed_without_a_token(provider: Provider, authorization: str) -> None:
    response = await provider.client().get(f"{API}/keys", headers={"authorization": authorization})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.headers["cache-control"] == "no-store"


async def test_what_cannot_be_read_is_said_without_being_repeated(provider: Provider) -> None:
    api = await api_of(provider, SECURITY)
    status, problem = await api.call("POST", "/keys", {"change": "burn", "subject": "001099000001"})
    assert (status, problem["code"]) == (422, "invalid_entry")
    assert "001099000001" not in str(problem)
    status, problem = await api.call("GET", "/nothing-here")
    assert (status, problem["code"]) == (404, "not_found")


async def test_the_interface_describes_itself(provider: Provider) -> None:
    described = await provider.client().get("/api/openapi.json")
    assert (described.headers["cache-control"], described.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert described.headers["content-security-policy"].startswith("default-src 'none'")
    document = described.json()
    assert f"{API}/keys" in document["paths"]
    assert document["components"]["securitySchemes"]["officer"]["scheme"] == "bearer"
    # Where two models have one name, the description tells them apart by the modules that they lie in.
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


async def test_a_token_of_a_sign_in_with_one_factor_is_asked_for_more(provider: Provider) -> None:
    # Whatever a policy says of officers and administrators, two factors are the least here.
    await raised_to(provider, accounts={}, acts={})
    response = await provider.client().get(
        f"{API}/keys", headers={"authorization": f"Bearer {await api_token(provider, SECURITY, level=1)}"}
    )
    assert response.status_code == 401
    challenge = response.headers["www-authenticate"]
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'acr_values="urn:vn:loa:2"' in challenge


async def test_reports_show_what_happened(provider: Provider) -> None:
    await provider.browser().signed_in("portal")
    browser, page = await at_the_desk(provider, USERNAMES[Role.AUDITOR], "/admin/reports")
    assert page.status == 200
    provider.clock.advance(60)
    api = await api_of(provider, USERNAMES[Role.AUDITOR])
    status, numbers = await api.call("GET", "/reports?span=day")
    assert (status, len(numbers["hours"])) == (200, 24)
    assert (await browser.get("/admin/reports", span="century")).status == 200
