import pytest

from idp.web.pages.information import InformationPages
from tests.flows.provider import Browser, Page

HTML = {"accept": "text/html"}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, browser: Browser) -> Browser:
    """A browser at a site whose help page fails."""

    def fail(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(InformationPages, "_topic", fail)
    return browser


async def test_a_failure_is_a_page_with_a_number_and_without_a_detail(broken: Browser) -> None:
    page = Page(await broken.http.get("/privacy?a=1&lang=en", headers=HTML))

    assert page.status == 500
    assert page.error_code == "server_error"
    assert "a secret detail" not in page.text
    assert page.response.headers["x-request-id"] in page.text
    assert "default-src 'none'" in page.response.headers["content-security-policy"]


async def test_a_failure_is_told_to_whoever_sent_two_language_headers_too(broken: Browser) -> None:
    languages = [("accept", "text/html"), ("accept-language", "fr"), ("accept-language", "en")]

    page = Page(await broken.http.get("/help", headers=languages))

    assert page.status == 500
    assert '<html lang="en">' in page.text
