"""The modules of the OpenID Foundation's Front-Channel Logout OP plan, each under its own name."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conformance.conftest import RECORDS
from tests.conformance.suite import Suite
from tests.flows.provider import ISSUER, Page, prepare, running_provider

ENDPOINT = "https://suite.example/test/a/idp/frontchannel_logout"
AFTERWARDS = "https://suite.example/test/a/idp/post_logout_redirect"


@pytest.fixture
async def registered(tmp_path: Path) -> AsyncIterator[Suite]:
    """The suite, registered with its endpoint."""
    name = "    client_name: Conformance suite\n"
    endpoint = f"    frontchannel_logout_uri: {ENDPOINT}\n    frontchannel_logout_session_required: true\n"
    await prepare(tmp_path, RECORDS.replace(name, name + endpoint))
    async with running_provider(tmp_path) as provider:
        yield Suite(provider)


def frames(page: Page) -> list[str]:
    """What the suite's browser loads by itself."""
    return [unescape(address) for address in re.findall(r'<iframe src="([^"]*)"', page.text)]


def destination(page: Page) -> str:
    """Where the suite's browser goes by itself, without script."""
    (address,) = re.findall(r'<meta http-equiv="refresh" content="1;url=([^"]*)">', page.text)
    return unescape(address)


async def test_oidcc_frontchannel_logout_discovery_endpoint_verification(suite: Suite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()

    assert metadata["frontchannel_logout_supported"] is True
    assert metadata["frontchannel_logout_session_supported"] is True
    assert metadata["end_session_endpoint"] == f"{ISSUER}/logout"


async def test_oidcc_frontchannel_rp_initiated_logout(registered: Suite) -> None:
    signed_in = await registered.sign_in()
    state = token_urlsafe(8)

    page = await registered.browser.get(
        "/logout", id_token_hint=signed_in.tokens["id_token"], post_logout_redirect_uri=AFTERWARDS, state=state
    )

    (address,) = frames(page)
    assert urlsplit(address)._replace(query="").geturl() == ENDPOINT
    assert parse_qs(urlsplit(address).query, strict_parsing=True) == {
        "iss": [ISSUER],
        "sid": [signed_in.id_token["sid"]],
    }
    assert 'data-state="signed-out"' in page.text
    assert "frame-src https://suite.example;" in f"{page.response.headers['content-security-policy']};"
    assert destination(page) == f"{AFTERWARDS}?state={state}"
    assert registered.error(await registered.request(prompt="none"))["error"] == "login_required"
