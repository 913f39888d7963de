import re

import pytest

from tests.flows.provider import Browser

OWN_DATA = ("activity", "looks", "corrections", "export", "closing")


@pytest.mark.parametrize("path", ["/help", "/privacy", "/terms", "/report"])
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_a_page_of_the_footer_needs_nobody_signed_in(browser: Browser, path: str, language: str) -> None:
    page = await browser.get(path, lang=language)

    assert page.status == 200
    assert f'<html lang="{language}">' in page.text
    assert page.text.count("<h1>") == 1


@pytest.mark.parametrize("path", ["/help", "/privacy", "/terms", "/report"])
async def test_what_people_do_themselves_is_named_where_they_look_for_it(browser: Browser, path: str) -> None:
    page = await browser.get(path)
    named = set(re.findall(r'href="(/(?:account|recover)[^"?]*)"', page.text))
    for address in named:
        assert (await browser.get(address)).status == 200
    assert (
        named
        >= {
            "/help": {"/recover"},
            "/privacy": {
                f"/account/{each}" for each in ("activity", "looks", "services", "corrections", "export", "closing")
            },
            "/terms": {f"/account/{each}" for each in ("corrections", "lock", "services", "closing")},
            "/report": {"/recover", *(f"/account/{each}" for each in ("lock", "security", "activity", "services"))},
        }[path]
    )


@pytest.mark.parametrize(
    "path", ["/no-such", "/authorize/", "/help/", "/static/", "/static/../app.py", "/.env", "/%00"]
)
async def test_any_other_address_is_not_there(browser: Browser, path: str) -> None:
    page = await browser.get(path)

    assert page.status == 404
    assert page.error_code == "not_found"


async def test_what_pages_refer_to_is_there_and_kept_for_long(browser: Browser) -> None:
    page = await browser.get("/help")
    for address in re.findall(r'(?:href|src)="(/static/[^"]*)"', page.text):
        response = await browser.http.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert int(response.headers["content-length"]) == len(response.content)
