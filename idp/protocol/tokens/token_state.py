"""RFC 7662 section 4: whether a token still works, which the token itself cannot tell."""

from idp.domain.clients.client import Client
from idp.domain.grants.grant import Grant
from idp.domain.representation.authority import Authority
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.ports.grants import Grants
from idp.protocol.claims.acting import ActingFor, AuthorityEndedError
from idp.protocol.errors import InvalidTokenError
from idp.protocol.tokens.access_token import AccessTokens, VerifiedAccessToken
from idp.protocol.tokens.account_standing import is_standing
from idp.protocol.tokens.refresh_token import PresentedRefreshToken


@dataclass(frozen=True, slots=True)
class PresentedAccessToken:
    """A token that we issued to a client that still exists; whether it works now is not known yet."""

    token: VerifiedAccessToken
    client: Client


@dataclass(frozen=True, slots=True)
class LiveAccessToken:
    """A token that works now; `grant` is None when the client acts on its own behalf."""

    token: VerifiedAccessToken
    client: Client
    grant: Grant | None
    authority: Authority | None = None
    """To act for the grant's principal, as the record has it now."""


class TokenState:
    """Looks at what lies behind a token: revocations, the grant, the client, the account."""

    def __init__(
        self,
        access_tokens: AccessTokens,
        clients: Clients,
        grants: Grants,
        accounts: Accounts,
        acting: ActingFor,
        clock: Clock,
    ) -> None:
        self._access_tokens = access_tokens
        self._clients = clients
        self._grants = grants
        self._accounts = accounts
        self._acting = acting
        self._clock = clock

    async def access_token(self, token: str) -> LiveAccessToken:
        """Return the token with what lies behind it. Raises `InvalidTokenError` unless it works now.

        Whom it is meant for, the caller checks.
        """
        return await self.live(await self.identify(token))

    async def identify(self, token: str) -> PresentedAccessToken:
        """Return whose token it is, without a look at what lies behind it. Raises `InvalidTokenError`."""
        verified = self._access_tokens.verify(token)
        client = await self._clients.get(verified.client_id)
        if client is None or client.disabled:
            raise InvalidTokenError(reason="client is gone or disabled", client_id=verified.client_id)
        return PresentedAccessToken(verified, client)

    async def live(self, presented: PresentedAccessToken) -> LiveAccessToken:
        """Return the token with what lies behind it. Raises `InvalidTokenError` unless it works now."""
        verified, client = presented.token, presented.client
        # Section 4: "the authorization server MUST perform all applicable checks against a token's state."
        revoked, grant = await self._grants.access_token_grant(verified.token_id, verified.grant_id)
        if revoked:
            raise InvalidTokenError(reason="revoked", client_id=verified.client_id)
        if verified.grant_id is None:
            return LiveAccessToken(verified, client, None)
        if grant is None or not grant.is_live(self._clock.now()):
            raise InvalidTokenError(reason="the grant or the account behind it ended", client_id=verified.client_id)
        try:
            authority = await self._acting.authority(grant, client)
        except AuthorityEndedError as ended:
            reason = "the authority to act for the principal ended"
            raise InvalidTokenError(reason=reason, client_id=verified.client_id) from ended
        return LiveAccessToken(verified, client, grant, authority)

    async def refresh_token(
        self, presented: PresentedRefreshToken, client: Client
    ) -> tuple[Grant, Authority | None] | None:
        """Return the grant whose current refresh token this is, if it is the client's, and what it stands on."""
        grant = await self._grants.find_by_family(presented.hashes)
        if grant is None or grant.refresh != presented.hashes or not grant.is_live(self._clock.now()):
            return None
        if not is_standing(await self._accounts.get(grant.account_id), grant):
            return None
        # Nobody but the client that it was issued to has any business with a refresh token.
        if grant.client_id != client.client_id:
            return None
        try:
            return grant, await self._acting.authority(grant, client)
        except AuthorityEndedError:
            return None
