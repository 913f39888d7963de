"""RFC 6749 section 3.2: the token endpoint."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol, TypeVar

from idp.domain.clients.client import Client
from idp.domain.events import Origin, TokenRefused
from idp.domain.grants.confirmation import Confirmation
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.protocol.clients.client_authentication import AuthenticatedClient, ClientAuthentication
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.errors import InvalidRequestError, OAuthError, UnauthorizedClientError, UnsupportedGrantTypeError
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.senders.possession import NOTHING_SHOWN, Possession
from idp.protocol.senders.sender_constraint import SenderConstraints

ENDPOINT: Final = "token"

Validated = TypeVar("Validated")


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What was posted: every parameter once, `resource` apart because it may be repeated (RFC 8707 section 2).

    `possession` is what the sender showed of its keys, `confirmation` what it proved of them: the endpoint sets it, and
    the grants bind their tokens to it.
    """

    parameters: Mapping[str, str]
    resources: tuple[str, ...]
    authorization: str | None
    origin: Origin
    possession: Possession = NOTHING_SHOWN
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """RFC 6749 section 5.1. `expires_in` is seconds; `client_id` is for the log, it does not leave.

    `authorization_details` as granted (RFC 9396 section 7); `issued_token_type` is for exchanged tokens (RFC 8693
    section 2.2.1).
    """

    client_id: ClientId
    access_token: str
    expires_in: int
    scopes: tuple[str, ...]
    refresh_token: str | None = None
    id_token: str | None = None
    token_type: str = "Bearer"
    authorization_details: tuple[dict[str, Any], ...] = ()
    issued_token_type: str | None = None

    def members(self) -> dict[str, Any]:
        """Return the members of the JSON object."""
        members: dict[str, Any] = {
            "access_token": self.access_token,
            "token_type": self.token_type,
            "expires_in": self.expires_in,
        }
        if self.scopes:
            members["scope"] = " ".join(self.scopes)
        if self.refresh_token is not None:
            members["refresh_token"] = self.refresh_token
        if self.id_token is not None:
            members["id_token"] = self.id_token
        if self.authorization_details:
            members["authorization_details"] = self.authorization_details
        if self.issued_token_type is not None:
            members["issued_token_type"] = self.issued_token_type
        return members


class GrantType(Protocol[Validated]):
    """One grant. Only a value that came out of `validate` can be issued."""

    async def validate(self, client: Client, request: TokenRequest) -> Validated:
        """Return what may be issued. Raises `OAuthError`."""
        ...

    async def issue(self, validated: Validated, origin: Origin) -> TokenResponse:
        """Return the tokens, recorded before they are returned. Raises `OAuthError` when somebody was faster."""
        ...


class TokenEndpoint:
    """Answers token requests."""

    def __init__(
        self,
        authentication: ClientAuthentication,
        constraints: SenderConstraints,
        grants: Mapping[str, GrantType[Any]],
        limit: ClientLimit,
        refusals: RefusalCounter,
    ) -> None:
        """`grants` by `grant_type`."""
        self._authentication = authentication
        self._constraints = constraints
        self._grants = grants
        self._limit = limit
        self._refusals = refusals

    async def __call__(self, request: TokenRequest) -> TokenResponse:
        """Return the tokens. Raises `OAuthError`, recorded, and `BusyError`: the client has too much in progress."""
        try:
            client = await self._authentication.authenticate(
                request.parameters, request.authorization, request.possession.certificate
            )
        except OAuthError as error:
            await self._record(error, None, request)
            raise
        with self._limit.proved(client.client, request.origin):
            try:
                grant = self._grant_for(client, request.parameters)
                # Before the grant: a client that is told to use a nonce comes back with the same code.
                bound_to = await self._constraints.of_token_request(client.client, request.possession)
                validated = await grant.validate(client.client, replace(request, confirmation=bound_to))
                return await grant.issue(validated, request.origin)
            except OAuthError as error:
                error.client_id = client.client_id
                await self._record(error, client, request)
                raise

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a request that could not even be read."""
        await self._record(error, None, TokenRequest({}, (), None, origin))

    def _grant_for(self, client: AuthenticatedClient, parameters: Mapping[str, str]) -> GrantType[Any]:
        grant_type = parameters.get("grant_type")
        # RFC 6749 section 4.1.3, 4.4.2 and 6: "grant_type REQUIRED."
        if grant_type is None:
            raise InvalidRequestError("The parameter grant_type is missing.")
        if grant_type not in self._grants:
            raise UnsupportedGrantTypeError
        # RFC 6749 section 5.2, unauthorized_client: "not authorized to use this authorization grant type".
        if grant_type not in client.client.grant_types:
            raise UnauthorizedClientError
        return self._grants[grant_type]

    async def _record(self, error: OAuthError, client: AuthenticatedClient | None, request: TokenRequest) -> None:
        grant_type = request.parameters.get("grant_type")
        refused = TokenRefused(
            origin=request.origin,
            error=error.code,
            reason=error.reason,
            client_id=error.client_id,
            # What a caller makes up is not written down.
            grant_type=grant_type if grant_type in self._grants else None,
            grant_id=error.grant_id,
        )
        await self._refusals.record(ENDPOINT, refused, client)


def required(parameters: Mapping[str, str], name: str) -> str:
    """Return a parameter. Raises `InvalidRequestError` when it is missing."""
    try:
        return parameters[name]
    except KeyError:
        raise InvalidRequestError(f"The parameter {name} is missing.") from None
