"""RFC 9068 section 4 and RFC 9449 section 7.1: access tokens at the provider's own interfaces besides userinfo."""

from idp.protocol.errors import InvalidTokenError, OAuthError
from idp.protocol.senders.bearer import BEARER, sent_token
from idp.protocol.senders.possession import Possession
from idp.protocol.senders.sender_constraint import SenderConstraints
from idp.protocol.tokens.token_state import LiveAccessToken, TokenState


class ResourceAccess:
    """Takes the access tokens of one interface."""

    def __init__(self, audience: str, state: TokenState, constraints: SenderConstraints) -> None:
        self._audience = audience
        self._state = state
        self._constraints = constraints

    async def live(self, authorization: str | None, possession: Possession) -> LiveAccessToken:
        """Return the token with what lies behind it. Raises `OAuthError` unless it works now, here, and as it was sent.

        What it allows, the interface says.
        """
        sent = sent_token(authorization, {}, {})
        try:
            presented = await self._state.identify(sent.token)
            bound_to, client = presented.token.confirmation, presented.client
            await self._constraints.check_resource_request(bound_to, sent, possession, client)
            live = await self._state.live(presented)
        except OAuthError as error:
            # The challenge is for the scheme that was used, unless the refusal is about another.
            error.scheme = sent.scheme if error.scheme == BEARER else error.scheme
            raise
        # RFC 9068 section 4: "The resource server MUST validate that the "aud" claim contains a resource indicator
        # value corresponding to an identifier the resource server expects for itself."
        if self._audience not in live.token.audience:
            raise InvalidTokenError(reason="meant for another resource", client_id=live.client.client_id)
        return live
