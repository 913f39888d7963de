"""Attacks that go through a person's browser: forged forms, fixed sessions, redirects to elsewhere, framing."""

import re

import pytest

from bench.visitor import find_form, query_of, with_query
from tests.relying_party import CHALLENGE, FORM, SignedIn, ask, authorize_url, post, sign_in, visitor
from tests.server import CALLBACK, CITIZEN, OTHER, PASSWORD, PORTAL, ProviderProcess

pytestmark = pytest.mark.slow


def _session(signed_in: SignedIn, provider: ProviderProcess) -> dict[str, str]:
    return {name: value for name, value in signed_in.browser.cookies.items() if name.startswith(f"idp{provider.port}-")}


async def test_a_sign_in_form_without_its_token_is_refused(provider: ProviderProcess) -> None:
    browser = await visitor(provider)
    page = await browser.follow(await browser.get(authorize_url()))
    form = find_form(page, "sign-in")
    assert form is not None
    answer = await browser.post(form.action, {"username": CITIZEN, "password": PASSWORD})
    assert 400 <= answer.status < 500


async def test_the_token_of_another_browsers_form_is_refused(provider: ProviderProcess) -> None:
    mine, theirs = await visitor(provider), await visitor(provider)
    my_page = await mine.follow(await mine.get(authorize_url()))
    their_page = await theirs.follow(await theirs.get(authorize_url()))
    my_form, their_form = find_form(my_page, "sign-in"), find_form(their_page, "sign-in")
    assert my_form is not None
    assert their_form is not None
    fields = {**their_form.hidden, "username": CITIZEN, "password": PASSWORD}
    assert 400 <= (await mine.post(my_form.action, fields)).status < 500


async def test_a_sign_in_begun_in_one_browser_cannot_be_finished_in_another(provider: ProviderProcess) -> None:
    attacker, victim = await visitor(provider), await visitor(provider)
    page = await attacker.follow(await attacker.get(authorize_url()))
    form = find_form(page, "sign-in")
    assert form is not None
    answer = await victim.post(form.action, {**form.hidden, "username": CITIZEN, "password": PASSWORD})
    assert 400 <= answer.status < 500
    assert "code" not in query_of(await attacker.follow(await attacker.get(authorize_url(prompt="none"))))


async def test_signing_in_gives_a_new_session_whatever_cookie_was_there_before(provider: ProviderProcess) -> None:
    first = await sign_in(provider)
    before = dict(first.browser.cookies)
    again = await sign_in(provider, url=authorize_url(prompt="login"), browser=first.browser)
    changed = {name for name, value in again.browser.cookies.items() if before.get(name) != value}
    assert any("session" in name for name in changed)
    stale = await visitor(provider)
    stale.cookies = before
    answer = await stale.follow(await stale.get(authorize_url(prompt="none")))
    assert query_of(answer).get("error") == "login_required"


async def test_a_planted_session_identifier_is_not_adopted(provider: ProviderProcess) -> None:
    browser = await visitor(provider)
    browser.cookies[f"idp{provider.port}-session"] = "A" * 43
    signed_in = await sign_in(provider, browser=browser)
    assert signed_in.browser.cookies[f"idp{provider.port}-session"] != "A" * 43


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/",
        CALLBACK + "/",
        CALLBACK + "?x=y",
        CALLBACK + "#x",
        CALLBACK + "/../evil",
        CALLBACK.upper(),
        CALLBACK.replace("localhost", "localhost@evil.example"),
        CALLBACK.replace("localhost", "localhost.evil.example"),
        CALLBACK.replace(":9999", ":99990"),
        "//evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " " + CALLBACK,
        CALLBACK + "%0d%0alocation:https://evil.example",
        "",
    ],
)
@pytest.mark.parametrize("more", [{}, {"prompt": "none"}, {"response_type": "token"}])
async def test_nobody_is_sent_to_an_address_that_is_not_registered(
    provider: ProviderProcess, redirect_uri: str, more: dict[str, str]
) -> None:
    browser = await visitor(provider)
    answer = await browser.follow(await browser.get(authorize_url(redirect_uri=redirect_uri, **more)))
    assert answer.status == 400
    assert answer.header("location") is None
    assert b'data-error="' in answer.body
    # The page may lead to itself in another language, its query escaped, and nowhere else.
    links = re.findall(r'(?:href|action|src)="([^"]*)"', answer.body.decode())
    assert [link for link in links if not re.match(r"/[^/\\]|/$|#|\?", link)] == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": "https://evil.example/", "client_id": PORTAL[0]},
        {"post_logout_redirect_uri": "http://localhost:9999/signed-out"},
        {"post_logout_redirect_uri": "http://localhost:9999/signed-out?x=y", "client_id": PORTAL[0]},
        {"post_logout_redirect_uri": "https://evil.example/", "id_token_hint": "eyJhbGciOiJub25lIn0.e30."},
        {"ui_locales": "https://evil.example/", "state": "https://evil.example/"},
    ],
)
async def test_signing_out_sends_nobody_to_an_address_that_was_not_proved(
    provider: ProviderProcess, parameters: dict[str, str]
) -> None:
    browser = await visitor(provider)
    answer = await browser.follow(await browser.get(with_query("/logout", parameters)))
    assert answer.status in {200, 400}
    assert "evil" not in answer.head.decode()


@pytest.mark.parametrize(
    "path", ["/sign-in?next=https://evil.example", "/account?to=//evil.example", "//evil.example/"]
)
async def test_no_page_sends_anybody_elsewhere(provider: ProviderProcess, path: str) -> None:
    answer = await ask(provider, "GET", path, {"host": "evil.example", "x-forwarded-host": "evil.example"})
    assert "evil" not in (answer.header("location") or "")
    assert b"http://evil.example" not in answer.body


async def test_pages_cannot_be_framed_or_stored_and_run_no_script_but_ours(provider: ProviderProcess) -> None:
    browser = await visitor(provider)
    page = await browser.follow(await browser.get(authorize_url()))
    policy = page.header("content-security-policy") or ""
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert re.search(r"script-src ([^;]*)", policy)[1] == "'self'"  # type: ignore[index]
    assert page.header("x-frame-options") == "DENY"
    assert page.header("cache-control") == "no-store"
    assert page.header("referrer-policy") == "same-origin"


async def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(provider: ProviderProcess) -> None:
    browser = await visitor(provider)
    answer = await browser.get(authorize_url())
    cookies = answer.headers("set-cookie")
    assert cookies
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}


async def test_consent_cannot_be_given_by_a_forged_form(provider: ProviderProcess) -> None:
    browser = await visitor(provider)
    page = await browser.follow(await browser.get(authorize_url(OTHER[0])))
    page = await browser.submit(page, "sign-in", {"username": CITIZEN, "password": PASSWORD})
    form = find_form(page, "consent")
    assert form is not None
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"content-type": FORM, "cookie": cookie, "origin": "https://evil.example"}
    forged = await ask(provider, "POST", form.action, headers, b"decision=allow")
    assert 400 <= forged.status < 500


async def test_a_code_is_worth_nothing_to_another_client_or_without_its_verifier(provider: ProviderProcess) -> None:
    fields = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    for client, verifier in ((OTHER, "a-code-verifier-of-forty-three-characters-0"), (PORTAL, CHALLENGE), (PORTAL, "")):
        signed_in = await sign_in(provider)
        answer = await post(provider, "/token", {**fields, "code": signed_in.code, "code_verifier": verifier}, client)
        assert answer.status == 400
        assert b"invalid_grant" in answer.body
