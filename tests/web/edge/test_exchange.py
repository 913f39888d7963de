import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import BusyError
from idp.web.edge.answers import send_answer
from idp.web.edge.context import RequestContext, request_context
from idp.web.edge.draining import Draining
from idp.web.edge.exchange import CLIENT_GONE, ErrorPage, Exchange
from idp.web.edge.headers import Headers, SecurityHeaders
from idp.web.edge.proxy import TrustedProxies
from idp.web.edge.refusals import BodyTooLarge, ClientGone, RepeatedParameter, UnsupportedMediaType
from idp.web.edge.request_id import RequestIds
from tests.web.edge.asgi import Inbound, Outbound, ask, scope_of
from tests.web.edge.test_client_certificate import certificate, written
from tests.web.edge.test_request_id import Numbered

HTML = (b"accept", b"text/html,application/xhtml+xml")


@dataclass
class Noted:
    lines: list[tuple[str, str, str, int]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    parents: list[str | None] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    def started(self, context: RequestContext, trace_parent: str | None) -> None:
        self.parents.append(trace_parent)

    def finished(self, context: RequestContext, method: str, status: int, seconds: float) -> None:
        self.lines.append((context.request_id, context.route, method, status))
        self.outcomes.append(context.outcome)

    def failed(self, context: RequestContext, failure: Exception) -> None:
        self.failures.append(failure)


def _exchange(
    app: ASGIApp,
    noted: Noted,
    error_page: ErrorPage | None = None,
    machine_paths: frozenset[str] = frozenset(),
    draining: Draining | None = None,
) -> Exchange:
    proxies = TrustedProxies()
    return Exchange(
        app,
        request_ids=RequestIds(Numbered(), proxies),
        proxies=proxies,
        headers=SecurityHeaders("http://localhost:8000"),
        observer=noted,
        draining=draining or Draining(),
        error_page=error_page,
        machine_paths=machine_paths,
    )


def _raises(failure: Exception) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise failure

    return app


def _page(scope: Scope, code: str, request_id: str) -> tuple[Headers, bytes]:
    return ((b"content-type", b"text/html"),), f'<main data-error="{code}">{request_id}</main>'.encode()


async def test_every_answer_carries_the_request_identifier_and_leaves_one_line() -> None:
    noted = Noted()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request_context(scope).route = "token"
        await send_answer(send, 201, [(b"x", b"y")], b"made", b"text/plain")

    answer = await ask(_exchange(app, noted), method="POST")
    assert (answer.status, answer.headers["x-request-id"], answer.body) == (201, "made-here", b"made")
    assert noted.lines == [("made-here", "token", "POST", 201)]


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (RepeatedParameter(), 400, "invalid_request"),
        (BodyTooLarge(), 413, "request_too_large"),
        (UnsupportedMediaType(), 415, "unsupported_media_type"),
        (StoreUnavailableError(retry_after=7), 503, "temporarily_unavailable"),
        (BusyError(retry_after=7), 503, "temporarily_unavailable"),
        (TimeoutError("001099000001"), 503, "temporarily_unavailable"),
        (ZeroDivisionError("001099000001"), 500, "server_error"),
    ],
)
async def test_a_failure_becomes_an_answer_without_detail(failure: Exception, status: int, code: str) -> None:
    noted = Noted()
    answer = await ask(_exchange(_raises(failure), noted))
    assert answer.status == status
    document = json.loads(answer.body)
    assert (document["error"], document["request_id"]) == (code, "made-here")
    assert b"001099000001" not in answer.body
    assert answer.headers["cache-control"] == "no-store"
    wait = getattr(failure, "retry_after", 1)
    assert answer.headers.get("retry-after") == (str(wait) if status == 503 else None)
    assert noted.lines[0][3] == status
    assert noted.outcomes == [code]
    assert noted.failures == ([failure] if status == 500 else [])


async def test_a_browser_gets_a_failure_as_a_page() -> None:
    app = _exchange(_raises(ValueError("secret")), Noted(), _page)
    answer = await ask(app, scope_of(headers=[HTML]))
    assert (answer.status, answer.body) == (500, b'<main data-error="server_error">made-here</main>')
    assert answer.headers["content-type"] == "text/html"
    assert json.loads((await ask(app)).body)["error"] == "server_error"


async def test_an_endpoint_for_machines_never_answers_with_a_page() -> None:
    app = _exchange(_raises(BusyError()), Noted(), _page, frozenset({"/token"}))
    assert b"<main" in (await ask(app, scope_of("POST", "/other", headers=[HTML]))).body
    answer = await ask(app, scope_of("POST", "/token", headers=[HTML]))
    assert (answer.status, answer.headers["content-type"]) == (503, "application/json")
    assert json.loads(answer.body)["error"] == "temporarily_unavailable"


async def test_a_failure_after_half_an_answer_is_reported_and_the_rest_is_not_sent() -> None:
    noted = Noted()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("late")

    answer = await ask(_exchange(app, noted))
    assert len(answer.messages) == 1
    assert [type(failure) for failure in noted.failures] == [KeyError]
    assert noted.lines[0][3] == 200


@pytest.mark.parametrize("failure", [ClientGone(), None])
async def test_a_client_that_hung_up_is_noted_as_gone(failure: Exception | None) -> None:
    noted = Noted()

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        return

    answer = await ask(_exchange(_raises(failure) if failure else silent, noted))
    assert answer.messages == []
    assert noted.lines[0][3] == CLIENT_GONE
    assert noted.failures == []


@dataclass
class MatchedRoute:
    path: str


@pytest.mark.parametrize(
    ("route", "name"), [(MatchedRoute("/sign-in/{attempt}"), "/sign-in/{attempt}"), (None, "unmatched")]
)
async def test_a_route_of_the_framework_is_named_by_its_template(route: MatchedRoute | None, name: str) -> None:
    noted = Noted()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = route
        await send_answer(send, 200, [])

    await ask(_exchange(app, noted))
    assert noted.lines[0][1] == name


async def test_lifespan_events_pass_through() -> None:
    heard: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(scope["type"])

    await _exchange(app, Noted())({"type": "lifespan"}, Inbound([]), Outbound())
    assert heard == ["lifespan"]


async def test_the_duration_is_measured_by_the_given_clock() -> None:
    measured: list[float] = []

    class Watch(Noted):
        def finished(self, context: RequestContext, method: str, status: int, seconds: float) -> None:
            measured.append(seconds)

    moments: Callable[[], float] = iter([10.0, 10.5]).__next__
    proxies = TrustedProxies()
    app = Exchange(
        _raises(RepeatedParameter()),
        request_ids=RequestIds(Numbered(), proxies),
        proxies=proxies,
        headers=SecurityHeaders("http://localhost:8000"),
        observer=Watch(),
        draining=Draining(),
        monotonic=moments,
    )
    await ask(app)
    assert measured == [0.5]


async def test_a_process_that_leaves_closes_every_connection_behind_its_answer() -> None:
    draining = Draining()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, 200, ())

    exchange = _exchange(app, Noted(), draining=draining)
    assert "connection" not in (await ask(exchange)).headers
    draining.begin()
    assert (await ask(exchange)).headers["connection"] == "close"
    failing = _exchange(_raises(StoreUnavailableError()), Noted(), draining=draining)
    assert (await ask(failing)).headers["connection"] == "close"


async def test_a_client_certificate_reaches_handlers_by_the_context_and_from_trusted_proxies_only() -> None:
    der = certificate()
    seen: list[tuple[bytes | None, bool]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [name for name, _ in scope["headers"]]
        seen.append((request_context(scope).client_certificate, b"client-cert" in headers))
        await send_answer(send, 200, ())

    proxies = TrustedProxies(["10.0.0.1/32"])
    exchange = Exchange(
        app,
        request_ids=RequestIds(Numbered(), proxies),
        proxies=proxies,
        headers=SecurityHeaders("http://localhost:8000"),
        observer=Noted(),
        draining=Draining(),
    )
    for peer in ("10.0.0.1", "192.0.2.1"):
        await ask(exchange, scope_of(headers=[(b"client-cert", written(der))], client=(peer, 1)))
    assert seen == [(der, False), (None, False)]
