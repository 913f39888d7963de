"""What other providers fell to is tried here as their advisories tell it (docs/security-lessons.md)."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idp.domain.events import ClientChanged, Origin
from idp.domain.ids import RequestId
from idp.domain.offices.administration import Role
from tests.conformance.dynamic_suite import DynamicSuite, dynamic_suite
from tests.conformance.suite import CALLBACK
from tests.flows.conftest import prepared, provider, shared_templates
from tests.flows.console import USERNAMES, api_token
from tests.flows.provider import PASSWORD, Browser, Page, Provider
from tests.flows.test_scim import personnel_of, token_of

__all__ = ["prepared", "provider", "shared_templates"]

AN = "001099000001"
EVIL = "evil.example"
FORGED = {
    "x-forwarded-host": EVIL,
    "x-forwarded-proto": "gopher",
    "x-forwarded-port": "666",
    "x-forwarded-prefix": f"//{EVIL}",
    "x-forwarded-for": "a",
    "x-original-url": "/admin",
    "x-rewrite-url": "/admin",
    "forwarded": f"for=a;host={EVIL};proto=gopher",
    "host": EVIL,
}
NESTED = "[" * 15_000 + "]" * 15_000
NESTED_SHORT = "[" * 1_200 + "]" * 1_200
NO_CODES = ["", " ", "0", "000000", "null", "undefined", "\u0660\u0660\u0660\u0660\u0660\u0660", "-1", "1e5"]


@pytest.fixture
async def suite(prepared: Path, tmp_path: Path) -> AsyncIterator[DynamicSuite]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with dynamic_suite(tmp_path) as suite:
        yield suite


async def recovering(browser: Browser) -> Page:
    """Before the code from the mailbox, as whoever knows nothing but the number gets."""
    page = await browser.submit(await browser.get("/recover"), "recover", username=AN, lost="password")
    return await browser.submit(page, "recover-way", way="proof")


async def test_no_header_of_a_caller_gets_into_what_people_are_sent(provider: Provider) -> None:
    browser = provider.browser()
    browser.http.headers.update(FORGED)
    pages = [
        await browser.get("/.well-known/openid-configuration"),
        await browser.get("/admin"),
        await browser.signed_in("gateway"),
        await browser.get("/account/security"),
        await recovering(provider.browser()),
    ]
    assert not [page.path for page in pages if EVIL in page.text or EVIL in page.response.headers.get("location", "")]
    assert not any(EVIL in mail for mail in provider.mails())


async def test_the_token_of_a_registration_revives_no_client_that_was_disabled(suite: DynamicSuite) -> None:
    registered: dict[str, Any] = {"client_name": "Ví", "redirect_uris": [CALLBACK]}
    await suite.register(**registered)
    stores, client_id = suite.provider.stores, suite.client.client_id
    client = await stores.client_registry.find(client_id)
    assert client is not None
    event = ClientChanged(
        origin=Origin(RequestId("operator"), "command"), client_id=client.client_id, change="disabled"
    )
    assert await stores.client_registry.replace(client, replace(client, disabled=True), event)
    for method, metadata in (("GET", {}), ("PUT", {**registered, "client_id": client_id}), ("DELETE", {})):
        assert (await suite.manage(method, **metadata)).status_code == 401
    suite.provider.clock.advance(1)
    assert (await suite.request()).status == 400


@pytest.mark.parametrize("code", NO_CODES)
async def test_what_is_no_code_proves_nothing(provider: Provider, code: str) -> None:
    browser = provider.browser()
    page = await browser.submit(await browser.authorize("gateway"), "sign-in", username=AN, password=PASSWORD)
    assert (await browser.submit(page, "otp", code=code)).status == 400
    page = await recovering(provider.browser())
    assert page.has_form("recover-contact")


@pytest.mark.parametrize("step", ["contact", "proof", "password"])
async def test_no_step_on_the_way_back_in_can_be_skipped(provider: Provider, step: str) -> None:
    browser = provider.browser()
    page = await recovering(browser)
    action, hidden = page.form("recover-contact")
    way = action.rpartition("/")[0]
    chosen = "năm từ mà không ai đoán"
    fields = {**hidden, "code": "000000", "password": chosen, "again": chosen}
    assert not Page(await browser.http.get(f"{way}/{step}")).has_form("recover-password")
    await browser.http.post(f"{way}/{step}", data=fields)
    await browser.http.post(f"{way}/password", data=fields)

    assert "code" in (await provider.browser().signed_in("gateway")).answer


async def test_what_nests_without_end_is_refused_wherever_it_is_sent(provider: Provider) -> None:
    browser, http = provider.browser(), provider.client()
    page = await browser.authorize()
    action, hidden = page.form("passkey")
    statuses = [(await browser.http.post(action, data={**hidden, "credential": f'{{"id": {NESTED}}}'})).status_code]
    asked = ({"claims": f'{{"userinfo": {NESTED_SHORT}}}'}, {"authorization_details": NESTED_SHORT})
    statuses += [(await browser.authorize("gateway", **each)).status for each in asked]
    officer = {"authorization": f"Bearer {await api_token(provider, USERNAMES[Role.CLIENT_ADMIN])}"}
    system = {"authorization": f"Bearer {await token_of(provider, 'personnel')}"}
    body = f'{{"schemas": {NESTED}}}'.encode()
    for path, headers in (("/api/admin/clients", officer), ("/scim/v2/Users", system), ("/register", {})):
        kind = {"content-type": "application/scim+json" if "scim" in path else "application/json"}
        statuses.append((await http.post(path, content=body, headers={**headers, **kind})).status_code)
    assert not [status for status in statuses if status >= 500], statuses


async def test_an_external_identifier_is_nobodys_account(provider: Provider) -> None:
    citizen = await provider.stores.accounts.find(AN)
    assert citizen is not None
    personnel = await personnel_of(provider)
    made = (await personnel.create(externalId=citizen.account_id)).json()

    assert made["id"] != citizen.account_id
    nobody = await personnel("GET", f"/Users/{citizen.account_id}")
    suspended = await personnel.patch(citizen.account_id, {"op": "replace", "path": "active", "value": False})
    renumbered = await personnel.patch(made["id"], {"op": "replace", "value": {"id": citizen.account_id}})
    renamed = await personnel.patch(made["id"], {"op": "replace", "value": {"userName": "an@example.vn"}})
    assert [each.status_code for each in (nobody, suspended, renumbered, renamed)] == [404, 404, 400, 409]
    assert (await provider.browser().signed_in()).status == 303
