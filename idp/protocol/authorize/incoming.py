"""RFC 9126 section 4 and RFC 9101 section 5: which parameters of an authorization request count.

Those that were pushed, those of a request object, or those that simply came: this finds out once, when a request
arrives. What it returns is kept on this side, so that nobody changes it while the person signs in.
"""

from collections.abc import Mapping
from dataclasses import replace

from idp.domain.clients.client import Client
from idp.ports.clients import Clients
from idp.protocol.authorize.check_target import check_client, check_redirect_uri, check_response
from idp.protocol.authorize.parameters import Pairs, RequestParameters
from idp.protocol.authorize.request import AuthorizationRefusedError, ResponseTarget
from idp.protocol.authorize.request_object import RequestObjects
from idp.protocol.authorize.request_uri import RequestReferences
from idp.protocol.authorize.stored_requests import URN, StoredRequests
from idp.protocol.claims.scopes import OPENID
from idp.protocol.errors import (
    InvalidRequestError,
    OAuthError,
    RequestNotSupportedError,
    RequestUriNotSupportedError,
)


class IncomingRequests:
    """Reads requests where they come from."""

    def __init__(
        self, clients: Clients, stored: StoredRequests, objects: RequestObjects, references: RequestReferences
    ) -> None:
        self._clients = clients
        self._stored = stored
        self._objects = objects
        self._references = references

    async def at_authorization_endpoint(
        self, values: Mapping[str, str], resources: tuple[str, ...]
    ) -> RequestParameters:
        """The parameters that count, unchecked. Raises `AuthorizationRefusedError`."""
        try:
            client = await check_client(self._clients, values)
        except OAuthError as error:
            raise AuthorizationRefusedError(error) from error
        try:
            return await self._counting(client, values, resources)
        except OAuthError as error:
            raise AuthorizationRefusedError(error, _outer_target(client, values), client) from error

    async def at_pushed_endpoint(
        self, client: Client, values: Mapping[str, str], resources: tuple[str, ...]
    ) -> RequestParameters:
        """The parameters that an authenticated client pushes, unchecked. Raises `OAuthError`."""
        # RFC 9126 section 2.1, step 2: "Reject the request if the request_uri authorization request parameter is
        # provided."
        if "request_uri" in values:
            raise InvalidRequestError("A pushed request must not contain a request_uri.")
        if values.get("client_id", client.client_id) != client.client_id:
            raise InvalidRequestError("The client_id is not the one that authenticated.")
        if "request" in values:
            # RFC 9126 section 3: all parameters stand within the object, beside it those that authenticate the client.
            return _completed(client, await self._objects.open(client, values["request"]))
        _require_unsigned_allowed(client)
        return _completed(client, RequestParameters.understood(values, resources))

    async def keep_posted(self, pairs: Pairs) -> str:
        """Keep a request that came as a form over one redirect; the name that it is taken by."""
        return await self._stored.keep_posted(pairs)

    async def take_posted(self, name: str) -> Pairs | None:
        """The request that was posted, once."""
        return await self._stored.take_posted(name)

    async def _counting(
        self, client: Client, values: Mapping[str, str], resources: tuple[str, ...]
    ) -> RequestParameters:
        request_uri = values.get("request_uri", "")
        if request_uri.startswith(URN):
            # RFC 9126 section 4 with RFC 9101 section 6.3: only what was pushed is used, whatever else comes along.
            return await self._stored.open(request_uri, client.client_id)
        if client.must_push_requests:
            # RFC 9126 section 5, require_pushed_authorization_requests; FAPI 2.0 section 5.3.2.2 item 3: "shall reject
            # authorization requests sent without" a pushed request.
            raise InvalidRequestError("This client must push its authorization requests.")
        outer = RequestParameters.understood(values, resources)
        if "request" in values and request_uri:
            # RFC 9101 section 5: "a client MUST NOT use the request and request_uri parameters together".
            raise InvalidRequestError("The parameters request and request_uri exclude each other.")
        if "request" in values:
            return _combined(client, outer, await self._objects.open(client, values["request"]))
        if request_uri:
            return _combined(client, outer, await self._by_reference(client, request_uri))
        _require_unsigned_allowed(client)
        return outer

    async def _by_reference(self, client: Client, request_uri: str) -> RequestParameters:
        try:
            return await self._objects.open(client, await self._references.fetch(client, request_uri))
        except RequestNotSupportedError as error:
            raise RequestUriNotSupportedError(error.description) from error


def _require_unsigned_allowed(client: Client) -> None:
    # RFC 9101 section 10.5, require_signed_request_object: "the server MUST reject any request from the client that
    # does not conform".
    if client.signs_requests_only:
        raise InvalidRequestError("This client must sign its authorization requests.")


def _completed(client: Client, parameters: RequestParameters) -> RequestParameters:
    """The parameters with the client's identifier, which its authentication may have told alone."""
    return replace(parameters, values={**parameters.values, "client_id": client.client_id})


def _combined(client: Client, outer: RequestParameters, signed: RequestParameters) -> RequestParameters:
    """What counts of a request object and the parameters beside it."""
    if not client.merges_request_objects or OPENID not in outer.values.get("scope", "").split():
        # RFC 9101 section 6.3: "The authorization server MUST only use the parameters in the Request Object, even if
        # the same parameter is provided in the query parameter."
        return _completed(client, signed)
    # OpenID Connect Core section 6.1: "The values for the response_type and client_id parameters MUST be included using
    # the OAuth 2.0 request syntax"; "they MUST match those in the Request Object, if present".
    response_type = outer.values.get("response_type")
    if signed.values.get("response_type", response_type) != response_type:
        raise InvalidRequestError("The response_type differs from the one in the request object.")
    # "When the request parameter is used, the OpenID Connect request parameter values contained in the JWT supersede
    # those passed using the OAuth 2.0 request syntax."
    return RequestParameters({**outer.values, **signed.values}, signed.resources or outer.resources)


def _outer_target(client: Client, values: Mapping[str, str]) -> ResponseTarget | None:
    """Where a refusal may go before anything else is known: to a registered address, if one stands beside."""
    if values.get("request_uri", "").startswith(URN):
        return None
    try:
        target, refusal = check_response(values, check_redirect_uri(client, values))
    except OAuthError:
        return None
    return None if refusal else target
