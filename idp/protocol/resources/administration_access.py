"""RFC 9068 section 4 and RFC 9470 section 3: which officer calls the JSON API of administration, by an access token."""

from typing import Final

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client import Resource
from idp.domain.events import Origin
from idp.domain.ids import AccountId, ClientId
from idp.domain.levels.assurance import RESISTANCE_VALUES, Level, acr_for
from idp.domain.levels.assurance_policy import Act
from idp.domain.levels.requirement import Requirement
from idp.domain.values import dataclass
from idp.ports.clock import Clock
from idp.protocol.errors import (
    InsufficientScopeError,
    InsufficientUserAuthenticationError,
    OAuthError,
)
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.resources.resource_access import ResourceAccess
from idp.protocol.senders.possession import Possession
from idp.protocol.senders.sender_constraint import SenderConstraints
from idp.protocol.tokens.sign_in_strength import SignInStrength, WeakSignInError, proved_level
from idp.protocol.tokens.token_state import TokenState

PATH: Final = "/api/admin"
SCOPE: Final = "admin"
ENDPOINT: Final = "administration"


def administration_resource(issuer: str) -> Resource:
    """The API as a resource that access tokens are asked for (RFC 8707); it needs no registration."""
    return Resource(issuer + PATH, frozenset({SCOPE}))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, through which client."""

    account_id: AccountId
    client_id: ClientId


class AdministrationAccess:
    """Checks the access tokens of the API."""

    def __init__(
        self,
        issuer: str,
        state: TokenState,
        constraints: SenderConstraints,
        strength: SignInStrength,
        refusals: RefusalCounter,
        clock: Clock,
    ) -> None:
        self._access = ResourceAccess(issuer + PATH, state, constraints)
        self._strength = strength
        self._refusals = refusals
        self._clock = clock

    async def caller(self, authorization: str | None, possession: Possession, origin: Origin) -> Caller:
        """Return whose token it is. Raises `OAuthError`, recorded.

        What the officer may do, the roles of this moment say (`journeys.administration.administrator`).
        """
        try:
            return await self._caller(authorization, possession)
        except OAuthError as error:
            await self._refusals.access_refused(ENDPOINT, error, origin)
            raise

    async def _caller(self, authorization: str | None, possession: Possession) -> Caller:
        live = await self._access.live(authorization, possession)
        client = live.client
        if live.grant is None or SCOPE not in live.token.scopes:
            missing = InsufficientScopeError(reason=f"without {SCOPE}", client_id=client.client_id)
            missing.scope = SCOPE
            raise missing
        # RFC 9470 section 3: "the authentication event associated with the access token presented with the request
        # does not meet the authentication requirements of the protected resource".
        if proved_level(live.grant) < Level.TWO:
            raise InsufficientUserAuthenticationError(reason="fewer than two factors", client_id=client.client_id)
        try:
            await self._strength.require_for(Act.ADMINISTER, live.grant, AccountKind.OFFICER, self._clock.now())
        except WeakSignInError as weak:
            raise _more(weak.required, client.client_id) from weak
        return Caller(live.grant.account_id, client.client_id)


def _more(required: Requirement, client_id: ClientId) -> InsufficientUserAuthenticationError:
    """Return the refusal that tells a client what to ask the person for."""
    error = InsufficientUserAuthenticationError(reason="below the policy in force", client_id=client_id)
    # RFC 9470 section 4: the client passes these values on; the first that can be proved is what the person is asked.
    resistance = [name for name, value in RESISTANCE_VALUES.items() if value is required.resistance]
    error.acr_values = " ".join([*resistance, acr_for(max(required.level, Level.TWO))])
    error.max_age = required.fresh_within
    return error
