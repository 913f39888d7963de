import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from idp.domain.ids import RequestId
from idp.web.edge.answers import send_answer
from idp.web.edge.context import RequestContext, attach
from idp.web.edge.router import Route, Router
from tests.web.edge.asgi import Inbound, Outbound, ask, scope_of


def _says(text: bytes) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, 200, [], text, b"text/plain")

    return app


ROUTER = Router(
    [Route("/token", "token", {"POST": _says(b"token")}), Route("/userinfo", "userinfo", {"GET": _says(b"claims")})],
    fallback=_says(b"elsewhere"),
    headers=((b"cache-control", b"no-store"),),
)


async def test_a_known_path_and_method_reach_their_handler() -> None:
    assert (await ask(ROUTER, method="POST", path="/token")).body == b"token"
    assert (await ask(ROUTER, path="/userinfo")).body == b"claims"


@pytest.mark.parametrize("path", ["/", "/token/", "/Token", "//token", "/account"])
async def test_every_other_path_goes_on(path: str) -> None:
    assert (await ask(ROUTER, method="POST", path=path)).body == b"elsewhere"


async def test_another_method_is_refused_with_the_ones_allowed() -> None:
    refused = await ask(ROUTER, method="PUT", path="/userinfo")
    assert refused.status == 405
    assert refused.headers["allow"] == "GET, HEAD"
    assert refused.headers["cache-control"] == "no-store"
    assert (await ask(ROUTER, path="/token")).headers["allow"] == "POST"


async def test_head_has_the_headers_of_get_and_no_body() -> None:
    answer = await ask(ROUTER, method="HEAD", path="/userinfo")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "6")


async def test_lifespan_events_go_on() -> None:
    heard = []

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(scope["type"])

    await Router([], behind)({"type": "lifespan"}, Inbound([]), Outbound())
    assert heard == ["lifespan"]


async def test_the_route_is_named_for_the_log() -> None:
    scope = scope_of(path="/userinfo")
    context = RequestContext(RequestId("request-1"), "192.0.2.1")
    attach(scope, context)
    await ask(ROUTER, scope)
    assert context.route == "userinfo"


def test_two_routes_cannot_share_a_path() -> None:
    with pytest.raises(ValueError, match="/token"):
        Router([Route("/token", "a", {}), Route("/token", "b", {})], _says(b""))


async def test_what_is_not_always_answered_is_answered_within_limits() -> None:
    def limited(handler: ASGIApp) -> ASGIApp:
        return _says(b"limited")

    routes = [
        Route("/livez", "livez", {"GET": _says(b"alive")}, always=True),
        Route("/userinfo", "userinfo", {"GET": _says(b"claims")}),
    ]
    router = Router(routes, _says(b"elsewhere"), limited=limited)
    assert [(await ask(router, path=path)).body for path in ("/livez", "/userinfo", "/")] == [
        b"alive",
        b"limited",
        b"elsewhere",
    ]
