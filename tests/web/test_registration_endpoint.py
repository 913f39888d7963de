import json
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from idp.domain.ids import RequestId
from idp.web.edge.context import RequestContext, attach, request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.router import Router
from idp.web.registration_endpoint import registration_route
from tests.protocol.registration.registrar import REDIRECT, Registrar
from tests.protocol.world import ISSUER, World
from tests.web.edge.asgi import Inbound, Outbound, scope_of

METADATA = json.dumps({"redirect_uris": [REDIRECT]}).encode()
JSON = (b"content-type", b"application/json")


class Endpoint:
    """The route, as the edge calls it."""

    def __init__(self, world: World) -> None:
        self.registrar = Registrar(world)
        security = SecurityHeaders(ISSUER)
        route = registration_route(
            self.registrar.register_endpoint, self.registrar.manage_endpoint, ISSUER, world.keys, security
        )

        async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
            raise AssertionError

        self.application = Router([route], nothing, security.protocol)
        self.noted: str | None = None

    async def call(
        self, method: str, body: bytes = b"", token: str | None = None, client_id: str = "", kind: bytes = JSON[1]
    ) -> Outbound:
        headers: list[tuple[bytes, bytes]] = [(b"content-type", kind)]
        if token is not None:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        query = f"client_id={client_id}".encode() if client_id else b""
        scope = scope_of(method, "/register", query=query, headers=tuple(headers))
        attach(scope, RequestContext(RequestId("r"), "192.0.2.1"))
        outbound = Outbound()
        await self.application(scope, Inbound([body]), outbound)
        self.noted = request_context(scope).client_id
        return outbound

    async def registered(self) -> dict[str, Any]:
        outbound = await self.call("POST", METADATA, await self.registrar.token())
        assert outbound.status == 201
        members: dict[str, Any] = json.loads(outbound.body)
        return members


@pytest.fixture
def endpoint(world: World) -> Endpoint:
    return Endpoint(world)


async def test_a_registration_is_answered_201_as_json_that_nobody_stores(endpoint: Endpoint) -> None:
    outbound = await endpoint.call("POST", METADATA, await endpoint.registrar.token())
    assert outbound.status == 201
    assert outbound.headers["content-type"] == "application/json"
    assert outbound.headers["cache-control"] == "no-store"
    assert outbound.headers["pragma"] == "no-cache"
    assert endpoint.noted == json.loads(outbound.body)["client_id"]


async def test_a_registration_is_read_changed_and_deleted_at_its_own_address(endpoint: Endpoint) -> None:
    members = await endpoint.registered()
    client_id, token = members["client_id"], members["registration_access_token"]
    read = await endpoint.call("GET", token=token, client_id=client_id)
    assert (read.status, json.loads(read.body)["client_id"]) == (200, client_id)
    told = {"client_id": client_id, "redirect_uris": [REDIRECT], "client_name": "Mới"}
    changed = await endpoint.call("PUT", json.dumps(told).encode(), token, client_id)
    assert (changed.status, json.loads(changed.body)["client_name"]) == (200, "Mới")
    endpoint.registrar.world.clock.seconds += 1
    gone = await endpoint.call("DELETE", token=token, client_id=client_id)
    assert (gone.status, gone.body) == (204, b"")
    endpoint.registrar.world.clock.seconds += 1
    assert (await endpoint.call("GET", token=token, client_id=client_id)).status == 401


async def test_without_a_token_the_challenge_tells_no_error(endpoint: Endpoint) -> None:
    for method in ("POST", "GET", "PUT", "DELETE"):
        outbound = await endpoint.call(method, METADATA)
        assert outbound.status == 401
        assert outbound.headers["www-authenticate"] == f'Bearer realm="{ISSUER}"'


async def test_a_bad_token_is_told_in_the_challenge(endpoint: Endpoint) -> None:
    for method in ("POST", "GET", "PUT", "DELETE"):
        outbound = await endpoint.call(method, METADATA, "x" * 43, "nobody")
        assert outbound.status == 401
        assert outbound.headers["www-authenticate"] == f'Bearer realm="{ISSUER}", error="invalid_token"'
        assert json.loads(outbound.body)["error"] == "invalid_token"


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"redirect_uris": [f"{REDIRECT}#fragment"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [REDIRECT], "initiate_login_uri": "http://rp.example.vn/"}, "invalid_client_metadata"),
        ({"redirect_uris": [REDIRECT], "software_statement": "a.b.c"}, "invalid_software_statement"),
    ],
)
async def test_errors_have_the_codes_of_the_specification(
    endpoint: Endpoint, metadata: dict[str, Any], code: str
) -> None:
    outbound = await endpoint.call("POST", json.dumps(metadata).encode(), await endpoint.registrar.token())
    # RFC 7591 section 3.2.2: "an HTTP 400 status code".
    assert outbound.status == 400
    assert json.loads(outbound.body)["error"] == code
    assert json.loads(outbound.body)["error_description"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (METADATA, b"application/x-www-form-urlencoded"),
        (METADATA, b""),
        (b"", JSON[1]),
        (b"[]", JSON[1]),
        (b"null", JSON[1]),
        (b"{", JSON[1]),
        (b"\xff{}", JSON[1]),
        (b'{"a": NaN}', JSON[1]),
        (b'{"a": 1, "a": 2}', JSON[1]),
        (b'{"a": {"b": 1, "b": 2}}', JSON[1]),
        (b"[" * 60_000, JSON[1]),
        (b'{"a": "' + b"x" * 70_000 + b'"}', JSON[1]),
    ],
)
async def test_what_cannot_be_read_is_refused_without_a_fault(endpoint: Endpoint, body: bytes, kind: bytes) -> None:
    outbound = await endpoint.call("POST", body, await endpoint.registrar.token(), kind=kind)
    assert outbound.status in {400, 413}
    assert json.loads(outbound.body)["error"] == "invalid_request"


async def test_a_charset_beside_the_type_does_no_harm(endpoint: Endpoint) -> None:
    token = await endpoint.registrar.token()
    outbound = await endpoint.call("POST", METADATA, token, kind=b"application/json; charset=UTF-8")
    assert outbound.status == 201


async def test_other_methods_are_not_answered(endpoint: Endpoint) -> None:
    outbound = await endpoint.call("PATCH", METADATA)
    assert outbound.status == 405
    assert set(outbound.headers["allow"].split(", ")) == {"DELETE", "GET", "HEAD", "POST", "PUT"}


async def test_too_many_changes_are_told_when_to_come_again(endpoint: Endpoint) -> None:
    members = await endpoint.registered()
    told = {"client_id": members["client_id"], "redirect_uris": [REDIRECT]}
    token, client_id = members["registration_access_token"], members["client_id"]
    for _ in range(20):
        assert (await endpoint.call("PUT", json.dumps(told).encode(), token, client_id)).status == 200
    answer = await endpoint.call("PUT", json.dumps(told).encode(), token, client_id)
    assert (answer.status, json.loads(answer.body)["error"]) == (429, "temporarily_unavailable")
    assert answer.headers["retry-after"] == "30"
