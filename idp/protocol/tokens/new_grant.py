"""RFC 6749 section 5.1 and OpenID Connect Core section 3.1.3.3: the first tokens under what a person granted."""

from collections.abc import Collection
from dataclasses import replace

from idp.domain.clients.client import Client
from idp.domain.events import GrantRevoked, Origin
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import ClientId, GrantId
from idp.domain.values import dataclass
from idp.ports.clock import Clock
from idp.ports.grants import Grants, Start
from idp.protocol.errors import InvalidGrantError
from idp.protocol.tokens.refresh_token import RefreshTokens
from idp.protocol.tokens.token import TokenResponse
from idp.protocol.tokens.user_tokens import TokenOrder, UserTokens


@dataclass(frozen=True, slots=True)
class Reasons:
    """What the audit trail says when a grant cannot be started."""

    used_before: str
    ended_meanwhile: str


class NewGrants:
    """Starts grants whose code or handle was claimed, each once."""

    def __init__(self, grants: Grants, refresh_tokens: RefreshTokens, tokens: UserTokens, clock: Clock) -> None:
        self._grants = grants
        self._refresh_tokens = refresh_tokens
        self._tokens = tokens
        self._clock = clock

    async def require_keys(self, client: Client, scopes: Collection[str]) -> None:
        """Raise `OAuthError` when a key is missing for the tokens: then nothing is claimed for them yet."""
        await self._tokens.require_keys(client, scopes)

    async def start(self, order: TokenOrder, origin: Origin, reasons: Reasons) -> TokenResponse:
        """Start the grant and return its tokens. Raises `InvalidGrantError` when it was started or ended before."""
        refresh_token, grant = None, order.grant
        if "refresh_token" in order.client.grant_types:
            refresh_token, hashes = self._refresh_tokens.begin(grant.grant_id)
            grant = replace(grant, refresh=hashes)
        made = await self._tokens.make(order, refresh_token, 0 if refresh_token else None, origin)
        match await self._grants.start(grant, made.events):
            case Start.STARTED | Start.REVOKED_MEANWHILE:
                return made.response
            case Start.ENDED_MEANWHILE:
                raise InvalidGrantError(reason=reasons.ended_meanwhile, grant_id=grant.grant_id)
            case Start.ALREADY_STARTED:
                await self.end_replayed(grant.grant_id, order.client.client_id, origin)
                raise InvalidGrantError(reason=reasons.used_before, grant_id=grant.grant_id)

    async def end_replayed(self, grant_id: GrantId, client_id: ClientId, origin: Origin) -> None:
        """End a grant whose code or handle was shown twice, and every token under it."""
        reason = RevocationReason.CODE_REPLAY
        event = GrantRevoked(origin=origin, grant_id=grant_id, reason=reason, client_id=client_id)
        await self._grants.revoke(grant_id, reason, self._clock.now(), event)
