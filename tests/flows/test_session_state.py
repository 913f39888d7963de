"""What a service watches the sign-in by: the state in the answers, and the cookie that the frame compares it with."""

import pytest

from tests.flows.check_session_frame import Frame
from tests.flows.provider import Browser, Page, Provider

STATE, VISITED = "idp8000-browser_state", "idp8000-visited"
ORIGIN = "http://localhost:9001"


def frame_says(browser: Browser, page: Page, client_id: str = "portal") -> str:
    """What the frame answers the service that was given this response, with the cookies of now."""
    cookies = "; ".join(
        f"{name}={browser.http.cookies[name]}" for name in (STATE, VISITED) if name in browser.http.cookies
    )
    ((answer, target),) = Frame(cookies, ORIGIN, "idp8000-").asked(f"{client_id} {page.answer['session_state']}")
    assert target == ORIGIN
    return str(answer)


def set_cookies(page: Page, name: str) -> list[str]:
    return [value for value in page.response.headers.get_list("set-cookie") if value.startswith(f"{name}=")]


async def test_a_sign_in_is_unchanged_until_the_person_signs_out(browser: Browser) -> None:
    page = await browser.signed_in()
    tokens = (await browser.redeem(page)).json()

    assert frame_says(browser, page) == "unchanged"
    await browser.get("/logout", id_token_hint=tokens["id_token"])
    assert frame_says(browser, page) == "changed"


async def test_the_account_pages_button_is_a_change(browser: Browser) -> None:
    page = await browser.signed_in()
    await browser.submit(await browser.get("/account"), "sign-out-account")

    assert frame_says(browser, page) == "changed"


async def test_a_second_service_and_a_silent_answer_do_not_change_it(browser: Browser) -> None:
    first = await browser.signed_in()
    second = await browser.authorize("posting")
    silent = await browser.authorize(prompt="none")

    assert frame_says(browser, first) == frame_says(browser, silent) == "unchanged"
    assert frame_says(browser, second, "posting") == "unchanged"
    assert len({page.answer["session_state"] for page in (first, second, silent)}) == 3


async def test_the_state_of_one_service_says_nothing_to_another(browser: Browser) -> None:
    page = await browser.signed_in()

    assert frame_says(browser, page, "posting") == "changed"


async def test_signing_in_as_somebody_else_is_a_change(browser: Browser) -> None:
    first = await browser.signed_in()
    page = await browser.authorize(prompt="login")
    second = await browser.sign_in(page, "binh@example.vn")

    assert frame_says(browser, first) == "changed"
    assert frame_says(browser, second) == "unchanged"


async def test_signing_in_again_as_oneself_is_none(provider: Provider, browser: Browser) -> None:
    first = await browser.signed_in()
    provider.clock.advance(60)
    await browser.sign_in(await browser.authorize(prompt="login"))

    assert frame_says(browser, first) == "unchanged"


async def test_the_cookie_ends_when_the_session_would_sign_nobody_in_any_more(browser: Browser) -> None:
    page = await browser.signed_in()

    (cookie,) = set_cookies(page, STATE)
    assert "; Max-Age=1800;" in cookie
    del browser.http.cookies[STATE]
    assert frame_says(browser, page) == "changed"


async def test_the_cookie_is_readable_and_the_sessions_is_not(browser: Browser) -> None:
    page = await browser.signed_in()

    for name in (STATE, VISITED):
        (cookie,) = set_cookies(page, name)
        assert "httponly" not in cookie.lower()
    assert browser.http.cookies["idp8000-session"] not in browser.http.cookies[STATE]


async def test_an_error_response_has_a_state_too_which_changes_with_a_sign_in(browser: Browser) -> None:
    nobody = await browser.authorize(prompt="none")
    await browser.signed_in()

    assert nobody.answer["error"] == "login_required"
    assert frame_says(browser, nobody) == "changed"


async def test_whoever_expired_here_is_nobody_in_the_next_answer(provider: Provider, browser: Browser) -> None:
    first = await browser.signed_in()
    provider.clock.advance(31 * 60)
    silent = await browser.authorize(prompt="none")

    assert silent.answer["error"] == "login_required"
    assert STATE not in browser.http.cookies
    assert frame_says(browser, first) == "changed"
    assert frame_says(browser, silent) == "unchanged"


async def test_a_cookie_that_somebody_planted_signs_nobody_in(browser: Browser) -> None:
    browser.http.cookies.set(STATE, "x" * 43)

    assert (await browser.authorize(prompt="none")).answer["error"] == "login_required"


async def test_a_request_that_is_no_authentication_has_no_state(browser: Browser) -> None:
    page = await browser.signed_in(scope="dossier.read", nonce=None)

    assert "code" in page.answer
    assert "session_state" not in page.answer


@pytest.mark.parametrize("parameters", [{"response_type": "token id_token x"}, {"prompt": "none login"}])
async def test_a_request_that_is_wrong_tells_nothing_of_the_browser(
    browser: Browser, parameters: dict[str, str]
) -> None:
    page = await browser.authorize(**parameters)

    assert "error" in page.answer
    assert "session_state" not in page.answer
