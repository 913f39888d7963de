import pytest
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from idp.web.edge.answers import send_answer
from idp.web.edge.page_routes import PageRoutes
from tests.web.edge.asgi import ask


class _Says:
    """An application that tells its name and what the path gave it."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = ",".join(f"{name}={value}" for name, value in scope.get("path_params", {}).items())
        await send_answer(send, 200, [], f"{self._name} {given}".strip().encode(), b"text/plain")


PAGES = PageRoutes(
    [
        Route("/", _Says("front")),
        Route("/sign-in/{attempt_id}", _Says("sign in")),
        Route("/sign-in/{attempt_id}/otp", _Says("code")),
        Route("/account/closed", _Says("closed")),
        Route("/account/{part}", _Says("part")),
    ],
    fallback=_Says("elsewhere"),
    nothing=_Says("nothing"),
)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", b"front"),
        ("/sign-in/one", b"sign in attempt_id=one"),
        ("/sign-in/one/otp", b"code attempt_id=one"),
        ("/account/closed", b"closed"),
        ("/account/data", b"part part=data"),
    ],
)
async def test_a_page_is_found_by_its_path_the_earlier_route_first(path: str, answer: bytes) -> None:
    assert (await ask(PAGES, path=path)).body == answer
    assert (await ask(PAGES, method="POST", path=path)).body == answer


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/", "/sign-in/one/", "/sign-in/one/two/three", "/api", "//", ""])
async def test_every_other_path_goes_on(path: str) -> None:
    assert (await ask(PAGES, path=path)).body == b"elsewhere"


@pytest.mark.parametrize("path", ["/sign-in/\0", "/api/admin/locks/accounts/\0/end-own", "/\0"])
async def test_nothing_is_at_a_path_with_nul_of_pages_and_apis_alike(path: str) -> None:
    assert (await ask(PAGES, path=path)).body == b"nothing"


async def test_what_is_no_request_goes_on() -> None:
    heard: list[str] = []

    async def fallback(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(scope["type"])

    async def nothing(_message: object = None) -> dict[str, str]:
        return {"type": "lifespan.startup"}

    application: ASGIApp = PageRoutes([], fallback, fallback)
    await application({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]
    assert heard == ["lifespan"]


def test_no_page_begins_with_a_parameter() -> None:
    with pytest.raises(ValueError, match=r"\{name\}"):
        PageRoutes([Route("/{name}/x", _Says("any"))], _Says("elsewhere"), _Says("nothing"))
