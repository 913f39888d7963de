"""Access tokens of a session: for the right audience, refreshed in time, one refresh at a time."""

import asyncio
from typing import Any

import pytest

from clients.relying_party.refusals import ProviderUnavailable, SessionEnded
from clients.relying_party.session_store import Session
from tests.clients.provider_double import CITIZEN, OFFICER
from tests.clients.town import MINISTRY, PORTAL, Town, error_of, party

API = f"{MINISTRY}/api"


async def session_of(town: Town) -> Session:
    browser = await town.citizen()
    found = party(town.portal).sessions.find(browser.cookies["national_portal_session"], now=town.clock.now())
    assert found is not None
    return found


def refreshes(town: Town) -> list[dict[str, str]]:
    return [asked for asked in town.provider.calls("/token") if asked["grant_type"] == "refresh_token"]


async def test_the_code_is_exchanged_without_resource_and_the_api_token_comes_by_refresh_with_it(town: Town) -> None:
    session = await session_of(town)
    exchange = town.provider.calls("/token")[0]
    assert "resource" not in exchange
    assert len(refreshes(town)) == 1  # the first page listed the dossiers
    assert refreshes(town)[0]["resource"] == API
    await party(town.portal).tokens.access_token(session, API)
    assert len(refreshes(town)) == 1


async def test_a_token_about_to_expire_is_refreshed(town: Town) -> None:
    session = await session_of(town)
    tokens = party(town.portal).tokens
    first = await tokens.access_token(session, API)
    town.clock.advance(545)
    second = await tokens.access_token(session, API)
    assert first != second
    assert town.provider.used_refresh_tokens.isdisjoint(town.provider.refresh_tokens)


async def test_fifty_requests_at_once_cause_one_refresh(town: Town) -> None:
    session = await session_of(town)
    town.clock.advance(545)
    before = len(refreshes(town))
    tokens = party(town.portal).tokens
    values = await asyncio.gather(*(tokens.access_token(session, API) for _ in range(50)))
    assert len(set(values)) == 1
    assert len(refreshes(town)) - before == 1
    assert len(town.provider.refresh_tokens) == 1


async def test_two_audiences_refreshed_at_once_never_use_one_refresh_token_twice(town: Town) -> None:
    session = await session_of(town)
    town.clock.advance(545)
    tokens = party(town.portal).tokens
    await asyncio.gather(
        tokens.access_token(session, API), tokens.access_token(session), tokens.access_token(session, API)
    )
    assert len(town.provider.refresh_tokens) == 1


async def test_a_refresh_whose_holder_died_is_taken_over_after_the_lease(town: Town) -> None:
    session = await session_of(town)
    town.clock.advance(545)
    sessions = party(town.portal).sessions
    assert sessions.claim_refresh(session.key, now=town.clock.now(), lease=30) is not None
    assert sessions.claim_refresh(session.key, now=town.clock.now(), lease=30) is None
    town.clock.advance(30)
    assert await party(town.portal).tokens.access_token(session, API)


async def test_once_the_provider_has_ended_the_session_it_is_over_here_too(town: Town) -> None:
    browser = await town.citizen()
    town.provider.refresh_tokens.clear()
    town.clock.advance(545)
    page = await browser.get(f"{PORTAL}/")
    assert 'data-state="signed-out"' in page.text
    assert not party(town.portal).database.rows("SELECT 1 FROM sessions")


async def test_an_api_call_that_finds_the_session_ended_says_so(town: Town) -> None:
    session = await session_of(town)
    town.provider.refresh_tokens.clear()
    town.clock.advance(545)
    tokens = party(town.portal).tokens
    with pytest.raises(SessionEnded):
        await tokens.access_token(session, API)
    with pytest.raises(SessionEnded):
        await tokens.access_token(session, API)


@pytest.mark.parametrize("error", ["invalid_client", "temporarily_unavailable", "invalid_target"])
async def test_a_refusal_that_is_not_about_the_token_ends_nothing(town: Town, error: str) -> None:
    session = await session_of(town)
    town.clock.advance(545)
    town.provider.token_error = error
    tokens = party(town.portal).tokens
    with pytest.raises(ProviderUnavailable):
        await tokens.access_token(session, API)
    town.provider.token_error = None
    assert await tokens.access_token(session, API)


async def test_while_the_provider_is_down_the_session_goes_on_and_the_refresh_is_kept_for_later(town: Town) -> None:
    browser = await town.citizen()
    town.network.down.add(9000)
    town.clock.advance(545)
    page = await browser.get(f"{PORTAL}/")
    assert CITIZEN.name in page.text
    town.network.down.clear()
    assert 'id="stale"' not in (await browser.get(f"{PORTAL}/")).text


async def test_claims_are_read_again_with_each_renewal(town: Town) -> None:
    browser = town.browser()
    town.provider.person = OFFICER
    await browser.get(f"{MINISTRY}/officer/sign-in")
    town.provider.userinfo_changes = {"agency": {"code": "G09", "name": "Bộ khác"}}
    town.clock.advance(545)
    assert "Bộ khác" in (await browser.get(f"{MINISTRY}/officer")).text


async def test_claims_about_someone_else_end_the_session(town: Town) -> None:
    browser = await town.citizen()
    town.provider.userinfo_changes = {"sub": "someone-else"}
    town.clock.advance(545)
    assert 'data-state="signed-out"' in (await browser.get(f"{PORTAL}/")).text


@pytest.mark.parametrize(
    "changes",
    [{"sub": "other"}, {"auth_time": 5}, {"nonce": "other"}, {"aud": "other"}, {"iss": "https://evil.example"}],
)
async def test_a_refreshed_id_token_that_does_not_continue_the_session_ends_it(
    town: Town, changes: dict[str, Any]
) -> None:
    browser = await town.citizen()
    town.provider.id_token_changes = changes
    town.clock.advance(545)
    assert 'data-state="signed-out"' in (await browser.get(f"{PORTAL}/")).text


async def test_a_refreshed_id_token_may_leave_nonce_and_auth_time_out(town: Town) -> None:
    browser = await town.citizen()
    town.provider.id_token_changes = {"nonce": ..., "auth_time": ...}
    town.clock.advance(545)
    assert CITIZEN.name in (await browser.get(f"{PORTAL}/")).text


async def test_a_page_for_signed_in_people_asks_a_stranger_to_sign_in_and_to_come_back(town: Town) -> None:
    page = await town.browser().get(f"{PORTAL}/dossiers/new")
    assert (page.status_code, error_of(page)) == (401, "sign_in_needed")
    assert 'href="/sign-in?return_to=%2Fdossiers%2Fnew"' in page.text
    assert 'data-state="signed-out"' in page.text
