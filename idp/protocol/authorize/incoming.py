"""RFC 9126 section 4 and RFC 9101 section 5: which parameters of an authorization request count.

Those that were pushed, those of a request object, or those that simply came: this finds out once, when a request
arrives. What it returns is kept on this side, so that nobody changes it while the person signs in.
"""

from collections.abc import Mapping

from idp.domain.client import Client
from idp.ports.clients import Clients
from idp.protocol.authorize.check_target import check_client, check_redirect_uri, check_response
from idp.protocol.authorize.parameters import Pairs, RequestParameters
from idp.protocol.authorize.request import AuthorizationRefusedError, ResponseTarget
from idp.protocol.errors import (
    InvalidRequestError,
    OAuthError,
    RequestNotSupportedError,
    RequestUriNotSupportedError,
)
from idp.protocol.stored_requests import URN, StoredRequests


class IncomingRequests:
    """Reads requests where they come from."""

    def __init__(self, clients: Clients, stored: StoredRequests) -> None:
        self._clients = clients
        self._stored = stored

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
            raise RequestNotSupportedError
        return RequestParameters.understood({**values, "client_id": client.client_id}, resources)

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
        if "request" in values:
            raise RequestNotSupportedError
        if request_uri:
            raise RequestUriNotSupportedError
        return RequestParameters.understood(values, resources)


def _outer_target(client: Client, values: Mapping[str, str]) -> ResponseTarget | None:
    """Where a refusal may go before anything else is known: to a registered address, if one stands beside."""
    if values.get("request_uri", "").startswith(URN):
        return None
    try:
        target, refusal = check_response(values, check_redirect_uri(client, values))
    except OAuthError:
        return None
    return None if refusal else target
