from starlette.types import ASGIApp, Receive, Scope, Send

from idp.web.edge.answers import send_answer
from idp.web.edge.deferred import Deferred
from tests.web.edge.asgi import Inbound, Outbound, scope_of


async def test_it_is_made_by_whoever_asks_first_and_once() -> None:
    made: list[str] = []

    def make() -> ASGIApp:
        made.append("application")

        async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send_answer(send, 200, (), b"", b"text/plain")

        return application

    deferred = Deferred(make)
    assert made == []
    for _ in range(2):
        outbound = Outbound()
        await deferred(scope_of(), Inbound([]), outbound)
        assert outbound.status == 200
    assert made == ["application"]
