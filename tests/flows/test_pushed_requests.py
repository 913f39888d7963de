"""Pushed authorization requests from the client's call to the person's sign-in, and requests posted by a browser."""

import asyncio

import pytest

from idp.protocol.authorize.stored_requests import LIFETIME
from tests.flows.provider import CALLBACK, SECRET, Browser, Page

ASKED = {"redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "state": "state-1"}


async def push(browser: Browser, client_id: str = "portal", **fields: str) -> str:
    response = await browser.http.post("/par", data={**ASKED, **fields}, auth=(client_id, SECRET))
    assert response.status_code == 201, response.text
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["expires_in"] >= 60
    return str(response.json()["request_uri"])


async def opened(browser: Browser, request_uri: str, client_id: str = "portal", **beside: str) -> Page:
    return await browser.get("/authorize", client_id=client_id, request_uri=request_uri, **beside)


async def test_a_person_signs_in_for_a_pushed_request(browser: Browser) -> None:
    page = await browser.sign_in(await opened(browser, await push(browser, login_hint="an@example.vn")))
    assert page.answer["state"] == "state-1"
    assert (await browser.redeem(page)).status_code == 200


async def test_nothing_beside_the_reference_counts(browser: Browser) -> None:
    page = await browser.sign_in(await opened(browser, await push(browser), state="other", scope="nonsense"))
    assert page.answer["state"] == "state-1"


async def test_opened_twice_before_the_sign_in_it_still_works_and_afterwards_no_more(browser: Browser) -> None:
    request_uri = await push(browser)
    assert (await opened(browser, request_uri)).has_form("sign-in")
    page = await opened(browser, request_uri)
    answer = await browser.sign_in(page)
    assert "code" in answer.answer

    again = await opened(browser, request_uri)
    assert (again.status, again.error_code) == (400, "invalid_request_uri")
    resumed = await browser.get(page.path.replace("/sign-in/", "/authorize/"))
    assert (resumed.status, resumed.error_code) == (400, "invalid_request_uri")


async def test_a_person_may_take_longer_than_the_reference_lives(browser: Browser) -> None:
    page = await opened(browser, await push(browser))
    browser.provider.clock.advance(10 * LIFETIME)
    assert "code" in (await browser.sign_in(page)).answer


async def test_an_expired_reference_is_a_page(browser: Browser) -> None:
    request_uri = await push(browser)
    browser.provider.clock.advance(LIFETIME)
    assert (await opened(browser, request_uri)).error_code == "invalid_request_uri"


async def test_another_client_cannot_use_it(browser: Browser) -> None:
    request_uri = await push(browser)
    assert (await opened(browser, request_uri, "post-office")).error_code == "invalid_request_uri"


async def test_an_error_spends_it(browser: Browser) -> None:
    request_uri = await push(browser, prompt="none")
    assert (await opened(browser, request_uri)).answer["error"] == "login_required"
    assert (await opened(browser, request_uri)).error_code == "invalid_request_uri"


async def test_fifty_tabs_get_one_code(browser: Browser) -> None:
    await browser.signed_in()
    request_uri = await push(browser)
    pages = await asyncio.gather(*(opened(browser, request_uri) for _ in range(50)))
    codes = [page for page in pages if page.status == 303 and "code" in page.answer]
    assert len(codes) == 1
    assert {page.error_code for page in pages if page is not codes[0]} == {"invalid_request_uri"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_a_post_pushes(browser: Browser, method: str) -> None:
    response = await browser.http.request(method, "/par", params=ASKED, auth=("portal", SECRET))
    assert response.status_code == 405
    assert response.headers["allow"] == "OPTIONS, POST"


@pytest.mark.parametrize("fields", [{"request_uri": "urn:ietf:params:oauth:request_uri:x"}, {"scope": ""},
                                    {"redirect_uri": "https://evil.example"}])  # fmt: skip
async def test_an_error_is_json(browser: Browser, fields: dict[str, str]) -> None:
    response = await browser.http.post("/par", data={**ASKED, **fields}, auth=("portal", SECRET))
    assert response.status_code == 400
    assert response.json().keys() == {"error", "error_description"}


async def test_a_repeated_parameter_is_refused(browser: Browser) -> None:
    content = "response_type=code&state=a&state=a"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = await browser.http.post("/par", content=content, headers=headers, auth=("portal", SECRET))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_a_wrong_secret_is_401(browser: Browser) -> None:
    response = await browser.http.post("/par", data=ASKED, auth=("portal", "wrong"))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_discovery_names_the_endpoint(browser: Browser) -> None:
    document = (await browser.http.get("/.well-known/openid-configuration")).json()
    assert document["pushed_authorization_request_endpoint"] == "http://localhost:8000/par"


async def test_nothing_of_a_posted_request_stands_in_an_address(browser: Browser) -> None:
    fields = {**ASKED, "client_id": "portal", "login_hint": "an@example.vn", "resource": "https://api.ministry.example"}
    response = await browser.http.post("/authorize", data=fields)

    assert response.status_code == 303
    location = response.headers["location"]
    assert location.startswith("/authorize?posted=")
    assert "state-1" not in location
    page = await browser.get(location)
    assert 'value="an@example.vn"' in page.text
    assert "code" in (await browser.sign_in(page)).answer
    assert (await browser.get(location)).error_code == "invalid_request_uri"


async def test_who_must_push_cannot_post_instead(browser: Browser) -> None:
    response = await browser.http.post("/authorize", data={**ASKED, "client_id": "portal", "request_uri": "urn:x"})
    assert "error" in (await browser.get(response.headers["location"])).answer
