"""RFC 6749 section 4.4: the client credentials grant."""

from typing import Final

from idp.domain.clients.client import Client
from idp.domain.events import Origin
from idp.domain.grants.confirmation import Confirmation
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.protocol.authorize.authorization_details import refuse_authorization_details
from idp.protocol.claims.scopes import scopes_of_client
from idp.protocol.errors import UnauthorizedClientError
from idp.protocol.resources.resources import ResourceIndicators, Target
from idp.protocol.tokens.client_tokens import ClientTokens
from idp.protocol.tokens.token import TokenRequest, TokenResponse

GRANT_TYPE: Final = "client_credentials"


@dataclass(frozen=True, slots=True)
class ValidatedClientCredentials:
    """A confidential client, and the target that it may have a token for."""

    client_id: ClientId
    target: Target
    confirmation: Confirmation | None = None


class ClientCredentialsGrant:
    """Issues tokens to clients on their own behalf."""

    def __init__(self, resources: ResourceIndicators, tokens: ClientTokens) -> None:
        self._resources = resources
        self._tokens = tokens

    async def validate(self, client: Client, request: TokenRequest) -> ValidatedClientCredentials:
        """Return what may be issued. Raises `OAuthError`."""
        # RFC 6749 section 4.4: "The client credentials grant type MUST only be used by confidential clients."
        if client.is_public:
            raise UnauthorizedClientError(reason="public client")
        # One administrator registers a client, and two let it do anything in its own name.
        if not client.is_in_production:
            raise UnauthorizedClientError(reason="not in production")
        refuse_authorization_details(request.parameters)
        scopes = scopes_of_client(client, request.parameters.get("scope"))
        target = await self._resources.for_client(scopes, request.resources)
        return ValidatedClientCredentials(client.client_id, target, request.confirmation)

    async def issue(self, validated: ValidatedClientCredentials, origin: Origin) -> TokenResponse:
        """Return the token, recorded. RFC 6749 section 4.4.3: "A refresh token SHOULD NOT be included."."""
        return await self._tokens.issue(
            validated.client_id, validated.target, validated.confirmation, GRANT_TYPE, origin
        )
