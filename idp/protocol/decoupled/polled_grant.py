"""RFC 8628 section 3.4 and OpenID Connect CIBA Core section 10.1: a client asks until the person has decided."""

from collections.abc import Callable
from typing import Final

from idp.domain.clients.client import Client
from idp.domain.events import Origin
from idp.domain.ids import GrantId
from idp.domain.values import dataclass
from idp.ports.clock import Clock
from idp.ports.grants import Grants
from idp.protocol.authorize.authorization_details import refuse_authorization_details
from idp.protocol.decoupled.errors import (
    AuthorizationPendingError,
    ExpiredTokenError,
    PersonDeniedError,
    PolledTooSoonError,
)
from idp.protocol.decoupled.request import Decision, DecoupledRequest, Kind
from idp.protocol.decoupled.requests import DecoupledRequests, LoadedRequest, Reference, reference_of
from idp.protocol.errors import InvalidGrantError, OAuthError
from idp.protocol.resources.resources import ResourceIndicators
from idp.protocol.tokens.authorization_code import Replayed
from idp.protocol.tokens.new_grant import NewGrants, Reasons
from idp.protocol.tokens.refresh_token import as_public
from idp.protocol.tokens.token import TokenRequest, TokenResponse, required
from idp.protocol.tokens.user_tokens import TokenOrder

_REASONS: Final = Reasons("redeemed before", "withdrawn or locked meanwhile")


@dataclass(frozen=True, slots=True)
class ValidatedPoll:
    """A request that the person allowed, claimed for this client."""

    order: TokenOrder


@dataclass(frozen=True, slots=True)
class PolledKind:
    """What tells the one grant from the other: `parameter` names the handle in the token request."""

    kind: Kind
    grant_type: str
    parameter: str
    check_client: Callable[[Client], None]


class PolledGrant:
    """Answers polls, and redeems what was allowed, once."""

    def __init__(
        self,
        polled: PolledKind,
        requests: DecoupledRequests,
        grants: Grants,
        resources: ResourceIndicators,
        new_grants: NewGrants,
        clock: Clock,
    ) -> None:
        self._polled = polled
        self._requests = requests
        self._grants = grants
        self._resources = resources
        self._new_grants = new_grants
        self._clock = clock

    async def validate(self, client: Client, request: TokenRequest) -> ValidatedPoll:
        """Claim what was allowed. Raises `OAuthError`, among them those that say to ask again."""
        self._polled.check_client(client)
        reference = reference_of(self._polled.kind, required(request.parameters, self._polled.parameter))
        loaded = await self._requests.find(reference, self._clock.now())
        if loaded is not None:
            await self._require_decision(loaded, client)
            await self._new_grants.require_keys(client, loaded.request.scopes)
        claimed = await self._claimed(reference, client, request.origin)
        try:
            return await self._checked(claimed, client, request)
        except OAuthError as error:
            error.grant_id = claimed.grant_id
            raise

    async def _require_decision(self, loaded: LoadedRequest, client: Client) -> None:
        request, now = loaded.request, self._clock.now()
        # RFC 6749 section 5.2, invalid_grant: "was issued to another client". It is not spent by that.
        if request.client_id != client.client_id:
            raise InvalidGrantError(reason="another client's request")
        # RFC 8628 section 3.5, expired_token: "The "device_code" has expired, and the device authorization session has
        # concluded."
        if now >= request.expires_at:
            raise ExpiredTokenError
        if request.decision is Decision.DENIED:
            raise PersonDeniedError
        if request.decision is Decision.PENDING:
            counted = await self._requests.replace(loaded, request.polled(now))
            raise PolledTooSoonError if counted and request.is_polled_too_soon(now) else AuthorizationPendingError

    async def _claimed(self, reference: Reference, client: Client, origin: Origin) -> DecoupledRequest:
        claimed = await self._requests.claim(reference, self._clock.now())
        match claimed:
            case None:
                raise InvalidGrantError(reason="unknown or long expired")
            case Replayed(grant_id):
                await self._revoke_replayed(grant_id, client, origin)
                raise InvalidGrantError(reason=_REASONS.used_before, grant_id=grant_id)
            case DecoupledRequest():
                return claimed

    async def _checked(self, claimed: DecoupledRequest, client: Client, request: TokenRequest) -> ValidatedPoll:
        grant = claimed.grant
        if grant is None or grant.client_id != client.client_id:
            raise InvalidGrantError(reason="nothing was allowed")
        refuse_authorization_details(request.parameters)
        # Whether the account stands is asked in the very statement that starts the grant.
        # RFC 9449 section 5: refresh tokens of public clients are bound to the key, those of others to the client.
        if client.is_public:
            grant = as_public(grant, request.confirmation, self._clock.now())
        target = await self._resources.for_grant(grant, grant.scopes, request.resources)
        grant_type, bound_to = self._polled.grant_type, request.confirmation
        return ValidatedPoll(TokenOrder(client, grant, grant.scopes, target, grant_type, confirmation=bound_to))

    async def issue(self, validated: ValidatedPoll, origin: Origin) -> TokenResponse:
        """Start the grant and return its tokens. Raises `InvalidGrantError` when it was started or ended before."""
        return await self._new_grants.start(validated.order, origin, _REASONS)

    async def _revoke_replayed(self, grant_id: GrantId, client: Client, origin: Origin) -> None:
        # Only the client that redeemed it knows the handle, unless it was stolen: then what came of it ends. Whoever
        # is not that client ends nothing.
        grant = await self._grants.get(grant_id)
        if grant is not None and grant.client_id == client.client_id:
            await self._new_grants.end_replayed(grant_id, grant.client_id, origin)
