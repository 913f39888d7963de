"""The authorization code flow as the relying parties run it, and everything they refuse."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from clients.relying_party.bearer_values import fingerprint
from clients.relying_party.routes import local_path
from tests.clients.provider_double import CITIZEN, ISSUER, NEIGHBOUR, OFFICER, ProviderDouble
from tests.clients.town import GATEWAY, MINISTRY, PORTAL, Town, build_town, error_of, party


async def departure(town: Town, url: str = f"{PORTAL}/sign-in") -> tuple[httpx.AsyncClient, dict[str, str]]:
    """A browser sent to the provider, and the parameters it was sent with."""
    browser = httpx.AsyncClient(transport=town.network, follow_redirects=False)
    answer = await browser.get(url)
    assert answer.status_code == 303
    return browser, {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def returned(town: Town, browser: httpx.AsyncClient, asked: dict[str, str]) -> dict[str, str]:
    """What the provider answers to the callback with."""
    answer = await browser.get(f"{ISSUER}/authorize", params=asked)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def test_the_request_carries_pkce_state_nonce_and_the_resource(town: Town) -> None:
    _, asked = await departure(town)
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "national-portal"
    assert asked["redirect_uri"] == f"{PORTAL}/callback"
    assert asked["code_challenge_method"] == "S256"
    assert asked["resource"] == f"{MINISTRY}/api"
    assert asked["ui_locales"] == "vi"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    _, again = await departure(town)
    assert {asked[name] for name in ("state", "nonce", "code_challenge")}.isdisjoint(again.values())


@pytest.mark.parametrize("path", ["/sign-in", "/officer/sign-in"])
@pytest.mark.parametrize(
    "return_to", [f"/{'a' * 250}!", f"/{'a.' * 125}!", f"{'/a' * 125}!", f"{'/a' * 124}//", "//elsewhere.example/"]
)
async def test_a_place_to_return_to_is_refused_as_fast_as_it_is_accepted(town: Town, path: str, return_to: str) -> None:
    started = process_time()
    await departure(town, f"{MINISTRY}{path}?{urlencode({'return_to': return_to})}")
    assert process_time() - started < 5, "a refused path holds up every other visitor"


@pytest.mark.parametrize("path", ["/", "/dossiers", "/dossiers/", "/a/b.c/~d_e-f", f"/{'a' * 250}"])
def test_every_path_of_the_application_itself_may_be_returned_to(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "a", "//a", "/a//b", "/a//", "/a?b", "/a b", "/á", "/\\a", "/a\n", f"/{'a' * 256}", f"/{'a' * 250}!"]
)
def test_any_other_place_to_return_to_becomes_the_first_page(path: str) -> None:
    assert local_path(path) == "/"


async def test_the_chosen_language_goes_to_the_provider(town: Town) -> None:
    _, asked = await departure(town, f"{PORTAL}/sign-in?lang=en")
    assert asked["ui_locales"] == "en"


async def test_signing_in_shows_the_name_and_a_second_application_knows_the_person_without_a_form(town: Town) -> None:
    browser = town.browser()
    for base in (PORTAL, MINISTRY, GATEWAY):
        signed_out = await browser.get(f"{base}/")
        assert 'data-state="signed-out"' in signed_out.text
        assert 'id="sign-in"' in signed_out.text
        home = await browser.get(f"{base}/sign-in")
        assert f'<span id="who">{CITIZEN.name}</span>' in home.text
        assert 'data-state="signed-out"' not in home.text


async def test_the_session_cookie_is_httponly_lax_and_stored_as_a_hash_only(town: Town) -> None:
    browser, asked = await departure(town)
    answer = await browser.get(f"{PORTAL}/callback", params=await returned(town, browser, asked))
    cookies = [value for value in answer.headers.get_list("set-cookie") if "_session=" in value]
    assert len(cookies) == 1
    assert cookies[0].startswith("national_portal_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookies[0].split("; "))
    value = browser.cookies["national_portal_session"]
    stored = party(town.portal).database.rows("SELECT key FROM sessions")
    assert [row["key"] for row in stored] == [fingerprint(value)]


async def test_signing_in_again_replaces_the_session(town: Town) -> None:
    browser = await town.citizen()
    first = browser.cookies["national_portal_session"]
    await browser.get(f"{PORTAL}/sign-in")
    assert browser.cookies["national_portal_session"] != first
    assert len(party(town.portal).database.rows("SELECT key FROM sessions")) == 1


async def test_the_person_comes_back_to_the_page_that_asked(town: Town) -> None:
    browser = town.browser()
    page = await browser.get(f"{PORTAL}/sign-in", params={"return_to": "/dossiers/new"})
    assert page.url == f"{PORTAL}/dossiers/new"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/a?b=c", "javascript:alert(1)", "/x\n", "a"],
)
async def test_another_sites_address_is_never_a_place_to_come_back_to(town: Town, target: str) -> None:
    page = await town.browser().get(f"{PORTAL}/sign-in", params={"return_to": target})
    assert page.url == f"{PORTAL}/"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"state": None}, 400, "sign_in_expired"),
        ({"state": "another-state"}, 400, "sign_in_expired"),
        ({"iss": None}, 400, "sign_in_failed"),
        ({"iss": "https://evil.example"}, 400, "sign_in_failed"),
        ({"code": None}, 400, "invalid_request"),
        ({"code": "unknown"}, 400, "sign_in_expired"),
        ({"code": "x" * 5000}, 400, "invalid_request"),
        ({"error": "access_denied"}, 400, "invalid_request"),
        ({"state": "\x00"}, 400, "invalid_request"),
    ],
)
async def test_a_callback_that_is_not_the_answer_to_this_request_is_refused(
    town: Town, changes: dict[str, str | None], status: int, error: str
) -> None:
    browser, asked = await departure(town)
    answer = await returned(town, browser, asked) | changes
    parameters = {name: value for name, value in answer.items() if value is not None}
    page = await browser.get(f"{PORTAL}/callback", params=parameters)
    assert (page.status_code, error_of(page)) == (status, error)
    assert "national_portal_session" not in browser.cookies


async def test_a_repeated_parameter_is_refused(town: Town) -> None:
    browser, asked = await departure(town)
    answer = await returned(town, browser, asked)
    page = await browser.get(f"{PORTAL}/callback?{urlencode(answer)}&state=second")
    assert (page.status_code, error_of(page)) == (400, "invalid_request")


@pytest.mark.parametrize("query", [b"state=%ff", b"&".join(b"a%d=1" % n for n in range(40))])
async def test_a_callback_that_is_not_text_or_too_long_is_refused(town: Town, query: bytes) -> None:
    page = await town.browser().get(httpx.URL(f"{PORTAL}/callback", query=query))
    assert (page.status_code, error_of(page)) == (400, "invalid_request")


async def test_a_state_works_once(town: Town) -> None:
    browser, asked = await departure(town)
    answer = await returned(town, browser, asked)
    assert (await browser.get(f"{PORTAL}/callback", params=answer)).status_code == 303
    page = await browser.get(f"{PORTAL}/callback", params=answer)
    assert (page.status_code, error_of(page)) == (400, "sign_in_expired")


async def test_a_state_works_only_in_the_browser_that_left_with_it(town: Town) -> None:
    browser, asked = await departure(town)
    answer = await returned(town, browser, asked)
    stranger, _ = await departure(town)
    page = await stranger.get(f"{PORTAL}/callback", params=answer)
    assert (page.status_code, error_of(page)) == (400, "sign_in_expired")
    assert (await browser.get(f"{PORTAL}/callback", params=answer)).status_code == 303


async def test_a_state_expires(town: Town) -> None:
    browser, asked = await departure(town)
    answer = await returned(town, browser, asked)
    town.clock.advance(901)
    assert (await browser.get(f"{PORTAL}/callback", params=answer)).status_code == 400


async def test_two_windows_can_sign_in_at_once(town: Town) -> None:
    browser, first = await departure(town)
    second = await browser.get(f"{PORTAL}/sign-in")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(second.headers["location"]).query).items()}
    for window in (first, asked):
        answer = await returned(town, browser, window)
        assert (await browser.get(f"{PORTAL}/callback", params=answer)).status_code == 303


@pytest.mark.parametrize(
    ("error", "status", "shown"),
    [
        ("access_denied", 403, "access_denied"),
        ("login_required", 401, "login_required"),
        ("interaction_required", 401, "interaction_required"),
        ("consent_required", 401, "consent_required"),
        ("account_selection_required", 401, "account_selection_required"),
        ("unmet_authentication_requirements", 403, "unmet_authentication_requirements"),
        ("temporarily_unavailable", 503, "temporarily_unavailable"),
        ("server_error", 503, "temporarily_unavailable"),
        ("invalid_scope", 400, "sign_in_failed"),
        ("not_found", 400, "sign_in_failed"),
        ("<script>", 400, "sign_in_failed"),
    ],
)
async def test_an_error_of_the_provider_becomes_a_page_in_plain_words(
    town: Town, error: str, status: int, shown: str
) -> None:
    town.provider.answer_error = error
    browser = town.browser()
    page = await browser.get(f"{PORTAL}/sign-in", params={"return_to": "/dossiers/new"})
    assert (page.status_code, error_of(page)) == (status, shown)
    assert page.text.count("<h1>") == 1
    assert 'id="try-again" href="/dossiers/new"' in page.text
    assert "<script>" not in page.text
    assert not party(town.portal).database.rows("SELECT key FROM sessions")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "payment-gateway"},
        {"aud": ["national-portal", "payment-gateway"]},
        {"aud": ...},
        {"azp": "payment-gateway"},
        {"nonce": "another"},
        {"nonce": ...},
        {"exp": 1_789_999_000},
        {"exp": ...},
        {"exp": "soon"},
        {"exp": True},
        {"iat": 1_790_000_100},
        {"iat": 1_789_990_000},
        {"iat": ...},
        {"nbf": 1_790_000_100},
        {"sub": ...},
        {"sub": ""},
        {"sub": 5},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
)
async def test_an_id_token_with_a_wrong_claim_signs_nobody_in(town: Town, changes: dict[str, Any]) -> None:
    town.provider.id_token_changes = changes
    page = await town.browser().get(f"{PORTAL}/sign-in")
    assert (page.status_code, error_of(page)) == (400, "sign_in_failed")
    assert not party(town.portal).database.rows("SELECT key FROM sessions")


def tampered(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def reheaded(token: str, header: dict[str, object]) -> str:
    """The token with another header, as someone without the key would send it."""
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{token.split('.', 1)[1]}"


def signed_with_the_client_secret(provider: ProviderDouble) -> str:
    secret = OctKey.import_key(provider.client_secrets["national-portal"])
    return jws.serialize_compact({"alg": "HS256", "kid": "key-1"}, b"{}", secret)


DISGUISES: dict[str, Callable[[ProviderDouble, dict[str, Any]], str]] = {
    "alg none": lambda provider, claims: reheaded(provider.signed(claims), {"alg": "none"}).rsplit(".", 1)[0] + ".",
    "the client secret": lambda provider, _: signed_with_the_client_secret(provider),
    "someone else's key": lambda provider, claims: provider.signed(
        claims, key=ECKey.generate_key("P-256", {"kid": "key-1"})
    ),
    "another algorithm": lambda provider, claims: reheaded(provider.signed(claims), {"alg": "RS256", "kid": "key-1"}),
    "no kid": lambda provider, claims: provider.signed(claims, kid=None),
    "an access token": lambda provider, claims: provider.signed(claims, typ="at+jwt"),
    "a logout token": lambda provider, claims: provider.signed(claims, typ="logout+jwt"),
    "a critical extension": lambda provider, claims: reheaded(
        provider.signed(claims), {"alg": "ES256", "kid": "key-1", "crit": ["x"]}
    ),
    "a typ that is no text": lambda provider, claims: reheaded(
        provider.signed(claims), {"alg": "ES256", "kid": "key-1", "typ": 5}
    ),
    "an alg that is no text": lambda provider, claims: reheaded(provider.signed(claims), {"alg": ["ES256"]}),
    "a broken signature": lambda provider, claims: tampered(provider.signed(claims)),
    "no token at all": lambda _provider, _claims: "not a token",
}


@pytest.mark.parametrize("disguise", DISGUISES)
async def test_an_id_token_signed_otherwise_than_agreed_signs_nobody_in(town: Town, disguise: str) -> None:
    town.provider.id_token_disguise = DISGUISES[disguise]
    page = await town.browser().get(f"{PORTAL}/sign-in")
    assert (page.status_code, error_of(page)) == (400, "sign_in_failed")


async def test_claims_about_someone_else_sign_nobody_in(town: Town) -> None:
    town.provider.userinfo_changes = {"sub": "someone-else"}
    page = await town.browser().get(f"{PORTAL}/sign-in")
    assert (page.status_code, error_of(page)) == (400, "sign_in_failed")


async def test_while_the_provider_is_down_pages_still_open_and_signing_in_says_so(town: Town) -> None:
    town.network.down.add(9000)
    browser = town.browser()
    assert (await browser.get(f"{PORTAL}/")).status_code == 200
    assert (await browser.get(f"{PORTAL}/livez")).text == "ok"
    page = await browser.get(f"{PORTAL}/sign-in")
    assert (page.status_code, error_of(page)) == (503, "temporarily_unavailable")
    town.network.down.clear()
    assert (await browser.get(f"{PORTAL}/sign-in")).status_code == 200


async def test_a_new_key_of_the_provider_is_fetched_when_it_first_signs(town: Town) -> None:
    assert (await town.browser().get(f"{GATEWAY}/sign-in")).status_code == 200
    town.clock.advance(20)
    town.provider.rotate_key()
    assert (await town.browser().get(f"{GATEWAY}/sign-in")).status_code == 200
    assert len(town.provider.calls("/jwks")) == 2


async def test_an_officer_signs_in_with_the_officers_client(town: Town) -> None:
    town.provider.person = OFFICER
    _, asked = await departure(town, f"{MINISTRY}/officer/sign-in")
    assert asked["client_id"] == "ministry-portal-officers"
    assert asked["redirect_uri"] == f"{MINISTRY}/callback"
    desk = await town.browser().get(f"{MINISTRY}/officer/sign-in")
    assert desk.url == f"{MINISTRY}/officer"
    assert f'<span id="who">{OFFICER.name}</span>' in desk.text


async def test_a_session_ends_when_idle_and_when_old(town: Town) -> None:
    town.provider.expires_in = 100_000
    browser = await town.citizen()
    for _ in range(3):
        town.clock.advance(1700)
        assert 'id="who"' in (await browser.get(f"{PORTAL}/")).text
    town.clock.advance(1801)
    assert 'data-state="signed-out"' in (await browser.get(f"{PORTAL}/")).text
    browser = await town.citizen()
    for _ in range(17):
        town.clock.advance(1750)
        await browser.get(f"{PORTAL}/")
    assert 'data-state="signed-out"' in (await browser.get(f"{PORTAL}/")).text


async def test_a_session_survives_a_restart(town: Town, tmp_path: Path) -> None:
    browser = await town.citizen()
    again = build_town(tmp_path)
    again.network.apps[9000] = town.provider.app
    town.network.apps[9001] = again.portal
    assert CITIZEN.name in (await browser.get(f"{PORTAL}/")).text
    for app in (again.portal, again.ministry, again.gateway):
        party(app).database.close()


async def test_expired_rows_are_purged(town: Town) -> None:
    await town.citizen()
    await departure(town)
    rp = party(town.portal)
    town.clock.advance(100_000)
    rp.sessions.purge(now=town.clock.now())
    rp.pending.purge(now=town.clock.now())
    for table in ("sessions", "access_tokens", "pending_sign_ins"):
        assert not rp.database.rows(f"SELECT 1 FROM {table}")  # noqa: S608


async def test_the_neighbour_is_someone_else(town: Town) -> None:
    town.provider.person = NEIGHBOUR
    assert NEIGHBOUR.name in (await (await town.citizen()).get(f"{PORTAL}/")).text
