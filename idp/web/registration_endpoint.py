"""Dynamic registration as plain ASGI handlers (RFC 7591 section 3, RFC 7592 section 2): JSON in, JSON out."""

import json
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope

from idp.domain.events import Origin
from idp.ports.keys import SubjectKeys
from idp.protocol.errors import OAuthError, TemporarilyUnavailableError
from idp.protocol.registration.information import REGISTRATION_PATH
from idp.protocol.registration.manage import ClientConfigurationEndpoint, ConfigurationRequest
from idp.protocol.registration.register import (
    ClientRegistrationEndpoint,
    RegistrationRequest,
)
from idp.protocol.senders.bearer import NoTokenError
from idp.web.edge.body import header, read_body, read_query
from idp.web.edge.context import request_context
from idp.web.edge.headers import Headers, SecurityHeaders
from idp.web.edge.refusals import MalformedRequest, UnsupportedMediaType
from idp.web.edge.router import Route
from idp.web.machine_endpoint import Handle, Refusing, machine_endpoint
from idp.web.responses import ProtocolAnswer, json_answer

_CREATED: Final = 201
_NO_CONTENT: Final = 204
_UNAUTHORIZED: Final = 401


class RegistrationChallenge:
    """Errors of both endpoints: RFC 7591 section 3.2.2 as JSON, RFC 6750 section 3 where a token is missing or bad."""

    def __init__(self, issuer: str) -> None:
        self._realm = f'Bearer realm="{issuer}"'

    def answer(self, error: OAuthError) -> ProtocolAnswer:
        """Return the answer."""
        headers: Headers = ()
        if error.status == _UNAUTHORIZED:
            told = "" if isinstance(error, NoTokenError) else f', error="{error.code}"'
            headers = ((b"www-authenticate", f"{self._realm}{told}".encode("ascii")),)
        elif isinstance(error, TemporarilyUnavailableError):
            headers = ((b"retry-after", str(error.retry_after).encode()),)
        members = {"error": error.code, "error_description": error.description}
        body = json_answer(members, status=error.status)
        return ProtocolAnswer(body.status, body.body, body.content_type, headers)


def registration_route(
    register: ClientRegistrationEndpoint,
    manage: ClientConfigurationEndpoint,
    issuer: str,
    keys: SubjectKeys,
    security: SecurityHeaders,
) -> Route:
    """Return the route: POST registers, and with `client_id` in the query GET, PUT and DELETE manage a registration."""
    handlers = _Handlers(register, manage)
    challenge = RegistrationChallenge(issuer)

    def endpoint(handle: Handle, refusing: Refusing) -> ASGIApp:
        return machine_endpoint(handle, refusing, challenge, keys, security.protocol)

    return Route(
        REGISTRATION_PATH,
        "registration",
        {
            "POST": endpoint(handlers.register, register),
            "GET": endpoint(handlers.read, manage),
            "PUT": endpoint(handlers.update, manage),
            "DELETE": endpoint(handlers.delete, manage),
        },
    )


class _Handlers:
    """One method for each of the four."""

    def __init__(self, register: ClientRegistrationEndpoint, manage: ClientConfigurationEndpoint) -> None:
        self._register = register
        self._manage = manage

    async def register(self, scope: Scope, receive: Receive, origin: Origin) -> ProtocolAnswer:
        metadata = await read_json_object(scope, receive)
        response = await self._register(RegistrationRequest(header(scope, b"authorization"), metadata, origin))
        request_context(scope).client_id = response.client_id
        # RFC 7591 section 3.2.1: "an HTTP 201 Created status code".
        return json_answer(response.members, status=_CREATED)

    async def read(self, scope: Scope, _receive: Receive, origin: Origin) -> ProtocolAnswer:
        response = await self._manage.read(_request(scope, origin, {}))
        request_context(scope).client_id = response.client_id
        return json_answer(response.members)

    async def update(self, scope: Scope, receive: Receive, origin: Origin) -> ProtocolAnswer:
        metadata = await read_json_object(scope, receive)
        response = await self._manage.update(_request(scope, origin, metadata))
        request_context(scope).client_id = response.client_id
        return json_answer(response.members)

    async def delete(self, scope: Scope, _receive: Receive, origin: Origin) -> ProtocolAnswer:
        request_context(scope).client_id = await self._manage.delete(_request(scope, origin, {}))
        # RFC 7592 section 2.3: "an HTTP 204 No Content message".
        return ProtocolAnswer(_NO_CONTENT)


def _request(scope: Scope, origin: Origin, metadata: dict[str, Any]) -> ConfigurationRequest:
    client_id = read_query(scope).get("client_id", "")
    return ConfigurationRequest(header(scope, b"authorization"), client_id, origin, metadata)


async def read_json_object(scope: Scope, receive: Receive) -> dict[str, Any]:
    """Return the JSON object of a body. Raises `RefusedRequest` for anything else, repeated names among it."""
    kind, _, _ = (header(scope, b"content-type") or "").partition(";")
    if kind.strip().lower() != "application/json":
        raise UnsupportedMediaType("The request body must be application/json.")
    try:
        document = json.loads(
            (await read_body(scope, receive)).decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        raise MalformedRequest("The request body is no JSON object.") from None
    if not isinstance(document, dict):
        raise MalformedRequest("The request body is no JSON object.")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs) or any("\0" in name for name in members):
        raise ValueError("repeated name")
    return members


def _refuse_constant(name: str) -> float:
    raise ValueError(name)
