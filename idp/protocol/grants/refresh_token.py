"""RFC 6749 section 6 and OpenID Connect Core section 12: the refresh token grant."""

from dataclasses import replace
from typing import Final, NoReturn

from idp.domain.accounts.account import Account
from idp.domain.clients.client import Client
from idp.domain.events import GrantRevoked, Origin
from idp.domain.grants.grant import Grant, RefreshHashes, RevocationReason
from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.ports.grants import Grants, Turn
from idp.protocol.authorize.authorization_details import lasting, narrowed
from idp.protocol.claims.scopes import parse_scope
from idp.protocol.errors import InvalidGrantError, InvalidScopeError, OAuthError
from idp.protocol.resources.resources import ResourceIndicators, Target
from idp.protocol.senders.sender_constraint import check_held
from idp.protocol.tokens.account_standing import require_standing
from idp.protocol.tokens.refresh_grace import RefreshGrace
from idp.protocol.tokens.refresh_token import PresentedRefreshToken, RefreshTokens, read_refresh_token
from idp.protocol.tokens.sign_in_strength import SignInStrength, WeakSignInError
from idp.protocol.tokens.token import TokenRequest, TokenResponse, required
from idp.protocol.tokens.user_tokens import TokenOrder, UserTokens

GRANT_TYPE: Final = "refresh_token"


@dataclass(frozen=True, slots=True)
class ValidatedRefresh:
    """A refresh token of this client's, for a living grant; whether it is the current one is decided when it turns.

    `current` is what is to be replaced: what was presented, or its successor that got lost. `spared_until` is when the
    grace of the presented token ends, if it has one.
    """

    presented: PresentedRefreshToken
    current: RefreshHashes
    order: TokenOrder
    spared_until: Seconds | None = None


class RefreshTokenGrant:
    """Turns refresh tokens: each is good once, but for clients whose profile does not rotate them."""

    def __init__(
        self,
        grants: Grants,
        accounts: Accounts,
        resources: ResourceIndicators,
        refresh_tokens: RefreshTokens,
        grace: RefreshGrace,
        tokens: UserTokens,
        strength: SignInStrength,
        clock: Clock,
    ) -> None:
        self._grants = grants
        self._accounts = accounts
        self._resources = resources
        self._refresh_tokens = refresh_tokens
        self._grace = grace
        self._tokens = tokens
        self._strength = strength
        self._clock = clock

    async def validate(self, client: Client, request: TokenRequest) -> ValidatedRefresh:
        """Check everything but the turn; nothing is changed yet. Raises `OAuthError`.

        One thing is: a token that was used before ends its family, whatever else the request asks for.
        """
        presented = read_refresh_token(required(request.parameters, "refresh_token"))
        grant = await self._grants.find_by_family(presented.hashes) if presented else None
        if presented is None or grant is None:
            raise InvalidGrantError(reason="unknown refresh token")
        try:
            return await self._checked(presented, grant, client, request)
        except OAuthError as error:
            error.grant_id = grant.grant_id
            raise

    async def _checked(
        self, presented: PresentedRefreshToken, grant: Grant, client: Client, request: TokenRequest
    ) -> ValidatedRefresh:
        # RFC 6749 section 6: "The authorization server MUST [...] ensure that the refresh token was issued to the
        # authenticated client". Nothing is revoked: a stranger must not be able to.
        if grant.client_id != client.client_id:
            raise InvalidGrantError(reason="another client's refresh token")
        if not grant.is_live(self._clock.now()):
            raise InvalidGrantError(reason="revoked or expired")
        check_held(grant.confirmation, request.confirmation)
        current, spared_until = presented.hashes, self._grace.of(client)
        if grant.refresh is not None and grant.refresh != current:
            spared_until = await self._grace.until(client, current.turn, grant.refresh.turn)
            if spared_until is None:
                await self._turn_used(presented, grant, request.origin)
            current = replace(current, turn=grant.refresh.turn)
        account = require_standing(await self._accounts.get(grant.account_id), grant)
        scopes = _narrowed(grant, request.parameters.get("scope"))
        refreshed = lasting(grant)
        target = await self._resources.for_grant(refreshed, scopes, request.resources)
        target = narrowed(refreshed, target, request.parameters)
        await self._require_strength(client, grant, account, target)
        order = TokenOrder(client, grant, scopes, target, GRANT_TYPE, confirmation=request.confirmation)
        return ValidatedRefresh(presented, current, order, spared_until)

    async def _require_strength(self, client: Client, grant: Grant, account: Account, target: Target) -> None:
        try:
            await self._strength.require(client, grant, account.kind, target)
        except WeakSignInError as weak:
            raise InvalidGrantError(
                "The person has to sign in again: more is asked now.", reason="below the policy in force"
            ) from weak

    async def issue(self, validated: ValidatedRefresh, origin: Origin) -> TokenResponse:
        """Turn the family and return the tokens. Raises `InvalidGrantError` when somebody else turned it meanwhile."""
        order, grant, current = validated.order, validated.order.grant, validated.current
        if order.client.policy.rotates_refresh_tokens:
            refresh_token, turn = self._refresh_tokens.succeed(validated.presented)
        else:
            # FAPI 2.0 section 5.3.2.1: "shall not use refresh token rotation except in extraordinary circumstances".
            refresh_token, turn = None, current.turn
        if refresh_token and validated.spared_until is not None:
            await self._grace.remember(validated.presented.hashes.turn, turn, validated.spared_until)
        made = await self._tokens.make(order, refresh_token, grant.generation + 1, origin)
        # Whoever has a grace may ask twice at once.
        reuse_events = None if validated.spared_until is not None else (_reused(grant, origin),)
        outcome = await self._grants.turn(grant.client_id, current, turn, self._clock.now(), made.events, reuse_events)
        match outcome:
            case Turn.TURNED:
                return made.response
            case Turn.REUSED:
                raise InvalidGrantError(reason="refresh token was used before", grant_id=grant.grant_id)
            case Turn.GONE:
                raise InvalidGrantError(reason="revoked meanwhile", grant_id=grant.grant_id)

    async def _turn_used(self, presented: PresentedRefreshToken, grant: Grant, origin: Origin) -> NoReturn:
        # RFC 9700 section 4.14.2: the server "cannot determine which party submitted the invalid refresh token, but it
        # will revoke the active refresh token". The replacement is never told to anybody.
        _, unused = self._refresh_tokens.succeed(presented)
        reuse_events = (_reused(grant, origin),)
        await self._grants.turn(grant.client_id, presented.hashes, unused, self._clock.now(), (), reuse_events)
        raise InvalidGrantError(reason="refresh token was used before")


def _narrowed(grant: Grant, requested: str | None) -> tuple[str, ...]:
    if requested is None:
        return grant.scopes
    scopes = parse_scope(requested)
    # RFC 6749 section 6: "The requested scope MUST NOT include any scope not originally granted by the resource owner".
    if not set(scopes) <= set(grant.scopes):
        raise InvalidScopeError(reason="more than was granted")
    return scopes


def _reused(grant: Grant, origin: Origin) -> GrantRevoked:
    return GrantRevoked(
        origin=origin,
        grant_id=grant.grant_id,
        reason=RevocationReason.REFRESH_REUSE,
        client_id=grant.client_id,
        account_id=grant.account_id,
    )
