"""A visit to a page that stands on its own, without the rest of the application."""

from starlette.types import Scope

from idp.domain.ids import RequestId
from idp.web.edge.context import RequestContext, attach
from idp.web.pages.visit import Reception, Visit
from tests.web.edge.asgi import Inbound, scope_of


def attended(method: str = "GET", path: str = "/", query: bytes = b"", *headers: tuple[bytes, bytes]) -> Scope:
    """A request as it comes through the edge."""
    scope = scope_of(method, path, query=query, headers=headers)
    attach(scope, RequestContext(RequestId("request-1"), "192.0.2.1"))
    return scope


def visit_of(
    reception: Reception,
    method: str = "GET",
    path: str = "/",
    query: bytes = b"",
    *headers: tuple[bytes, bytes],
    body: bytes = b"",
) -> Visit:
    """The visit that such a request makes."""
    return reception.receive(attended(method, path, query, *headers), Inbound([body]))
