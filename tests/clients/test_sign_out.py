"""Signing out: from here, and by the provider's logout token."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey

from tests.clients.provider_double import LOGOUT_EVENT, NEIGHBOUR, OFFICER
from tests.clients.town import GATEWAY, MINISTRY, PORTAL, Town, error_of, hidden, party


async def sign_out(browser: httpx.AsyncClient, base: str = PORTAL) -> httpx.Response:
    home = await browser.get(f"{base}/")
    return await browser.post(f"{base}/sign-out", data={"csrf_token": hidden(home, "csrf_token")})


async def logout(town: Town, token: str, base: str = PORTAL) -> httpx.Response:
    async with town.browser() as provider:
        return await provider.post(f"{base}/backchannel-logout", data={"logout_token": token})


async def is_signed_in(browser: httpx.AsyncClient, base: str = PORTAL) -> bool:
    return 'id="who"' in (await browser.get(f"{base}/")).text


async def test_signing_out_ends_the_session_here_and_at_the_provider_and_comes_back(town: Town) -> None:
    browser = await town.citizen()
    page = await sign_out(browser)
    assert page.status_code == 200
    assert page.url.path == "/signed-out"
    assert 'data-state="signed-out"' in page.text
    asked = town.provider.calls("/end-session")[0]
    assert asked["client_id"] == "national-portal"
    assert asked["post_logout_redirect_uri"] == f"{PORTAL}/signed-out"
    assert asked["id_token_hint"].count(".") == 2
    assert not await is_signed_in(browser)
    assert not party(town.portal).database.rows("SELECT 1 FROM sessions")
    assert (await browser.get(page.url)).status_code == 200


async def test_signing_out_needs_the_forms_token(town: Town) -> None:
    browser = await town.citizen()
    for token in ("", "f" * 64):
        page = await browser.post(f"{PORTAL}/sign-out", data={"csrf_token": token})
        assert (page.status_code, error_of(page)) == (403, "invalid_form")
    assert (await browser.get(f"{PORTAL}/sign-out")).status_code == 405
    assert await is_signed_in(browser)


async def test_a_signed_out_page_needs_the_state_of_this_browsers_sign_out(town: Town) -> None:
    browser = await town.citizen()
    page = await sign_out(browser)
    state = parse_qs(urlsplit(str(page.url)).query)["state"][0]
    for wrong in ({}, {"state": "another"}):
        refused = await browser.get(f"{PORTAL}/signed-out", params=wrong)
        assert (refused.status_code, error_of(refused)) == (400, "invalid_sign_out")
    stranger = await town.browser().get(f"{PORTAL}/signed-out", params={"state": state})
    assert (stranger.status_code, error_of(stranger)) == (400, "invalid_sign_out")


async def test_with_the_provider_down_the_person_is_out_here_and_told_the_rest(town: Town) -> None:
    browser = await town.citizen()
    home = await browser.get(f"{PORTAL}/")
    town.network.down.add(9000)
    town.clock.advance(4000)
    party(town.portal).database.rows("UPDATE sessions SET seen_at = seen_at + 4000")
    page = await browser.post(f"{PORTAL}/sign-out", data={"csrf_token": hidden(home, "csrf_token")})
    assert page.status_code == 503
    assert 'data-state="signed-out"' in page.text
    assert not await is_signed_in(browser)


async def test_a_logout_token_ends_the_session_it_names_and_no_other(town: Town) -> None:
    first = await town.citizen()
    town.provider.sid, town.provider.person = "sid-2", NEIGHBOUR
    second = await town.citizen()
    town.provider.sid = "sid-1"
    answer = await logout(
        town, town.provider.signed(town.provider.logout_claims("national-portal", sub=...), typ="logout+jwt")
    )
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert not await is_signed_in(first)
    assert await is_signed_in(second)


async def test_a_logout_token_with_sub_alone_ends_every_session_of_the_person(town: Town) -> None:
    first = await town.citizen()
    town.provider.sid = "sid-2"
    second = await town.citizen()
    claims = town.provider.logout_claims("national-portal", sid=...)
    assert (await logout(town, town.provider.signed(claims, typ="logout+jwt"))).status_code == 200
    assert not await is_signed_in(first)
    assert not await is_signed_in(second)


async def test_a_logout_token_for_the_officers_client_ends_only_the_officers_session(town: Town) -> None:
    citizen = town.browser()
    await citizen.get(f"{MINISTRY}/sign-in")
    town.provider.person = OFFICER
    officer = town.browser()
    await officer.get(f"{MINISTRY}/officer/sign-in")
    claims = town.provider.logout_claims("ministry-portal-officers")
    assert (await logout(town, town.provider.signed(claims, typ="logout+jwt"), MINISTRY)).status_code == 200
    assert not await is_signed_in(officer, MINISTRY)
    assert await is_signed_in(citizen, MINISTRY)


async def test_a_logout_token_works_once(town: Town) -> None:
    await town.citizen()
    token = town.provider.signed(town.provider.logout_claims("national-portal"), typ="logout+jwt")
    assert (await logout(town, token)).status_code == 200
    town.provider.sid = "sid-2"
    again = await town.citizen()
    replayed = await logout(town, token)
    assert (replayed.status_code, replayed.headers["cache-control"]) == (400, "no-store")
    assert await is_signed_in(again)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "payment-gateway"},
        {"aud": ["national-portal", "payment-gateway"]},
        {"aud": ...},
        {"iat": ...},
        {"iat": 1_790_000_100},
        {"exp": ...},
        {"exp": 1_789_999_000},
        {"jti": ...},
        {"jti": ""},
        {"jti": 7},
        {"events": ...},
        {"events": []},
        {"events": {}},
        {"events": {LOGOUT_EVENT: True}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "present"},
        {"sub": ..., "sid": ...},
        {"sid": 5},
        {"sub": ""},
    ],
)
async def test_a_logout_token_with_a_wrong_claim_ends_nothing(town: Town, changes: dict[str, Any]) -> None:
    browser = await town.citizen()
    claims = town.provider.logout_claims("national-portal", **changes)
    answer = await logout(town, town.provider.signed(claims, typ="logout+jwt"))
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    assert await is_signed_in(browser)


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "secevent+jwt", None])
async def test_a_token_of_another_type_ends_nothing(town: Town, typ: str | None) -> None:
    browser = await town.citizen()
    assert (
        await logout(town, town.provider.signed(town.provider.logout_claims("national-portal"), typ=typ))
    ).status_code == 400
    assert await is_signed_in(browser)


async def test_a_token_signed_by_someone_else_or_not_at_all_ends_nothing(town: Town) -> None:
    browser = await town.citizen()
    claims = town.provider.logout_claims("national-portal")
    stranger = ECKey.generate_key("P-256", {"kid": "key-1"})
    forged = town.provider.signed(claims, typ="logout+jwt", key=stranger)
    body = town.provider.signed(claims).split(".")[1]
    unsigned = f"eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCJ9.{body}."
    for token in (forged, unsigned, "", "a.b.c", "x" * 20_000, "[" * 5000):
        assert (await logout(town, token)).status_code == 400
    assert await is_signed_in(browser)


async def test_anything_but_one_logout_token_in_a_form_is_refused(town: Town) -> None:
    token = town.provider.signed(town.provider.logout_claims("national-portal"), typ="logout+jwt")
    async with town.browser() as provider:
        url = f"{PORTAL}/backchannel-logout"
        twice = f"logout_token={token}&logout_token={token}"
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert (await provider.post(url, content=twice, headers=form)).status_code == 400
        assert (await provider.post(url, json={"logout_token": token})).status_code == 400
        assert (await provider.post(url, content=b"logout_token=%ff", headers=form)).status_code == 400
        assert (await provider.post(url, content=b"logout_token=\xff", headers=form)).status_code == 400
        assert (await provider.get(url)).status_code == 405


async def test_while_the_keys_cannot_be_read_the_provider_is_asked_to_try_again(town: Town) -> None:
    token = town.provider.signed(town.provider.logout_claims("payment-gateway"), typ="logout+jwt")
    town.network.down.add(9000)
    assert (await logout(town, token, GATEWAY)).status_code == 503
    town.network.down.clear()
    assert (await logout(town, token, GATEWAY)).status_code == 200


async def test_a_logout_that_overtakes_the_sign_in_wins(town: Town) -> None:
    claims = town.provider.logout_claims("national-portal", sub=...)
    assert (await logout(town, town.provider.signed(claims, typ="logout+jwt"))).status_code == 200
    page = await town.browser().get(f"{PORTAL}/sign-in")
    assert (page.status_code, error_of(page)) == (401, "session_ended")
