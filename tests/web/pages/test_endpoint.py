from dataclasses import dataclass

import pytest

from idp.adapters.sql.stores import Stores
from idp.journeys.attempt import AttemptChangedError
from idp.journeys.floods import Floods
from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import BusyError
from idp.protocol.refusal_counter import RefusalCounter
from idp.web.edge.refusals import RefusedRequest
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.endpoint import Handler, PageEndpoint
from idp.web.pages.visit import ForgedFormError, Reception, Visit
from tests.flows.provider import Provider, SettableClock
from tests.web.edge.asgi import Inbound, Outbound
from tests.web.pages.standing import attended

KNOWN = (b"cookie", b"idp8000-browser=abc")


@dataclass
class Standing:
    """What an endpoint needs, and the audit log that it writes to."""

    reception: Reception
    desk: Desk
    stores: Stores

    def endpoint(self, **handlers: Handler) -> PageEndpoint:
        refusals = RefusalCounter(self.stores.audit_trail, Floods(self.stores.audit_trail, SettableClock()))
        return PageEndpoint(self.reception, self.desk, refusals, "a-page", **handlers)

    async def events(self) -> list[str]:
        return [str(one.payload) async for one in self.stores.audit_log.records() if one.name == "access.refused"]


@pytest.fixture
def standing(reception: Reception, desk: Desk, provider: Provider) -> Standing:
    return Standing(reception, desk, provider.stores)


async def answer(standing: Standing, trouble: Exception | None, method: str = "GET", query: bytes = b"") -> Outbound:
    """What the endpoint sends when its handler raises `trouble`."""

    async def handler(visit: Visit) -> Answer:
        if trouble:
            raise trouble
        return standing.desk.redirect(visit, "/here")

    outbound = Outbound()
    await standing.endpoint(get=handler)(attended(method, "/", query, KNOWN), Inbound([b""]), outbound)
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
async def test_trouble_is_explained_on_a_page(standing: Standing, trouble: Exception, status: int, code: str) -> None:
    sent = await answer(standing, trouble)

    assert sent.status == status
    assert f'data-error="{code}"'.encode() in sent.body
    assert b"request-1" in sent.body
    assert ("retry-after" in sent.headers) is (status == 503)


async def test_a_failure_nobody_expected_is_left_to_the_edge(standing: Standing) -> None:
    with pytest.raises(ZeroDivisionError):
        await answer(standing, ZeroDivisionError())


async def test_a_form_from_a_browser_without_cookies_is_told_about_cookies(standing: Standing) -> None:
    async def handler(visit: Visit) -> Answer:
        await visit.form()
        raise AssertionError

    outbound = Outbound()
    form = (b"content-type", b"application/x-www-form-urlencoded")
    await standing.endpoint(post=handler)(attended("POST", "/", b"", form), Inbound([b""]), outbound)

    assert outbound.status == 403
    assert b'data-error="cookies_required"' in outbound.body
    assert "cookies_required" in (await standing.events())[0]


async def test_an_unreadable_query_is_a_page_and_the_cookie_stays(standing: Standing) -> None:
    sent = await answer(standing, None, query=b"a=1&a=1")

    assert sent.status == 400
    assert "set-cookie" not in sent.headers
    (event,) = await standing.events()
    assert "a-page" in event
    assert "invalid_request" in event


@pytest.mark.parametrize("method", ["POST", "DELETE", "TRACE", "get"])
async def test_another_method_is_told_which_ones_there_are(standing: Standing, method: str) -> None:
    sent = await answer(standing, None, method)

    if method != "get":
        assert sent.status == 405
        assert sent.headers["allow"] == "GET"


async def test_head_is_get_without_content(standing: Standing) -> None:
    sent = await answer(standing, AttemptChangedError(), "HEAD")

    assert sent.status == 409
    assert sent.body == b""
    assert int(sent.headers["content-length"]) > 1000
