"""A sign-out reaches a relying party over a real connection, delivered by the application's own background job."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from jose import jwt

from idp.domain.events import ClientChanged, Origin
from idp.domain.ids import RequestId
from tests.flows.logout_receiver import RelyingParty, background_jobs
from tests.flows.provider import ISSUER, Provider, running_provider, unverified_claims

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
async def relying_party() -> AsyncIterator[tuple[RelyingParty, int]]:
    """A relying party and its port."""
    party = RelyingParty()
    server = await asyncio.start_server(party.answer, "127.0.0.1", 0)
    yield party, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.fixture
async def reaching(prepared: Path, tmp_path: Path, relying_party: tuple[RelyingParty, int]) -> AsyncIterator[Provider]:
    """A provider whose portal listens on that port."""
    address = f"127.0.0.1:{relying_party[1]}"
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with running_provider(tmp_path, outbound_allow=address) as running:
        portal = await running.stores.clients.get("portal")
        assert portal is not None
        moved = replace(portal, backchannel_logout_uri=f"http://{address}/backchannel-logout")
        origin = Origin(RequestId("move"), "test")
        event = ClientChanged(origin=origin, client_id=portal.client_id, change="moved")
        await running.stores.client_registry.save(moved, event)
        yield running


async def test_a_sign_out_is_told_to_the_relying_party(
    reaching: Provider, relying_party: tuple[RelyingParty, int]
) -> None:
    browser = reaching.browser()
    tokens = await browser.tokens()
    signed_in = unverified_claims(tokens["id_token"])
    keys = (await browser.http.get("/jwks")).json()["keys"]
    await browser.get("/logout", id_token_hint=tokens["id_token"])

    async with background_jobs(reaching.app):
        body = await asyncio.wait_for(relying_party[0].received.get(), timeout=10)

    (token,) = parse_qs(body, strict_parsing=True)["logout_token"]
    header = jwt.get_unverified_header(token)
    (key,) = [key for key in keys if key["kid"] == header["kid"]]
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="portal", issuer=ISSUER, options=options)
    assert header["typ"] == "logout+jwt"
    assert (claims["sub"], claims["sid"]) == (signed_in["sub"], signed_in["sid"])
    assert claims["events"] == {EVENT: {}}
    assert "nonce" not in claims
    assert await reaching.stores.outbox.pending() == 0
    names = [record.name async for record in reaching.stores.audit_log.records()]
    assert names.count("logout.delivered") == 1
