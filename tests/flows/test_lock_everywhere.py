"""A lock reaches every answer of the provider, on every node, with no time passing: two nodes share one installation.

The clocks of both stand still, so nothing here waits for a cache to grow old. What others verify by themselves, a
token, lives five minutes: `tests/protocol/tokens/test_access_token.py`.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chosen_engines import VARIABLE
from tests.flows.provider import ISSUER, PASSWORD, SECRET, Browser, Page, Provider, running_provider, unverified_claims
from tests.protocol.client_signer import ClientSigner

AN = "001099000001"
API = "https://api.ministry.example"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CIBA = "urn:openid:params:grant-type:ciba"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
FIVE_MINUTES = 300
"""Seconds that a lock may take to reach who verifies tokens without asking."""

SIGNER = ClientSigner("events-1")
RECORDS = f"""
people:
  - {{personal_number: "{AN}", name: Nguyễn Văn An, email: an@example.vn, level: 2,
     password: correct horse battery staple, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}}
resources: [{{audience: "{API}", scopes: [dossier.read]}}]
clients:
  - {{client_id: portal, client_secret: {SECRET}, redirect_uris: ["http://localhost:9001/callback"],
     backchannel_logout_uri: "http://localhost:9001/backchannel-logout", skip_consent: true,
     grant_types: [authorization_code, refresh_token], scope: openid profile offline_access dossier.read}}
  - {{client_id: kiosk, client_secret: {SECRET}, grant_types: ["{DEVICE}"], scope: openid profile, skip_consent: true}}
  - {{client_id: counter, client_secret: {SECRET}, grant_types: ["{CIBA}"], scope: openid profile,
     backchannel_token_delivery_mode: poll}}
  - {{client_id: desk, client_secret: {SECRET}, grant_types: ["{EXCHANGE}"], scope: dossier.read,
     token_exchange: {{subjects: [portal], audiences: ["{API}"]}}}}
  - client_id: register
    token_endpoint_auth_method: private_key_jwt
    grant_types: [client_credentials]
    scope: registry_events
    jwks: {json.dumps({"keys": [SIGNER.jwk]})}
"""


@dataclass
class Nodes:
    """Two processes' worth of provider: what happens on one is asked of the other."""

    here: Provider
    there: Provider


@pytest.fixture(params=["sqlite", "postgresql+valkey"])
async def nodes(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Nodes]:
    monkeypatch.setenv(VARIABLE, request.param)
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(running_provider(tmp_path, RECORDS))
        there = await stack.enter_async_context(running_provider(tmp_path))
        yield Nodes(here, there)


async def happened(provider: Provider, event: str) -> None:
    """Let the register tell a node what happened."""
    now = provider.clock.at
    claims = {
        "iss": "register",
        "aud": ISSUER,
        "iat": now,
        "toe": now,
        "jti": event,
        "sub_id": {"format": "iss_sub", "iss": "urn:vn:register:population", "sub": AN},
        "events": {f"urn:vn:register:event:{event}": {}},
    }
    token = SIGNER.sign(claims, typ="secevent+jwt")
    headers = {"content-type": "application/secevent+jwt", "accept": "application/json"}
    async with provider.client() as http:
        answer = await http.post("/api/registry-events", content=token, headers=headers)
    assert (answer.status_code, answer.content) == (202, b""), answer.text


async def post(http: httpx.AsyncClient, client_id: str, path: str = "/token", **fields: str) -> httpx.Response:
    return await http.post(path, data=fields, auth=(client_id, SECRET))


def refused(answer: httpx.Response) -> bool:
    return answer.status_code in {400, 401} and "access_token" not in answer.text


@dataclass
class Open:
    """Everything that the person has open, begun on the other node."""

    browser: Browser
    tokens: dict[str, Any]
    code: Page
    device: dict[str, Any]
    ciba: dict[str, Any]


async def everything_open(provider: Provider) -> Open:
    browser = provider.browser()
    page = await browser.signed_in("portal", scope="openid profile offline_access dossier.read", resource=API)
    tokens = (await browser.redeem(page, resource=API)).json()
    second = await browser.redeem(await browser.authorize("portal", scope="openid profile"))
    tokens["of_userinfo"] = second.json()["access_token"]
    http = browser.http
    device = (await post(http, "kiosk", "/device_authorization", scope="openid")).json()
    page = await browser.submit(await browser.get("/device"), "device", user_code=device["user_code"])
    await browser.submit(page, "consent", decision="allow")
    ciba = (await post(http, "counter", "/bc-authorize", scope="openid", login_hint=AN)).json()
    listed = await browser.get("/account/approvals")
    link = listed.text.split('href="/account/approvals/')[1].partition('"')[0]
    await browser.submit(await browser.get(f"/account/approvals/{link}"), "approval", decision="allow")
    return Open(browser, tokens, await browser.authorize("portal"), device, ciba)


def on(node: Provider, opened: Open) -> httpx.AsyncClient:
    """The person's browser and services, talking to this node from now on."""
    http = node.client()
    http.cookies = opened.browser.http.cookies
    return http


Answer = Callable[[httpx.AsyncClient, Open], Awaitable[httpx.Response]]
ANSWERS: dict[str, Answer] = {
    "code": lambda http, opened: post(
        http,
        "portal",
        grant_type="authorization_code",
        code=opened.code.answer["code"],
        redirect_uri="http://localhost:9001/callback",
    ),
    "refresh": lambda http, opened: post(
        http, "portal", grant_type="refresh_token", refresh_token=opened.tokens["refresh_token"]
    ),
    "userinfo": lambda http, opened: http.get(
        "/userinfo", headers={"authorization": f"Bearer {opened.tokens['of_userinfo']}"}
    ),
    "device": lambda http, opened: post(http, "kiosk", grant_type=DEVICE, device_code=opened.device["device_code"]),
    "ciba": lambda http, opened: post(http, "counter", grant_type=CIBA, auth_req_id=opened.ciba["auth_req_id"]),
    "exchange": lambda http, opened: post(
        http,
        "desk",
        grant_type=EXCHANGE,
        subject_token=opened.tokens["access_token"],
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        resource=API,
        scope="dossier.read",
    ),
}


async def is_active(http: httpx.AsyncClient, token: str) -> bool:
    return bool((await post(http, "portal", "/introspect", token=token)).json()["active"])


async def test_before_a_lock_every_node_answers_with_tokens_of_five_minutes_at_most(nodes: Nodes) -> None:
    opened = await everything_open(nodes.here)
    http = on(nodes.there, opened)
    assert await is_active(http, opened.tokens["access_token"])
    for name, answer in ANSWERS.items():
        answered = await answer(http, opened)
        assert answered.status_code == 200, (name, answered.text)
        if name != "userinfo":
            claims = unverified_claims(answered.json()["access_token"])
            assert claims["exp"] - claims["iat"] <= FIVE_MINUTES, name
            assert answered.json()["expires_in"] <= FIVE_MINUTES, name


async def test_a_lock_on_one_node_ends_every_answer_of_the_other_at_once(nodes: Nodes) -> None:
    opened = await everything_open(nodes.here)
    http = on(nodes.there, opened)
    assert (await http.get("/account")).status_code == 200
    assert await is_active(http, opened.tokens["refresh_token"])

    await happened(nodes.here, "card-locked")

    for name, answer in ANSWERS.items():
        assert refused(await answer(http, opened)), name
    for token in ("access_token", "refresh_token", "of_userinfo"):
        assert not await is_active(http, opened.tokens[token]), token
    session = await http.get("/account")
    assert session.headers["location"].startswith("/sign-in/")
    silent = await http.get("/authorize", params=authorize(prompt="none"))
    assert "error=login_required" in silent.headers["location"]
    stranger = nodes.there.browser()
    page = await stranger.submit(await stranger.authorize("portal"), "sign-in", username=AN, password=PASSWORD)
    assert page.refusal
    assert "đang bị khóa" in page.refusal
    asked = await post(http, "counter", "/bc-authorize", scope="openid", login_hint=AN)
    assert asked.json()["error"] in {"unknown_user_id", "access_denied"}
    assert await nodes.there.stores.outbox.pending() > 0


async def test_an_unlock_brings_nothing_back_that_the_lock_ended(nodes: Nodes) -> None:
    opened = await everything_open(nodes.here)
    await happened(nodes.here, "card-locked")
    for node in (nodes.here, nodes.there):
        node.clock.advance(60)
    await happened(nodes.there, "card-unlocked")
    http = on(nodes.there, opened)
    for name, answer in ANSWERS.items():
        assert refused(await answer(http, opened)), name
    assert (await nodes.there.browser().signed_in("portal")).answer["code"]


def authorize(**parameters: str) -> dict[str, str]:
    return {
        "client_id": "portal",
        "redirect_uri": "http://localhost:9001/callback",
        "response_type": "code",
        "scope": "openid",
        **parameters,
    }
