"""The modules of the OpenID Foundation's RP-Initiated Logout OP plan, each under its own name."""

import base64
import json
from secrets import token_urlsafe
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.conformance.suite import Suite, is_error_page
from tests.flows.provider import ISSUER, Page

AFTERWARDS = "https://suite.example/test/a/idp/post_logout_redirect"


@pytest.fixture
async def hint(suite: Suite) -> str:
    """The ID token of somebody who is signed in."""
    return str((await suite.sign_in()).tokens["id_token"])


async def is_signed_in(suite: Suite) -> bool:
    answer = suite.answer(await suite.request(prompt="none"))
    if "code" in answer:
        return True
    assert answer["error"] == "login_required"
    return False


async def confirmed(suite: Suite, page: Page) -> Page:
    """The page after the question, if one was put."""
    return await suite.browser.submit(page, "sign-out", decision="yes") if page.has_form("sign-out") else page


def is_logged_out_page(page: Page) -> bool:
    return page.status == 200 and 'data-state="signed-out"' in page.text


async def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(suite: Suite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()

    assert metadata["issuer"] == ISSUER
    assert metadata["end_session_endpoint"] == f"{ISSUER}/logout"


async def test_oidcc_rp_initiated_logout(suite: Suite, hint: str) -> None:
    state = token_urlsafe(8)

    page = await suite.browser.get("/logout", id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS, state=state)

    location = urlsplit(page.location)
    assert location._replace(query="").geturl() == AFTERWARDS
    assert parse_qs(location.query, strict_parsing=True) == {"state": [state]}
    assert not await is_signed_in(suite)


@pytest.mark.parametrize("uri", ["https://suite.example/other", f"{AFTERWARDS}/x", "https://evil.example/"])
async def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(suite: Suite, hint: str, uri: str) -> None:
    page = await suite.browser.get("/logout", id_token_hint=hint, post_logout_redirect_uri=uri, state="s")

    assert is_error_page(page)


async def test_oidcc_rp_initiated_logout_bad_id_token_hint(suite: Suite, hint: str) -> None:
    header, payload, _ = hint.split(".")
    strange_key = RSAKey.generate_key(2048)
    forged = jwt.encode(json.loads(decoded(header)), json.loads(decoded(payload)), strange_key)

    for bad in (forged, "nonsense", f"{hint}x"):
        page = await suite.browser.get("/logout", id_token_hint=bad, post_logout_redirect_uri=AFTERWARDS, state="s")
        assert is_error_page(page)
    assert await is_signed_in(suite)


async def test_oidcc_rp_initiated_logout_modified_id_token_hint(suite: Suite, hint: str) -> None:
    header, payload, signature = hint.split(".")
    changed = encoded({**json.loads(decoded(payload)), "sub": "somebody-else"})
    without = encoded({**json.loads(decoded(header)), "alg": "none"})

    for bad in (f"{header}.{changed}.{signature}", f"{without}.{payload}.", f"{without}.{payload}.{signature}"):
        page = await suite.browser.get("/logout", id_token_hint=bad, post_logout_redirect_uri=AFTERWARDS, state="s")
        assert is_error_page(page)
    assert await is_signed_in(suite)


async def test_oidcc_rp_initiated_logout_no_id_token_hint(suite: Suite, hint: str) -> None:
    page = await suite.browser.get("/logout", post_logout_redirect_uri=AFTERWARDS, state="s")

    assert "location" not in page.response.headers
    assert is_logged_out_page(await confirmed(suite, page))


async def test_oidcc_rp_initiated_logout_no_params(suite: Suite, hint: str) -> None:
    page = await confirmed(suite, await suite.browser.get("/logout"))

    assert is_logged_out_page(page)
    assert not await is_signed_in(suite)


async def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(suite: Suite, hint: str) -> None:
    page = await confirmed(suite, await suite.browser.get("/logout", id_token_hint=hint, state="s"))

    assert is_logged_out_page(page)
    assert not await is_signed_in(suite)


async def test_oidcc_rp_initiated_logout_no_state(suite: Suite, hint: str) -> None:
    page = await suite.browser.get("/logout", id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS)

    assert page.location == AFTERWARDS
    assert not await is_signed_in(suite)


async def test_oidcc_rp_initiated_logout_only_state(suite: Suite, hint: str) -> None:
    page = await confirmed(suite, await suite.browser.get("/logout", state="s"))

    assert is_logged_out_page(page)
    assert not await is_signed_in(suite)


async def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(suite: Suite, hint: str) -> None:
    page = await suite.browser.get(
        "/logout", id_token_hint=hint, post_logout_redirect_uri=f"{AFTERWARDS}?foo=bar", state="s"
    )

    assert is_error_page(page)


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
