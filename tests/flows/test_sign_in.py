"""Signing in through the pages, as the contract names their forms."""

import re
from asyncio import gather
from dataclasses import replace
from typing import Any

import pytest
from httpx import Response

from idp.journeys.sign_in import SignIn
from idp.ports.errors import StoreUnavailableError
from idp.web.pages.signing_in.authorize import AuthorizePages
from tests.flows.provider import CALLBACK, PASSWORD, Browser, Page, Provider, unverified_claims
from tests.ports.samples import event


async def test_a_password_alone_is_enough_where_level_1_is(browser: Browser) -> None:
    answer = await browser.signed_in()

    assert answer.location.startswith(CALLBACK)
    assert answer.answer["state"] == "state-1"


@pytest.mark.parametrize(
    "username", ["001099000001", "0912345678", "+84 912 345 678", "an@example.vn", " AN@example.vn "]
)
async def test_every_identifier_of_a_person_signs_in(browser: Browser, username: str) -> None:
    assert "code" in (await browser.sign_in(await browser.authorize(), username)).answer


async def test_a_second_factor_is_asked_where_the_client_needs_it(browser: Browser) -> None:
    page = await browser.authorize("gateway")
    page = await browser.submit(page, "sign-in", username="001099000001", password=PASSWORD)

    assert page.has_form("otp")
    assert page.path.endswith("/code")


async def sent(browser: Browser, page: Page) -> Response:
    """The answer to name and password, whose redirect nobody follows."""
    action, hidden = page.form("sign-in")
    return await browser.http.post(action, data={**hidden, "username": "001099000001", "password": PASSWORD})


async def test_the_last_form_is_answered_with_the_code_and_the_session(provider: Provider, browser: Browser) -> None:
    response = await sent(browser, await browser.authorize())

    assert response.status_code == 303
    assert response.headers["location"].startswith(f"{CALLBACK}?code=")
    told = [line.partition("=")[0] for line in response.headers.get_list("set-cookie")]
    assert sorted(told) == [f"idp8000-{name}" for name in ("browser_state", "device", "session", "visited")]
    assert "code" in (await browser.authorize(prompt="none")).answer
    names = [record.name async for record in provider.stores.audit_log.records()]
    assert [names.count(name) for name in ("password.accepted", "session.started", "authorization.granted")] == [
        1,
        1,
        2,
    ]


async def test_whoever_cannot_be_answered_just_now_keeps_the_session_and_asks_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailableError

    page = await browser.authorize()
    with monkeypatch.context() as during:
        during.setattr(AuthorizePages, "answer", fail)
        response = await sent(browser, page)

    assert response.headers["location"].startswith("/authorize/")
    assert "code=" in (await browser.http.get(response.headers["location"])).headers["location"]


async def test_a_service_that_was_switched_off_while_the_password_was_looked_at_gets_no_answer(
    provider: Provider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = SignIn.complete

    async def switched_off(sign_in: SignIn, *arguments: Any) -> Any:
        client = await provider.stores.clients.get("portal")
        assert client
        await provider.stores.client_registry.replace(client, replace(client, disabled=True), event("client"))
        provider.clock.advance(2)
        return await complete(sign_in, *arguments)

    page = await browser.authorize()
    monkeypatch.setattr(SignIn, "complete", switched_off)
    response = await sent(browser, page)

    assert response.headers["location"].startswith("/authorize/")
    assert (await browser.http.get(response.headers["location"])).status_code == 400


async def test_what_a_sign_in_was_made_for_once_goes_on_at_its_own_address(browser: Browser) -> None:
    response = await sent(browser, await browser.authorize(prompt="login"))

    assert response.headers["location"].startswith("/authorize/")
    assert "code=" in (await browser.http.get(response.headers["location"])).headers["location"]
    again = await browser.http.get(response.headers["location"])
    assert again.headers["location"].startswith("/sign-in/")


async def test_what_the_session_has_proved_is_not_asked_again(browser: Browser) -> None:
    await browser.signed_in()

    page = await browser.authorize("gateway")

    assert page.has_form("otp")
    assert "code" in (await browser.submit(page, "otp", code=browser.provider.one_time_code())).answer


async def test_a_wrong_password_and_an_unknown_person_look_the_same(browser: Browser) -> None:
    page = await browser.authorize()

    wrong = await browser.submit(page, "sign-in", username="001099000001", password="wrong password")
    unknown = await browser.submit(page, "sign-in", username="001099999999", password="wrong password")

    assert wrong.status == unknown.status == 400
    assert wrong.refusal == unknown.refusal
    pages = (wrong.text.replace("001099000001", "X"), unknown.text.replace("001099999999", "X"))
    # Each page asks the browser for a passkey by a challenge of its own.
    same = {re.sub(r"(&#34;challenge&#34;: &#34;)[^&]*", r"\1", text) for text in pages}
    assert len(same) == 1
    assert "challenge" in same.pop()


async def test_the_typed_username_is_kept_on_a_refusal(browser: Browser) -> None:
    page = await browser.submit(await browser.authorize(), "sign-in", username="an@example.vn", password="wrong")

    assert 'value="an@example.vn"' in page.text


@pytest.mark.parametrize(
    ("username", "password"),
    [("", ""), ("001099000001", ""), ("\ufeff", "x"), ("x" * 5000, "x"), ("001099000001", "x" * 5000), ("'--", "x")],
)
async def test_whatever_is_typed_is_answered_with_a_refusal(browser: Browser, username: str, password: str) -> None:
    page = await browser.submit(await browser.authorize(), "sign-in", username=username, password=password)

    assert page.status == 400
    assert page.has_form("sign-in")


async def test_a_one_time_code_works_once(provider: Provider, browser: Browser) -> None:
    await browser.signed_in("gateway")
    code = provider.one_time_code()

    other = provider.browser()
    page = await other.submit(await other.authorize("gateway"), "sign-in", username="001099000001", password=PASSWORD)
    page = await other.submit(page, "otp", code=code)

    assert page.status == 400
    assert page.has_form("otp")


@pytest.mark.parametrize("drift", [-30, 0, 30])
async def test_a_clock_may_be_one_step_off(provider: Provider, browser: Browser, drift: int) -> None:
    page = await browser.submit(
        await browser.authorize("gateway"), "sign-in", username="001099000001", password=PASSWORD
    )
    provider.clock.advance(drift)
    code = provider.one_time_code()
    provider.clock.advance(-drift)

    assert "code" in (await browser.submit(page, "otp", code=code)).answer


@pytest.mark.parametrize("drift", [-60, 60])
async def test_a_code_of_two_steps_away_is_refused(provider: Provider, browser: Browser, drift: int) -> None:
    page = await browser.submit(
        await browser.authorize("gateway"), "sign-in", username="001099000001", password=PASSWORD
    )
    provider.clock.advance(drift)
    code = provider.one_time_code()
    provider.clock.advance(-drift)

    assert (await browser.submit(page, "otp", code=code)).status == 400


async def test_fifty_uses_of_one_code_at_once_sign_in_one_browser(provider: Provider) -> None:
    async def ready() -> tuple[Browser, Page]:
        browser = provider.browser()
        page = await browser.authorize("gateway")
        return browser, await browser.submit(page, "sign-in", username="001099000001", password=PASSWORD)

    waiting = [await ready() for _ in range(10)]
    code = provider.one_time_code()

    pages = await gather(*(browser.submit(page, "otp", code=code) for browser, page in waiting))

    assert sum("location" in page.response.headers for page in pages) == 1


async def test_an_officer_is_refused_at_a_service_for_citizens(browser: Browser) -> None:
    page = await browser.submit(
        await browser.authorize("gateway"),
        "sign-in",
        username="cuong@g10.example.vn",
        password="another horse battery staple",
    )

    assert page.status == 400
    assert page.has_form("sign-in")
    assert "công dân" in (page.refusal or "")


async def test_a_citizen_is_refused_at_a_service_for_officers(browser: Browser) -> None:
    page = await browser.submit(
        await browser.authorize("officers"), "sign-in", username="001099000001", password=PASSWORD
    )

    assert page.status == 400


async def test_an_officer_signs_in_as_an_officer(browser: Browser) -> None:
    answer = await browser.sign_in(
        await browser.authorize("officers", scope="openid officer"),
        "cuong@g10.example.vn",
        "another horse battery staple",
    )
    tokens = (await browser.redeem(answer, "officers")).json()

    claims = (await browser.userinfo(tokens["access_token"])).json()
    assert claims["agency"] == {"code": "G10", "name": "Bộ Tài nguyên và Môi trường"}
    assert claims["roles"] == ["proofing_officer"]


async def test_the_accounts_of_one_person_share_no_subject(provider: Provider, browser: Browser) -> None:
    citizen = await browser.sign_in(await browser.authorize(), "001085000003")
    officer_browser = provider.browser()
    officer = await officer_browser.sign_in(
        await officer_browser.authorize(), "cuong@g10.example.vn", "another horse battery staple"
    )

    subjects = {
        unverified_claims((await one.redeem(answer)).json()["id_token"])["sub"]
        for one, answer in ((browser, citizen), (officer_browser, officer))
    }
    assert len(subjects) == 2


async def test_signing_in_as_somebody_else_signs_the_first_one_out(provider: Provider, browser: Browser) -> None:
    first = await browser.tokens()
    page = await browser.authorize(prompt="login")

    await browser.sign_in(page, "binh@example.vn")

    assert (await browser.userinfo(first["access_token"])).status_code == 401


async def test_the_session_cookie_changes_at_sign_in_so_that_none_can_be_fixed(browser: Browser) -> None:
    browser.http.cookies.set("idp8000-session", "planted", domain="localhost.local")
    await browser.signed_in()
    values = [cookie.value for cookie in browser.http.cookies.jar if cookie.name == "idp8000-session"]

    assert "planted" not in values


async def test_an_attempt_belongs_to_the_browser_that_began_it(provider: Provider, browser: Browser) -> None:
    page = await browser.authorize()
    stranger = provider.browser()

    assert (await stranger.get(page.path)).error_code == "sign_in_expired"


async def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    page = await browser.authorize()
    answer = await browser.http.post(page.path, data={"username": "001099000001", "password": PASSWORD})

    assert answer.status_code == 403


async def test_an_attempt_ends_after_its_time(provider: Provider, browser: Browser) -> None:
    page = await browser.authorize()
    provider.clock.advance(1801)

    assert (await browser.get(page.path)).error_code == "sign_in_expired"


async def test_a_locked_account_is_told_so_only_with_the_right_password(provider: Provider, browser: Browser) -> None:
    await provider.lock("001099000001")
    page = await browser.authorize()

    wrong = await browser.submit(page, "sign-in", username="001099000001", password="wrong")
    right = await browser.submit(page, "sign-in", username="001099000001", password=PASSWORD)

    assert "khóa" not in (wrong.refusal or "")
    assert "khóa" in (right.refusal or "")
