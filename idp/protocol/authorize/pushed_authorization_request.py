"""RFC 9126 section 2: the pushed authorization request endpoint."""

from asyncio import gather
from dataclasses import replace
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.events import Origin, RequestPushed
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.ports.audit import AuditTrail
from idp.protocol.authorize.incoming import IncomingRequests
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.authorize.pipeline import AuthorizationRequestValidator
from idp.protocol.authorize.request import AuthorizationRefusedError
from idp.protocol.authorize.stored_requests import LIFETIME, StoredRequests
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.clients.client_calls import ClientCalls, ClientRequest
from idp.protocol.errors import InvalidRequestError, OAuthError
from idp.protocol.senders.dpop import DpopProofs

ENDPOINT: Final = "par"

LONGEST_REQUEST: Final = 32_768
"""Characters of a pushed request, a client assertion and a signed and encrypted request object included."""


@dataclass(frozen=True, slots=True)
class PushResponse:
    """RFC 9126 section 2.2. `expires_in` is seconds; `client_id` is for the log, it does not leave."""

    client_id: ClientId
    request_uri: str
    expires_in: int

    def members(self) -> dict[str, Any]:
        """Return the members of the JSON object."""
        return {"request_uri": self.request_uri, "expires_in": self.expires_in}


class PushedAuthorizationEndpoint:
    """Takes authorization requests straight from clients, checks them whole, and keeps them."""

    def __init__(
        self,
        *,
        calls: ClientCalls,
        incoming: IncomingRequests,
        proofs: DpopProofs,
        validator: AuthorizationRequestValidator,
        stored: StoredRequests,
        trail: AuditTrail,
    ) -> None:
        self._calls = calls
        self._incoming = incoming
        self._proofs = proofs
        self._validator = validator
        self._stored = stored
        self._trail = trail

    async def __call__(self, request: ClientRequest) -> PushResponse:
        """Return the reference. Raises `OAuthError`, recorded, and `BusyError`: the client has too much in progress.

        RFC 9126 section 2: "The rules for client authentication as defined in [RFC6749] for token endpoint requests
        [...] apply for the PAR endpoint as well."
        """

        async def push(caller: AuthenticatedClient) -> PushResponse:
            return await self._keep(caller.client, await self._checked(caller, request), request.origin)

        return await self._calls.answer(ENDPOINT, request, push)

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a request that could not even be read."""
        await self._calls.refuse(ENDPOINT, error, origin)

    async def _checked(self, caller: AuthenticatedClient, request: ClientRequest) -> RequestParameters:
        # RFC 9126 section 2.1, step 3: "The authorization server MUST validate the pushed request as it would an
        # authorization request sent to the authorization endpoint."
        # The proof first: RFC 9449 section 8 has the client repeat the request with a nonce, the same request object in
        # it, whose `jti` is therefore still unspent when a nonce is all that is missing.
        proofs = request.possession.proofs
        proved = await self._proofs.verify(request.possession, caller.client.policy) if proofs else None
        # What public clients send too is kept for a while: little enough of it.
        if sum(len(name) + len(value) for name, value in request.parameters.items()) > LONGEST_REQUEST:
            raise InvalidRequestError("The request is too long.")
        incoming = await self._incoming.at_pushed_endpoint(caller.client, request.parameters, request.resources)
        parameters = _bound(incoming, proved) if proved is not None else incoming
        try:
            await self._validator.validate(parameters)
        except AuthorizationRefusedError as refused:
            raise refused.error from refused
        return parameters

    async def _keep(self, client: Client, parameters: RequestParameters, origin: Origin) -> PushResponse:
        event = RequestPushed(origin=origin, client_id=client.client_id)
        request_uri, _ = await gather(self._stored.push(client.client_id, parameters), self._trail.record(event))
        return PushResponse(client.client_id, request_uri, LIFETIME)


def _bound(parameters: RequestParameters, proved: str) -> RequestParameters:
    """The parameters, the code bound to the key of a DPoP proof."""
    # RFC 9449 section 10.1: "When both mechanisms are used at the same time, the authorization server MUST reject the
    # request if the JWK Thumbprint in the dpop_jkt parameter and the JWK Thumbprint of the public key in the DPoP
    # header do not match."
    if parameters.values.get("dpop_jkt", proved) != proved:
        raise InvalidRequestError("The dpop_jkt is not the thumbprint of the key in the DPoP proof.")
    return replace(parameters, values={**parameters.values, "dpop_jkt": proved})
