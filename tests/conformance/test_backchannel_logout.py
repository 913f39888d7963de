"""The modules of the OpenID Foundation's Back-Channel Logout OP plan, over a real connection on loopback."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from jose import jwt

from tests.conformance.conftest import RECORDS
from tests.conformance.suite import Suite
from tests.flows.logout_receiver import RelyingParty, background_jobs
from tests.flows.provider import ISSUER, prepare, running_provider

EVENT = "http://schemas.openid.net/event/backchannel-logout"
AFTERWARDS = "https://suite.example/test/a/idp/post_logout_redirect"


@dataclass
class Listening:
    """The suite with its endpoint for logout tokens."""

    suite: Suite
    endpoint: RelyingParty


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[Listening]:
    """A provider that may reach the suite's endpoint."""
    endpoint = RelyingParty()
    server = await asyncio.start_server(endpoint.answer, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    folder = tmp_path / "provider"
    await prepare(folder, _registered(address))
    async with running_provider(folder, outbound_allow=address) as provider:
        yield Listening(Suite(provider), endpoint)
    server.close()
    await server.wait_closed()


def _registered(address: str) -> str:
    name = "    client_name: Conformance suite\n"
    endpoint = f"    backchannel_logout_uri: http://{address}/backchannel-logout\n"
    return RECORDS.replace(name, f"{name}{endpoint}    backchannel_logout_session_required: true\n")


async def test_oidcc_backchannel_logout_discovery_endpoint_verification(suite: Suite) -> None:
    metadata = (await suite.browser.http.get("/.well-known/openid-configuration")).json()

    assert metadata["backchannel_logout_supported"] is True
    assert metadata["backchannel_logout_session_supported"] is True
    assert metadata["end_session_endpoint"] == f"{ISSUER}/logout"


async def test_oidcc_backchannel_rp_initiated_logout(listening: Listening) -> None:
    suite = listening.suite
    signed_in = await suite.sign_in()
    keys = (await suite.browser.http.get("/jwks")).json()["keys"]

    page = await suite.browser.get(
        "/logout", id_token_hint=signed_in.tokens["id_token"], post_logout_redirect_uri=AFTERWARDS, state="s"
    )
    async with background_jobs(suite.provider.app):
        body = await asyncio.wait_for(listening.endpoint.received.get(), timeout=10)

    assert page.location == f"{AFTERWARDS}?state=s"
    ((name, (token,)),) = parse_qs(body, strict_parsing=True).items()
    assert name == "logout_token"
    header = jwt.get_unverified_header(token)
    (key,) = [key for key in keys if key["kid"] == header["kid"]]
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="suite", issuer=ISSUER, options=options)
    assert header["typ"] == "logout+jwt"
    assert claims["events"] == {EVENT: {}}
    assert claims["sub"] == signed_in.id_token["sub"]
    assert claims["sid"] == signed_in.id_token["sid"]
    assert claims["jti"]
    assert abs(claims["iat"] - suite.provider.clock.at) < 300
    assert suite.provider.clock.at < claims["exp"] <= suite.provider.clock.at + 300
    assert "nonce" not in claims
    assert suite.error(await suite.request(prompt="none"))["error"] == "login_required"
