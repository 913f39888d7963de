"""RFC 7009 section 2: token revocation."""

from typing import Final

from idp.domain.events import AccessTokenRevoked, GrantRevoked, Origin
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import ClientId
from idp.ports.clock import Clock
from idp.ports.grants import Grants
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.clients.client_calls import ClientCalls, ClientRequest
from idp.protocol.errors import InvalidGrantError, InvalidTokenError, OAuthError
from idp.protocol.tokens.access_token import AccessTokens
from idp.protocol.tokens.refresh_token import PresentedRefreshToken, read_refresh_token
from idp.protocol.tokens.token import required

ENDPOINT: Final = "revocation"


class RevocationEndpoint:
    """Ends a token that its client no longer needs."""

    def __init__(
        self,
        calls: ClientCalls,
        access_tokens: AccessTokens,
        grants: Grants,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._access_tokens = access_tokens
        self._grants = grants
        self._clock = clock

    async def __call__(self, request: ClientRequest) -> ClientId:
        """Return who asked when the token is dead, or was none.

        `token_type_hint` is not needed: the form of a token tells what it is (section 2.1). Raises `OAuthError`,
        recorded, and `BusyError` when the client has too much in progress.
        """

        async def revoke(caller: AuthenticatedClient) -> ClientId:
            await self._revoke(required(request.parameters, "token"), caller, request.origin)
            return caller.client_id

        return await self._calls.answer(ENDPOINT, request, revoke)

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a request that could not even be read."""
        await self._calls.refuse(ENDPOINT, error, origin)

    async def _revoke(self, token: str, caller: AuthenticatedClient, origin: Origin) -> None:
        presented = read_refresh_token(token)
        if presented:
            await self._revoke_grant(presented, caller, origin)
        else:
            await self._revoke_access_token(token, caller, origin)

    async def _revoke_grant(
        self, presented: PresentedRefreshToken, caller: AuthenticatedClient, origin: Origin
    ) -> None:
        """Section 2.1: with a refresh token, every token based on the same grant ends."""
        now = self._clock.now()
        grant = await self._grants.find_by_family(presented.hashes)
        # Section 2.2: "invalid tokens do not cause an error response since the client cannot handle such an error in a
        # reasonable way."
        if grant is None or not grant.is_live(now):
            await self._nothing_to_revoke(caller, origin)
            return
        _require_own(grant.client_id, caller)
        event = GrantRevoked(
            origin=origin,
            grant_id=grant.grant_id,
            reason=RevocationReason.CLIENT_REQUEST,
            client_id=grant.client_id,
            account_id=grant.account_id,
        )
        await self._grants.revoke(grant.grant_id, RevocationReason.CLIENT_REQUEST, now, event)

    async def _revoke_access_token(self, token: str, caller: AuthenticatedClient, origin: Origin) -> None:
        try:
            verified = self._access_tokens.verify(token)
        except InvalidTokenError:
            await self._nothing_to_revoke(caller, origin)
            return
        _require_own(verified.client_id, caller)
        event = AccessTokenRevoked(origin=origin, client_id=caller.client_id, token_id=verified.token_id)
        await self._grants.revoke_access_token(verified.token_id, verified.expires_at, event)

    async def _nothing_to_revoke(self, caller: AuthenticatedClient, origin: Origin) -> None:
        """Record that the token was none that works; the answer does not tell."""
        await self._calls.refuse(ENDPOINT, InvalidTokenError(), origin, caller)


def _require_own(client_id: ClientId, caller: AuthenticatedClient) -> None:
    # Section 2.1: the server "verifies whether the token was issued to the client making the revocation request. If
    # this validation fails, the request is refused and the client is informed of the error".
    if client_id != caller.client_id:
        raise InvalidGrantError("The token was issued to another client.")
