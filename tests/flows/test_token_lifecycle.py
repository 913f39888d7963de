"""What becomes of tokens: refreshed, narrowed, asked about, revoked, locked out, signed out."""

from asyncio import gather
from typing import Any

import httpx
import pytest

from tests.flows.provider import ISSUER, SECRET, Browser, Provider, unverified_claims

API = "https://api.ministry.example"
OFFLINE = "openid profile offline_access dossier.read"


async def post(browser: Browser, path: str, client_id: str = "portal", **fields: str) -> httpx.Response:
    return await browser.http.post(path, data=fields, auth=(client_id, SECRET))


async def refresh(browser: Browser, tokens: dict[str, Any], **fields: str) -> httpx.Response:
    return await post(browser, "/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"], **fields)


async def is_active(browser: Browser, token: str, client_id: str = "portal") -> bool:
    answer = await post(browser, "/introspect", client_id, token=token)
    assert answer.status_code == 200
    return bool(answer.json()["active"])


async def test_a_refreshed_id_token_is_about_the_same_sign_in(browser: Browser, provider: Provider) -> None:
    tokens = await browser.tokens()
    provider.clock.advance(250)

    refreshed = (await refresh(browser, tokens)).json()

    before, after = unverified_claims(tokens["id_token"]), unverified_claims(refreshed["id_token"])
    assert all(before[name] == after[name] for name in ("iss", "sub", "aud", "auth_time", "sid"))
    assert after["iat"] == before["iat"] + 250
    assert refreshed["refresh_token"] != tokens["refresh_token"]


async def test_a_used_refresh_token_revokes_the_family(browser: Browser) -> None:
    tokens = await browser.tokens()
    refreshed = (await refresh(browser, tokens)).json()

    assert (await refresh(browser, tokens)).json()["error"] == "invalid_grant"
    assert (await refresh(browser, refreshed)).json()["error"] == "invalid_grant"
    assert (await browser.userinfo(refreshed["access_token"])).status_code == 401


async def test_of_fifty_uses_of_one_refresh_token_at_most_one_family_lives(browser: Browser) -> None:
    tokens = await browser.tokens()

    answers = await gather(*(refresh(browser, tokens) for _ in range(50)))

    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    assert (await refresh(browser, won[0])).status_code == 400


async def test_another_client_s_refresh_token_is_an_invalid_grant(browser: Browser) -> None:
    tokens = await browser.tokens()

    stolen = await post(browser, "/token", "gateway", grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    assert stolen.json()["error"] == "invalid_grant"
    assert (await refresh(browser, tokens)).status_code == 200


async def test_tokens_end_with_the_session_unless_the_person_allowed_more(browser: Browser, provider: Provider) -> None:
    within = await browser.tokens(scope="openid")
    beyond = (await browser.redeem(await browser.authorize(scope=OFFLINE))).json()

    page = await browser.get("/logout", id_token_hint=within["id_token"])

    assert 'data-state="signed-out"' in page.text
    assert (await refresh(browser, within)).json()["error"] == "invalid_grant"
    assert (await browser.userinfo(within["access_token"])).status_code == 401
    assert (await refresh(browser, beyond)).status_code == 200


async def test_a_session_s_end_by_time_ends_its_tokens(browser: Browser, provider: Provider) -> None:
    tokens = await browser.tokens()
    provider.clock.advance(12 * 3600)

    assert (await refresh(browser, tokens)).json()["error"] == "invalid_grant"


async def test_a_locked_account_loses_every_token(browser: Browser, provider: Provider) -> None:
    tokens = await browser.tokens(scope=OFFLINE)
    await provider.lock("001099000001")

    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert (await refresh(browser, tokens)).json()["error"] == "invalid_grant"
    assert not await is_active(browser, tokens["access_token"])


async def test_a_resource_gets_a_token_of_its_own_by_refresh(browser: Browser) -> None:
    tokens = await browser.tokens(scope=OFFLINE)

    for_api = (await refresh(browser, tokens, resource=API)).json()

    assert unverified_claims(tokens["access_token"])["aud"] == ISSUER
    assert unverified_claims(for_api["access_token"])["aud"] == API
    assert for_api["scope"] == "dossier.read"
    assert (await browser.userinfo(for_api["access_token"])).status_code == 401


async def test_a_resource_is_named_in_the_authorization_request_too(browser: Browser) -> None:
    page = await browser.signed_in(scope="openid dossier.read", resource=API)
    tokens = (await browser.redeem(page, resource=API)).json()

    assert unverified_claims(tokens["access_token"])["aud"] == API
    refused = await refresh(browser, tokens, resource="https://unknown.example")
    assert refused.json()["error"] == "invalid_target"


async def test_a_machine_gets_a_token_for_the_resource_that_its_scopes_belong_to(browser: Browser) -> None:
    answer = (await post(browser, "/token", "machine", grant_type="client_credentials")).json()

    assert unverified_claims(answer["access_token"])["aud"] == API
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert await is_active(browser, answer["access_token"], "machine")


async def test_a_revoked_token_is_inactive_everywhere(browser: Browser) -> None:
    tokens = await browser.tokens()
    assert await is_active(browser, tokens["access_token"])

    assert (await post(browser, "/revoke", token=tokens["refresh_token"])).status_code == 200

    assert not await is_active(browser, tokens["access_token"])
    assert not await is_active(browser, tokens["refresh_token"])
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401


@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke"])
async def test_a_flood_of_strangers_is_counted_not_written_one_by_one(browser: Browser, path: str) -> None:
    for _ in range(30):
        answer = await browser.http.post(path, data={"token": "x"}, auth=("nobody", "x"))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    browser.provider.clock.advance(1)
    await browser.http.post(path, data={"token": "x"}, auth=("nobody", "x"))

    names = [record.name async for record in browser.provider.stores.audit_log.records()]
    assert names.count("refusals.counted") == 1
    assert names.count("tokens.refused") + names.count("access.refused") == 4
