"""A sign-out reaches a relying party over a real connection, delivered by the application's own background job."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from jose import jwt

from idp.domain.events import ClientChanged, Origin
from idp.domain.ids import RequestId
from tests.flows.conftest import RECORDS
from tests.flows.logout_receiver import RelyingParty, background_jobs
from tests.flows.provider import (
    ISSUER,
    PASSWORD,
    SECRET,
    Browser,
    Provider,
    import_records,
    running_provider,
    unverified_claims,
)

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


async def locked(provider: Provider, _browser: Browser) -> None:
    await provider.lock("001099000001")


async def signed_out_everywhere(_provider: Provider, browser: Browser) -> None:
    await browser.submit(await browser.get("/account"), "sign-out-everywhere")


async def given_another_password(provider: Provider, _browser: Browser) -> None:
    person = RECORDS.index('  - personal_number: "001099000001"')
    entry = RECORDS[person : RECORDS.index("  - personal_number", person + 1)]
    another = entry.replace(f"password: {PASSWORD}", "password: quite another password")
    assert another != entry
    await import_records(provider.stores, f"people:\n{another}", provider.settings)


@pytest.mark.parametrize("end", [locked, signed_out_everywhere, given_another_password])
async def test_what_ends_everything_reaches_relying_parties_and_leaves_no_token_alive(
    reaching: Provider,
    relying_party: tuple[RelyingParty, int],
    end: Callable[[Provider, Browser], Awaitable[None]],
) -> None:
    browser = reaching.browser()
    tokens = await browser.tokens(scope="openid offline_access")
    signed_in = unverified_claims(tokens["id_token"])
    await end(reaching, browser)

    async with background_jobs(reaching.app):
        body = await asyncio.wait_for(relying_party[0].received.get(), timeout=10)
        (token,) = parse_qs(body, strict_parsing=True)["logout_token"]
        claims = unverified_claims(token)
        assert (claims["sub"], claims["sid"]) == (signed_in["sub"], signed_in["sid"])
        assert (await browser.userinfo(tokens["access_token"])).status_code == 401
        fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        refused = await browser.http.post("/token", data=fields, auth=("portal", SECRET))
        assert refused.json()["error"] == "invalid_grant"
        assert (await browser.authorize(prompt="none")).answer["error"] == "login_required"
        introspected = await browser.http.post(
            "/introspect", data={"token": tokens["access_token"]}, auth=("portal", SECRET)
        )
        assert introspected.json() == {"active": False}


async def test_signing_out_leaves_what_was_asked_for_with_offline_access(reaching: Provider) -> None:
    browser = reaching.browser()
    offline = await browser.tokens(scope="openid offline_access")
    await browser.get("/logout", id_token_hint=offline["id_token"])

    fields = {"grant_type": "refresh_token", "refresh_token": offline["refresh_token"]}
    assert (await browser.http.post("/token", data=fields, auth=("portal", SECRET))).status_code == 200


async def test_a_lock_is_told_to_the_relying_party_within_five_seconds(
    reaching: Provider, relying_party: tuple[RelyingParty, int]
) -> None:
    tokens = await reaching.browser().tokens()
    async with background_jobs(reaching.app):
        await reaching.lock("001099000001")
        body = await asyncio.wait_for(relying_party[0].received.get(), timeout=5)
    (token,) = parse_qs(body, strict_parsing=True)["logout_token"]
    assert unverified_claims(token)["sid"] == unverified_claims(tokens["id_token"])["sid"]
