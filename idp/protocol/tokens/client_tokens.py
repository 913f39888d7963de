"""RFC 6749 section 4.4.3: tokens of a client of its own, whatever grant asks for them; recorded before they leave."""

from idp.domain.events import Origin, TokensIssued
from idp.domain.grants.confirmation import Confirmation, token_type
from idp.domain.ids import ClientId
from idp.ports.audit import AuditTrail
from idp.protocol.resources.resources import Target
from idp.protocol.tokens.access_token import AccessTokens
from idp.protocol.tokens.token import TokenResponse


class ClientTokens:
    """Issues them."""

    def __init__(self, access_tokens: AccessTokens, trail: AuditTrail) -> None:
        self._access_tokens = access_tokens
        self._trail = trail

    async def issue(
        self, client_id: ClientId, target: Target, bound_to: Confirmation | None, grant_type: str, origin: Origin
    ) -> TokenResponse:
        """Return the token. RFC 6749 section 4.4.3, RFC 7521 section 4.1: no refresh token goes with it."""
        access = self._access_tokens.for_client(client_id, target, bound_to)
        await self._trail.record(
            TokensIssued(
                origin=origin,
                client_id=client_id,
                grant_type=grant_type,
                token_id=access.token_id,
                scopes=target.scopes,
                audience=target.audience,
            )
        )
        return TokenResponse(client_id, access.token, access.expires_in, target.scopes, token_type=token_type(bound_to))
