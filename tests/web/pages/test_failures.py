"""The error page for what no page of its own could answer."""

import re

import pytest

from idp.web.edge.cookies import Cookies
from idp.web.edge.headers import SecurityHeaders
from idp.web.pages.failures import Failures
from idp.web.rendering import Renderer
from idp.web.static_files import StaticFiles
from idp.web.views.common import Locale
from tests.flows.provider import ISSUER
from tests.web.edge.asgi import scope_of

COOKIES = Cookies(ISSUER)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(StaticFiles())


@pytest.fixture
def failures(renderer: Renderer) -> Failures:
    return Failures(renderer, SecurityHeaders(ISSUER), COOKIES, "vi")


def _page(failures: Failures, code: str = "temporarily_unavailable", request_id: str = "r-1", **headers: str) -> str:
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return failures.page(scope_of(headers=fields), code, request_id)[1].decode()


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "vi"),
        ({"accept_language": "en"}, "en"),
        ({"accept_language": "en", "cookie": f"{COOKIES.name('locale')}=vi"}, "vi"),
        ({"accept_language": "fr"}, "vi"),
    ],
)
def test_it_speaks_the_language_of_the_browser(failures: Failures, headers: dict[str, str], language: Locale) -> None:
    page = _page(failures, **headers)
    assert f'<html lang="{language}">' in page
    assert 'data-error="temporarily_unavailable"' in page


def test_it_says_what_to_do_and_carries_the_number_of_its_own_request(failures: Failures) -> None:
    first, second = (_page(failures, request_id=each, accept_language="en") for each in ("r-1", "r-2"))
    assert "Wait a minute and try again" in first
    assert [re.findall(r'id="request-id">([^<]*)<', page) for page in (first, second)] == [["r-1"], ["r-2"]]
    assert first.replace("r-1", "r-2") == second


def test_its_codes_have_pages_of_their_own(failures: Failures) -> None:
    assert 'data-error="server_error"' in _page(failures, "server_error")


def test_it_is_a_page_under_the_policy_of_pages_and_is_never_stored(failures: Failures) -> None:
    headers = dict(failures.page(scope_of(), "server_error", "r")[0])
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"content-type"] == b"text/html; charset=utf-8"


def test_it_is_drawn_once_for_each_language(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = Failures(renderer, SecurityHeaders(ISSUER), COOKIES, "vi")
    for language in ("vi", "en"):
        _page(failures, "too_many_requests", accept_language=language)

    def draw(_: object) -> str:
        raise AssertionError

    monkeypatch.setattr(renderer._kept, "_draw", draw)
    assert "r-9" in _page(failures, "too_many_requests", request_id="r-9")
    assert "r-9" in _page(failures, "too_many_requests", request_id="r-9", accept_language="en")
