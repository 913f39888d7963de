import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from idp.domain.ids import RequestId
from idp.protocol.resources.protected_resource import ProtectedResourceMetadata
from idp.protocol.tokens.introspection_jwt import MEDIA_TYPE
from idp.web.edge.context import RequestContext, attach, request_context
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.router import Router
from idp.web.oauth import OAuthEndpoints, oauth_routes
from tests.protocol.world import API, ISSUER, PORTAL, World, basic, redemption
from tests.web.edge.asgi import Inbound, Outbound, scope_of

FORM = (b"content-type", b"application/x-www-form-urlencoded")
PORTAL_HEADERS = (FORM, (b"authorization", basic().encode()))


def application(world: World) -> ASGIApp:
    endpoints = OAuthEndpoints(
        issuer=ISSUER,
        token=world.token_endpoint,
        userinfo=world.userinfo_endpoint,
        introspection=world.introspection_endpoint,
        revocation=world.revocation_endpoint,
        metadata=world.metadata,
        resource=ProtectedResourceMetadata(ISSUER, world.signer),
        signer=world.signer,
        keys=world.keys,
    )
    security = SecurityHeaders(ISSUER)

    async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError

    return Router(oauth_routes(endpoints, security), nothing, security.protocol)


async def call(
    world: World,
    method: str,
    path: str,
    body: bytes | dict[str, str] | list[tuple[str, str]] = b"",
    headers: tuple[tuple[bytes, bytes], ...] = (),
    query: bytes = b"",
) -> Outbound:
    scope = scope_of(method, path, query=query, headers=headers)
    attach(scope, RequestContext(RequestId("r"), "192.0.2.1"))
    outbound = Outbound()
    raw = body if isinstance(body, bytes) else urlencode(body).encode()
    await application(world)(scope, Inbound([raw]), outbound)
    return outbound


def members(outbound: Outbound) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(outbound.body)
    return parsed


async def tokens(world: World) -> dict[str, Any]:
    return members(await call(world, "POST", "/token", redemption(await world.code()), PORTAL_HEADERS))


async def test_a_token_response_is_json_that_nobody_stores(world: World) -> None:
    outbound = await call(world, "POST", "/token", redemption(await world.code()), PORTAL_HEADERS)
    assert outbound.status == 200
    assert outbound.headers["cache-control"] == "no-store"
    assert outbound.headers["pragma"] == "no-cache"
    assert outbound.headers["content-type"] == "application/json"
    assert members(outbound).keys() == {
        *("access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token")
    }
    assert members(outbound)["token_type"] == "Bearer"


async def test_the_log_learns_which_client_it_was(world: World) -> None:
    scope = scope_of("POST", "/token", headers=PORTAL_HEADERS)
    attach(scope, RequestContext(RequestId("r"), "192.0.2.1"))
    body = urlencode(redemption(await world.code())).encode()
    await application(world)(scope, Inbound([body]), Outbound())
    assert request_context(scope).client_id == "portal"
    again = scope_of("POST", "/token", headers=PORTAL_HEADERS)
    attach(again, RequestContext(RequestId("r"), "192.0.2.1"))
    await application(world)(again, Inbound([body]), Outbound())
    assert (request_context(again).client_id, request_context(again).outcome) == ("portal", "invalid_grant")


async def test_the_log_learns_which_client_asked_about_a_token(world: World) -> None:
    issued = await tokens(world)
    bearer = (b"authorization", f"Bearer {issued['access_token']}".encode())
    for method, path, body, headers in (
        ("GET", "/userinfo", {}, (bearer,)),
        ("POST", "/introspect", {"token": issued["access_token"]}, PORTAL_HEADERS),
        ("POST", "/revoke", {"token": issued["refresh_token"]}, PORTAL_HEADERS),
    ):
        context = await seen(world, method, path, body, headers)
        assert (context.client_id, context.outcome) == ("portal", "")
    for path in ("/introspect", "/revoke"):
        context = await seen(world, "POST", path, {}, PORTAL_HEADERS)
        assert (context.client_id, context.outcome) == ("portal", "invalid_request")


async def test_a_client_identifier_that_nobody_registered_is_not_noted(world: World) -> None:
    headers = (FORM, (b"authorization", basic("nobody", "secret").encode()))
    for path in ("/token", "/introspect", "/revoke"):
        context = await seen(world, "POST", path, {"token": "x"}, headers)
        assert (context.client_id, context.outcome) == (None, "invalid_client")
    assert (await seen(world, "POST", "/token", {}, ((b"content-type", b"text/csv"),))).outcome == "invalid_request"


async def seen(
    world: World, method: str, path: str, body: dict[str, str], headers: tuple[tuple[bytes, bytes], ...]
) -> RequestContext:
    scope = scope_of(method, path, headers=headers)
    attach(scope, RequestContext(RequestId("r"), "192.0.2.1"))
    await application(world)(scope, Inbound([urlencode(body).encode()]), Outbound())
    return request_context(scope)


async def test_the_source_of_a_request_is_audited_as_a_pseudonym(world: World) -> None:
    await tokens(world)
    (event,) = await world.audited("tokens.issued")
    assert event["request_id"] == "r"
    assert event["source"] == world.keys.pseudonym("192.0.2.1")


async def test_request_parameters_must_not_be_repeated(world: World) -> None:
    body = [*redemption(await world.code()).items(), ("grant_type", "refresh_token")]
    outbound = await call(world, "POST", "/token", body, PORTAL_HEADERS)
    assert (outbound.status, members(outbound)["error"]) == (400, "invalid_request")
    (event,) = await world.audited("tokens.refused")
    assert event["error"] == "invalid_request"


async def test_a_resource_may_be_repeated(world: World) -> None:
    code = await world.code(world.grant(scopes=("openid", "dossier.read")))
    body = [*redemption(code).items(), ("resource", API), ("resource", API)]
    outbound = await call(world, "POST", "/token", body, PORTAL_HEADERS)
    assert world.claims(members(outbound)["access_token"])["aud"] == API


async def test_unknown_parameters_are_ignored(world: World) -> None:
    body = redemption(await world.code()) | {"unknown": "x", "audience": "y"}
    assert (await call(world, "POST", "/token", body, PORTAL_HEADERS)).status == 200


@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke"])
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param(b'{"grant_type":"client_credentials"}', b"application/json", 400, id="JSON"),
        pytest.param(b"grant_type=%zz", FORM[1], 400, id="broken escape"),
        pytest.param(b"grant_type=%ff", FORM[1], 400, id="not UTF-8"),
        pytest.param(b"grant_type=a%00b", FORM[1], 400, id="null"),
        pytest.param(b"a=" + b"x" * 70_000, FORM[1], 413, id="too large"),
        pytest.param(b"", FORM[1], 401, id="empty"),
    ],
)
async def test_what_cannot_be_read_is_refused_without_a_fault(
    world: World, path: str, body: bytes, content_type: bytes, status: int
) -> None:
    outbound = await call(world, "POST", path, body, ((b"content-type", content_type),))
    assert outbound.status == status
    assert members(outbound)["error"] in {"invalid_request", "invalid_client"}
    assert outbound.headers["cache-control"] == "no-store"


async def test_a_repeated_authorization_header_is_refused(world: World) -> None:
    headers = (*PORTAL_HEADERS, PORTAL_HEADERS[1])
    outbound = await call(world, "POST", "/token", redemption(await world.code()), headers)
    assert (outbound.status, members(outbound)["error"]) == (400, "invalid_request")


async def test_several_lines_of_accepted_media_types_are_one_list(world: World) -> None:
    headers = (*PORTAL_HEADERS, (b"accept", b"application/json;q=0.5"), (b"accept", MEDIA_TYPE.encode()))
    outbound = await call(world, "POST", "/introspect", {"token": "x"}, headers)
    assert (outbound.status, outbound.headers["content-type"]) == (200, MEDIA_TYPE)


async def test_a_failed_client_authentication_must_be_challenged(world: World) -> None:
    headers = (FORM, (b"authorization", basic(secret="wrong").encode()))
    for path in ("/token", "/introspect", "/revoke"):
        outbound = await call(world, "POST", path, {"token": "x"}, headers)
        assert (outbound.status, members(outbound)["error"]) == (401, "invalid_client")
        assert outbound.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", ["/token", "/introspect", "/revoke"])
async def test_machines_post(world: World, path: str) -> None:
    outbound = await call(world, "GET", path, query=b"grant_type=client_credentials")
    assert (outbound.status, outbound.headers["allow"]) == (405, "POST")


async def test_userinfo_answers_get_and_both_kinds_of_post(world: World) -> None:
    token = (await tokens(world))["access_token"]
    header = (b"authorization", f"Bearer {token}".encode())
    answers = [
        await call(world, "GET", "/userinfo", headers=(header,)),
        await call(world, "POST", "/userinfo", headers=(header,)),
        await call(world, "POST", "/userinfo", {"x": "y"}, headers=(header, FORM)),
        await call(world, "POST", "/userinfo", {"access_token": token}, (FORM,)),
    ]
    assert {outbound.status for outbound in answers} == {200}
    assert len({outbound.body for outbound in answers}) == 1
    assert answers[0].headers["cache-control"] == "no-store"


async def test_a_signed_userinfo_answer_is_a_jwt(world: World) -> None:
    await world.save(replace(PORTAL, userinfo_signed_response_alg="ES256"))
    token = (await tokens(world))["access_token"]
    outbound = await call(world, "GET", "/userinfo", headers=((b"authorization", f"Bearer {token}".encode()),))
    assert outbound.headers["content-type"] == "application/jwt"
    assert world.claims(outbound.body.decode())["aud"] == "portal"


async def test_userinfo_without_a_token_is_challenged_without_an_error(world: World) -> None:
    outbound = await call(world, "GET", "/userinfo")
    assert (outbound.status, outbound.body) == (401, b"")
    # RFC 9728 section 5.1: the challenge leads to the metadata of the resource.
    metadata = f'resource_metadata="{ISSUER}/.well-known/oauth-protected-resource"'
    dpop = f'DPoP realm="{ISSUER}", algs="ES256 EdDSA Ed25519 PS256", {metadata}'
    assert outbound.headers["www-authenticate"] == f'Bearer realm="{ISSUER}", {metadata}, {dpop}'


async def test_a_token_in_the_query_string_is_refused(world: World) -> None:
    token = (await tokens(world))["access_token"]
    outbound = await call(world, "GET", "/userinfo", query=f"access_token={token}".encode())
    assert (outbound.status, members(outbound)["error"]) == (400, "invalid_request")


async def test_a_token_that_is_garbage_is_refused(world: World) -> None:
    for garbage in (b"Bearer x", b"Bearer \xff\xfe", b"Bearer " + b"a." * 3000):
        outbound = await call(world, "GET", "/userinfo", headers=((b"authorization", garbage),))
        assert (outbound.status, members(outbound)["error"]) == (401, "invalid_token")
        assert outbound.headers["www-authenticate"].startswith("Bearer ")


async def test_a_long_query_is_refused(world: World) -> None:
    outbound = await call(world, "GET", "/userinfo", query=b"a=" + b"x" * 20_000)
    assert outbound.status == 414


async def test_introspection_answers_json(world: World) -> None:
    token = (await tokens(world))["access_token"]
    outbound = await call(world, "POST", "/introspect", {"token": token}, PORTAL_HEADERS)
    assert (outbound.status, members(outbound)["active"]) == (200, True)
    outbound = await call(world, "POST", "/introspect", {"token": "x"}, PORTAL_HEADERS)
    assert members(outbound) == {"active": False}


async def test_revocation_answers_an_empty_200(world: World) -> None:
    token = (await tokens(world))["refresh_token"]
    for body in ({"token": token}, {"token": "unknown"}):
        outbound = await call(world, "POST", "/revoke", body, PORTAL_HEADERS)
        assert (outbound.status, outbound.body) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks"]
)
async def test_documents_are_public_and_readable_from_any_origin(world: World, path: str) -> None:
    outbound = await call(world, "GET", path)
    assert outbound.status == 200
    assert outbound.headers["access-control-allow-origin"] == "*"
    assert outbound.headers["cache-control"] == "public, max-age=300"
    assert members(outbound)
    assert (await call(world, "HEAD", path)).headers["content-length"] == str(len(outbound.body))


async def test_both_metadata_documents_are_the_same(world: World) -> None:
    first = await call(world, "GET", "/.well-known/openid-configuration")
    second = await call(world, "GET", "/.well-known/oauth-authorization-server")
    assert first.body == second.body


async def test_the_key_set_shows_distinct_public_keys(world: World) -> None:
    keys = members(await call(world, "GET", "/jwks"))["keys"]
    assert len({key["kid"] for key in keys}) == len(keys) >= 2
    assert not any(key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"} for key in keys)
    assert {key["kty"] for key in keys} <= {"RSA", "EC"}
