import pytest

from idp.journeys.attempt import AttemptChangedError
from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import BusyError
from idp.web.edge.refusals import RefusedRequest
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.endpoint import PageEndpoint
from idp.web.pages.visit import ForgedFormError, Reception, Visit
from tests.web.edge.asgi import Inbound, Outbound
from tests.web.pages.standing import attended

KNOWN = (b"cookie", b"idp8000-browser=abc")


async def answer(
    reception: Reception, desk: Desk, trouble: Exception | None, method: str = "GET", query: bytes = b""
) -> Outbound:
    """What the endpoint sends when its handler raises `trouble`."""

    async def handler(visit: Visit) -> Answer:
        if trouble:
            raise trouble
        return desk.redirect(visit, "/here")

    outbound = Outbound()
    endpoint = PageEndpoint(reception, desk, "name", get=handler)
    await endpoint(attended(method, "/", query, KNOWN), Inbound([b""]), outbound)
    return outbound


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        (AttemptChangedError(), 409, "sign_in_finished"),
        (ForgedFormError(), 403, "form_expired"),
        (BusyError(), 503, "temporarily_unavailable"),
        (StoreUnavailableError(), 503, "temporarily_unavailable"),
        (RefusedRequest("Why."), 400, "invalid_request"),
    ],
)
async def test_trouble_is_explained_on_a_page(
    reception: Reception, desk: Desk, trouble: Exception, status: int, code: str
) -> None:
    sent = await answer(reception, desk, trouble)

    assert sent.status == status
    assert f'data-error="{code}"'.encode() in sent.body
    assert b"request-1" in sent.body
    assert ("retry-after" in sent.headers) is (status == 503)


async def test_a_failure_nobody_expected_is_left_to_the_edge(reception: Reception, desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        await answer(reception, desk, ZeroDivisionError())


async def test_a_form_from_a_browser_without_cookies_is_told_about_cookies(reception: Reception, desk: Desk) -> None:
    async def handler(visit: Visit) -> Answer:
        await visit.form()
        raise AssertionError

    outbound = Outbound()
    form = (b"content-type", b"application/x-www-form-urlencoded")
    await PageEndpoint(reception, desk, "name", post=handler)(
        attended("POST", "/", b"", form), Inbound([b""]), outbound
    )

    assert outbound.status == 403
    assert b'data-error="cookies_required"' in outbound.body


async def test_an_unreadable_query_is_a_page_and_the_cookie_stays(reception: Reception, desk: Desk) -> None:
    sent = await answer(reception, desk, None, query=b"a=1&a=1")

    assert sent.status == 400
    assert "set-cookie" not in sent.headers


@pytest.mark.parametrize("method", ["POST", "DELETE", "TRACE", "get"])
async def test_another_method_is_told_which_ones_there_are(reception: Reception, desk: Desk, method: str) -> None:
    sent = await answer(reception, desk, None, method)

    if method != "get":
        assert sent.status == 405
        assert sent.headers["allow"] == "GET"


async def test_head_is_get_without_content(reception: Reception, desk: Desk) -> None:
    sent = await answer(reception, desk, AttemptChangedError(), "HEAD")

    assert sent.status == 409
    assert sent.body == b""
    assert int(sent.headers["content-length"]) > 1000
