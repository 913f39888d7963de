import pytest
from starlette.types import Receive, Scope, Send

from idp.web.edge.answers import send_answer
from idp.web.edge.cross_origin import for_browsers, for_everybody
from idp.web.edge.router import Route, Router
from tests.web.edge.asgi import Inbound, Outbound, scope_of

KNOWN = "https://app.example.vn"
COMMON = ((b"cache-control", b"no-store"),)
DOCUMENT = ((b"access-control-allow-origin", b"*"),)


async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send_answer(send, 400, COMMON, b"{}", b"application/json")


async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError


class Asked:
    """Knows one origin, and remembers who asked."""

    def __init__(self) -> None:
        self.origins: list[str] = []

    async def __call__(self, origin: str) -> bool:
        self.origins.append(origin)
        return origin == KNOWN


@pytest.fixture
def asked() -> Asked:
    return Asked()


async def call(asked: Asked, method: str, *origins: str, path: str = "/token") -> Outbound:
    routes = [
        for_browsers(Route("/token", "token", {"POST": answer}), asked, COMMON),
        for_everybody(Route("/jwks", "jwks", {"GET": answer}), DOCUMENT),
    ]
    outbound = Outbound()
    headers = [(b"origin", origin.encode()) for origin in origins]
    await Router(routes, nothing)(scope_of(method, path, headers=headers), Inbound([b""]), outbound)
    return outbound


def of_cors(outbound: Outbound) -> dict[str, str]:
    return {name: value for name, value in outbound.headers.items() if name.startswith("access-control")}


async def test_a_registered_origin_reads_answers_and_errors_and_the_nonce_in_them(asked: Asked) -> None:
    outbound = await call(asked, "POST", KNOWN)
    assert outbound.status == 400
    assert of_cors(outbound) == {
        "access-control-allow-origin": KNOWN,
        "access-control-expose-headers": "DPoP-Nonce, WWW-Authenticate",
    }
    assert outbound.headers["vary"] == "Origin"


async def test_a_preflight_names_methods_and_headers(asked: Asked) -> None:
    outbound = await call(asked, "OPTIONS", KNOWN)
    assert (outbound.status, outbound.body) == (204, b"")
    assert of_cors(outbound) == {
        "access-control-allow-origin": KNOWN,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "Authorization, Content-Type, DPoP",
        "access-control-max-age": "600",
    }
    assert outbound.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{KNOWN}.evil.example", f"{KNOWN}/", "", "\xff"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
async def test_another_origin_is_told_nothing(asked: Asked, method: str, origin: str) -> None:
    assert of_cors(await call(asked, method, origin)) == {}


async def test_two_origins_are_none(asked: Asked) -> None:
    assert of_cors(await call(asked, "POST", KNOWN, KNOWN)) == {}


async def test_credentials_are_never_allowed(asked: Asked) -> None:
    for method in ("POST", "OPTIONS"):
        assert "access-control-allow-credentials" not in (await call(asked, method, KNOWN)).headers


async def test_nobody_is_asked_about_a_request_without_an_origin(asked: Asked) -> None:
    assert of_cors(await call(asked, "POST")) == {}
    assert asked.origins == []


async def test_public_documents_are_for_everybody(asked: Asked) -> None:
    outbound = await call(asked, "OPTIONS", "https://anybody.example", path="/jwks")
    assert outbound.status == 204
    assert outbound.headers["access-control-allow-origin"] == "*"
    assert outbound.headers["access-control-allow-methods"] == "GET"
    assert asked.origins == []
