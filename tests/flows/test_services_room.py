"""The services room: found by identifier or name, changed by two once in production, and the gates before that."""

import re
from typing import Any

import pytest

from idp.domain.clients.client import Client
from idp.domain.clients.onboarding import APPRAISAL_TIME
from idp.domain.clients.registration import Registration
from idp.domain.events import ClientChanged
from idp.domain.ids import ClientId, Seconds, TokenHash
from idp.domain.offices.administration import Role
from tests.flows.console import COLLEAGUES, USERNAMES, api_of, at_the_desk
from tests.flows.provider import Browser, Page, Provider
from tests.ports.samples import ORIGIN

ADMIN = USERNAMES[Role.CLIENT_ADMIN]
COLLEAGUE = COLLEAGUES[Role.CLIENT_ADMIN]
SERVICE = "/admin/clients/land"
CALLBACK = "https://land.example.vn/callback"
NEW = {
    "client_id": "land",
    "name_vi": "Đăng ký đất đai",
    "redirect_uris": CALLBACK,
    "scope": "openid profile",
    "claims": "name | public_task | Giải quyết hồ sơ | Handling a dossier | Luật Đất đai",
}
GATES = {"purpose": "Giải quyết hồ sơ", "agreement": "12/2026", "agreement_date": "2026-03-04", "security_level": "3"}
SECRET = re.compile(r'id="secret"><code>([^<]{40,})</code>')


async def registered(provider: Provider) -> tuple[Browser, Page, str]:
    browser, page = await at_the_desk(provider, ADMIN, "/admin/clients/new")
    page = await browser.submit(page, "client", **NEW)
    secret = SECRET.search(page.text)
    assert page.status == 200
    assert secret is not None
    return browser, page, secret[1]


async def authorized(provider: Provider) -> Page:
    # Each process sees a change of a service within a second.
    provider.clock.advance(1)
    browser = provider.browser()
    page = await browser.authorize("land", redirect_uri=CALLBACK, scope="openid")
    return await browser.sign_in(page)


async def decided(provider: Provider, place: str, decision: str = "approve") -> Page:
    browser, _ = await at_the_desk(provider, COLLEAGUE)
    return await browser.submit(await browser.get(place), "decide", decision=decision)


async def test_services_are_found_by_identifier_and_by_name_with_or_without_marks(provider: Provider) -> None:
    browser, _, _ = await registered(provider)
    assert 'href="/admin/clients/portal"' in (await browser.get("/admin/clients")).text
    for words in ("land", "LAN", "dang ky", "Đất"):
        page = await browser.get("/admin/clients", q=words)
        assert 'href="/admin/clients/land"' in page.text
        assert 'href="/admin/clients/portal"' not in page.text
    assert 'href="/admin/clients/land"' not in (await browser.get("/admin/clients", q="nothing like it")).text


async def test_a_new_service_signs_in_its_testers_alone(provider: Provider) -> None:
    browser, page, _ = await registered(provider)
    refused = await authorized(provider)
    assert refused.answer["error"] == "unauthorized_client"

    page = await browser.submit(page, "tester", identifier="001099000001", step="tester")
    assert "001099000001" not in page.text
    allowed = await authorized(provider)
    assert "code" in allowed.answer

    await browser.submit(page, "tester-1", step="remove_tester")
    assert (await authorized(provider)).answer["error"] == "unauthorized_client"


async def test_a_service_goes_into_production_through_every_gate_and_two_administrators(provider: Provider) -> None:
    browser, page, _ = await registered(provider)
    page = await browser.submit(page, "production", step="production")
    assert (page.status, 'id="missing"' in page.text) == (422, True)
    page = await browser.submit(page, "gates", **GATES, step="gates")
    page = await browser.submit(page, "appraisal", step="appraisal")
    provider.clock.advance(APPRAISAL_TIME)
    browser, page = await at_the_desk(provider, ADMIN, SERVICE)
    assert 'id="late"' in page.text
    page = await browser.submit(page, "verdict", verdict="passed")
    assert 'id="missing"' not in page.text
    page = await browser.submit(page, "production", step="production")
    assert page.path.startswith("/admin/changes/")
    assert (await authorized(provider)).answer["error"] == "unauthorized_client"

    await decided(provider, page.path)
    assert "code" in (await authorized(provider)).answer
    assert not (await browser.get(SERVICE)).has_form("production")


async def test_what_changes_a_service_in_production_waits_for_another_administrator(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, ADMIN, "/admin/clients/portal/change")
    _, typed = page.form("client")
    page = await browser.submit(page, "client", **read_form(page) | {"minimum_acr": "urn:vn:loa:2"})
    assert page.path.startswith("/admin/changes/")
    assert "urn:vn:loa:2" in page.text
    before = await provider.stores.client_registry.find("portal")
    await decided(provider, page.path)
    after = await provider.stores.client_registry.find("portal")
    assert before is not None
    assert after is not None
    assert (int(before.minimum_level), int(after.minimum_level)) == (1, 2)
    assert (after.secret_hashes, after.redirect_uris) == (before.secret_hashes, before.redirect_uris)
    assert typed


async def test_an_approval_counts_for_what_was_registered_when_it_was_asked(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, ADMIN, "/admin/clients/portal/change")
    asked = await browser.submit(page, "client", **read_form(page) | {"name_vi": "Tên khác"})
    await browser.submit(await browser.get("/admin/clients/portal"), "switch", step="disable")
    page = await decided(provider, asked.path)
    assert (page.status, page.error_code) == (409, "changed_meanwhile")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_id": "portal"}, "client_id"),
        ({"client_id": "có dấu"}, "client_id"),
        ({"name_vi": ""}, "name_vi"),
        ({"redirect_uris": "http://land.example.vn/callback"}, "redirect_uris"),
        ({"claims": "name | because | a | b"}, "claims"),
        ({"claims": "shoe_size | law | a | b"}, "claims"),
    ],
)
async def test_what_cannot_be_registered_is_refused_at_its_field(
    provider: Provider, changes: dict[str, str], field: str
) -> None:
    browser, page = await at_the_desk(provider, ADMIN, "/admin/clients/new")
    page = await browser.submit(page, "client", **NEW | changes)
    assert page.status == 422
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', page.text)


async def test_other_addresses_that_would_name_people_otherwise_are_refused(provider: Provider) -> None:
    browser, page, _ = await registered(provider)
    page = await browser.get(f"{SERVICE}/change")
    page = await browser.submit(
        page, "client", **read_form(page) | {"redirect_uris": "https://elsewhere.example.vn/callback"}
    )
    assert page.status == 422
    page = await browser.submit(page, "client", **read_form(page) | {"redirect_uris": f"{CALLBACK} {CALLBACK}2"})
    assert page.path == f"{SERVICE}?notice=saved"


async def test_a_new_secret_is_shown_once_and_the_old_one_ends_with_its_overlap(provider: Provider) -> None:
    browser, page, first = await registered(provider)
    for odd in ("9" * 5000, "٧", "2"):
        refused = await browser.submit(page, "renew", overlap=odd, step="secret")
        assert refused.status == 422
    page = await browser.submit(page, "renew", overlap="1", step="secret")
    second = SECRET.search(page.text)
    assert second is not None
    assert second[1] != first
    assert SECRET.search((await browser.get(SERVICE)).text) is None
    client = await provider.stores.client_registry.find("land")
    assert client is not None
    now = provider.clock.now()
    assert len(client.secrets_in_force(now)) == 2
    provider.clock.advance(24 * 3600)
    assert len(client.secrets_in_force(provider.clock.now())) == 1


async def test_one_administrator_alone_makes_no_system_of_an_agency(provider: Provider) -> None:
    api = await api_of(provider, ADMIN)
    powers = {"grant_types": ["client_credentials"], "scope": "scim", "scim_agency": "G10", "redirect_uris": []}
    status, made = await api.call("POST", "/clients", {"client_id": "land", "metadata": powers})
    assert status == 200
    provider.clock.advance(30)
    fields = {"grant_type": "client_credentials", "scope": "scim"}
    answer = await provider.client().post("/token", data=fields, auth=("land", made["client_secret"]))
    assert answer.json()["error"] == "unauthorized_client"

    browser, page = await at_the_desk(provider, ADMIN, SERVICE)
    await browser.submit(page, "gates", **GATES, step="gates")
    page = await browser.submit(await browser.get(SERVICE), "appraisal", step="appraisal")
    page = await browser.submit(page, "verdict", verdict="passed")
    page = await browser.submit(page, "production", step="production")
    assert "<dt>Cơ quan có cán bộ do dịch vụ quản lý</dt><dd>G10</dd>" in page.text
    await decided(provider, page.path)
    provider.clock.advance(1)
    answer = await provider.client().post("/token", data=fields, auth=("land", made["client_secret"]))
    assert answer.status_code == 200


async def test_a_service_that_deleted_its_registration_cannot_be_enabled(provider: Provider) -> None:
    gone = Client(
        ClientId("wallet"), registration=Registration(TokenHash(b"h"), Seconds(1), deleted=True), disabled=True
    )
    deleted = ClientChanged(origin=ORIGIN, client_id=gone.client_id, change="deleted")
    await provider.stores.client_registry.save(gone, deleted)
    _, page = await at_the_desk(provider, ADMIN, "/admin/clients/wallet")
    assert "Đã xóa" in page.text
    assert not page.has_form("switch")
    api = await api_of(provider, COLLEAGUE)
    status, problem = await api.call("POST", "/clients/one/state?client_id=wallet", {"disabled": False})
    assert (status, problem["reason"]) == (422, "deleted")


async def test_auditors_read_and_change_nothing(provider: Provider) -> None:
    browser, page = await at_the_desk(provider, USERNAMES[Role.AUDITOR], "/admin/clients/portal")
    assert page.status == 200
    assert "True" not in page.text  # what is registered is shown as it is written there
    for form in ("gates", "switch", "renew"):
        assert not page.has_form(form)
    assert (await browser.get("/admin/clients/new")).status == 403
    other, _ = await at_the_desk(provider, USERNAMES[Role.IDENTITY_ADMIN])
    assert (await other.get("/admin/clients")).status == 403


async def test_programs_take_the_same_way(provider: Provider) -> None:
    api = await api_of(provider, ADMIN)
    one = "/clients/one"
    metadata: dict[str, Any] = {"client_name": {"vi": "Đất"}, "redirect_uris": [CALLBACK], "scope": "openid"}
    status, made = await api.call("POST", "/clients", {"client_id": "land", "metadata": metadata})
    assert (status, len(made["client_secret"])) == (200, 43)
    assert (await api.call("POST", f"{one}/production?client_id=land"))[0] == 422
    gates = {**GATES, "security_level": 4}
    assert (await api.call("PUT", f"{one}/gates?client_id=land", gates))[0] == 204
    assert (await api.call("POST", f"{one}/appraisal?client_id=land"))[0] == 204
    assert (await api.call("POST", f"{one}/appraisal?client_id=land"))[0] == 409
    assert (await api.call("POST", f"{one}/appraisal/verdict?client_id=land", {"verdict": "passed"}))[0] == 204
    status, changed = await api.call("PATCH", f"{one}?client_id=land", {"metadata": {"minimum_acr": "urn:vn:loa:2"}})
    assert (status, changed["change_id"]) == (200, None)
    status, asked = await api.call("POST", f"{one}/production?client_id=land")
    colleague = await api_of(provider, COLLEAGUE)
    status, change = await colleague.call("GET", f"/changes/{asked['change_id']}")
    assert (status, change["kind"]) == (200, "clients.production")
    status, shown = await api.call("GET", f"{one}?client_id=land")
    assert (shown["stage"], shown["missing"], shown["minimum_level"]) == ("onboarding", [], 2)
    status, listed = await api.call("GET", "/clients?q=lan")
    assert [each["client_id"] for each in listed["clients"]] == ["land"]
    assert (await api.call("GET", f"{one}?client_id=nobody"))[0] == 404


def read_form(page: Page) -> dict[str, str]:
    """What stands in the form, as a browser would send it."""
    inputs = dict(re.findall(r'<input id="(\w+)" name="\w+" type="text" value="([^"]*)"', page.text))
    areas = dict(re.findall(r'<textarea id="(\w+)"[^>]*>([^<]*)</textarea>', page.text))
    chosen = dict(re.findall(r'<select id="(\w+)".*?<option value="([^"]*)" selected', page.text, re.DOTALL))
    return inputs | areas | chosen
