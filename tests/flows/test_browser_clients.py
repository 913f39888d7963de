"""A single-page application: a public client whose script calls from an origin of its own (Fetch standard)."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.conformance.dynamic_suite import DynamicSuite, dynamic_suite
from tests.conformance.suite import s256

ORIGIN = "https://suite.example"
STRANGER = "https://evil.example"
VERIFIER = "a-code-verifier-of-at-least-forty-three-characters"
CALLED_BY_SCRIPTS = ("/token", "/userinfo", "/revoke", "/par")
NOT_CALLED_BY_SCRIPTS = ("/authorize", "/introspect", "/register", "/logout")
DOCUMENTS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks")


@pytest.fixture
async def application(prepared: Path, tmp_path: Path) -> AsyncIterator[DynamicSuite]:
    """An application that registered itself as public, with its redirection address at `ORIGIN`."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with dynamic_suite(tmp_path) as suite:
        await suite.register(token_endpoint_auth_method="none")
        yield suite


async def preflight(suite: DynamicSuite, path: str, origin: str = ORIGIN) -> httpx.Response:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, dpop",
    }
    return await suite.browser.http.options(path, headers=headers)


async def tokens(suite: DynamicSuite, origin: str = ORIGIN) -> httpx.Response:
    page = await suite.interact(await suite.request(code_challenge=s256(VERIFIER), code_challenge_method="S256"))
    fields = {
        "grant_type": "authorization_code",
        "code": suite.code(page),
        "redirect_uri": suite.client.redirect_uri,
        "code_verifier": VERIFIER,
        "client_id": suite.client.client_id,
    }
    return await suite.browser.http.post("/token", data=fields, headers={"origin": origin})


@pytest.mark.parametrize("path", CALLED_BY_SCRIPTS)
async def test_a_browser_may_ask_whether_it_may_call(application: DynamicSuite, path: str) -> None:
    response = await preflight(application, path)
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert {"authorization", "dpop"} <= set(response.headers["access-control-allow-headers"].lower().split(", "))
    assert "access-control-allow-credentials" not in response.headers
    assert "access-control-allow-origin" not in (await preflight(application, path, STRANGER)).headers


async def test_a_script_signs_in_and_reads_what_it_may(application: DynamicSuite) -> None:
    answered = await tokens(application)
    assert answered.status_code == 200
    assert answered.headers["access-control-allow-origin"] == ORIGIN
    headers = {"authorization": f"Bearer {answered.json()['access_token']}", "origin": ORIGIN}
    userinfo = await application.browser.http.get("/userinfo", headers=headers)
    assert userinfo.json()["sub"]
    assert userinfo.headers["access-control-allow-origin"] == ORIGIN


async def test_a_script_reads_errors_and_challenges_too(application: DynamicSuite) -> None:
    response = await application.browser.http.get("/userinfo", headers={"origin": ORIGIN, "authorization": "Bearer x"})
    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-expose-headers"] == "DPoP-Nonce, WWW-Authenticate"


async def test_a_stranger_s_script_reads_nothing(application: DynamicSuite) -> None:
    answered = await tokens(application, STRANGER)
    assert not [name for name in answered.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", NOT_CALLED_BY_SCRIPTS)
async def test_what_no_script_calls_is_readable_by_none(application: DynamicSuite, path: str) -> None:
    for response in (
        await preflight(application, path),
        await application.browser.http.get(path, headers={"origin": ORIGIN}),
    ):
        assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_public_documents_are_readable_by_every_script(application: DynamicSuite, path: str) -> None:
    response = await application.browser.http.get(path, headers={"origin": STRANGER})
    assert response.headers["access-control-allow-origin"] == "*"
    asked = await preflight(application, path, STRANGER)
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")


async def test_an_application_that_is_deleted_is_a_stranger(application: DynamicSuite) -> None:
    await application.manage("DELETE")
    application.provider.clock.advance(1)
    assert "access-control-allow-origin" not in (await preflight(application, "/token")).headers
