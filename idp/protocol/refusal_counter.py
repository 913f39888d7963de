"""RFC 6819 section 4.4.1.11 (denial of service by exhausting resources): a flood of refusals costs little to record."""

from idp.domain.events import AccessRefused, AuthorizationRefused, Origin, TokenRefused
from idp.journeys.floods import Floods
from idp.ports.audit import AuditTrail
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.errors import OAuthError

Refused = TokenRefused | AccessRefused | AuthorizationRefused


class RefusalCounter:
    """Records refusals: those of a known client one by one, those of anonymous callers as floods."""

    def __init__(self, trail: AuditTrail, floods: Floods) -> None:
        self._trail = trail
        self._floods = floods

    async def access_refused(
        self, endpoint: str, error: OAuthError, origin: Origin, caller: AuthenticatedClient | None = None
    ) -> None:
        """Record that a protected endpoint refused a client or a bearer token."""
        client_id = caller.client_id if caller else error.client_id
        refused = AccessRefused(origin=origin, endpoint=endpoint, error=error.code, client_id=client_id)
        await self.record(endpoint, refused, caller)

    async def record(self, endpoint: str, refused: Refused, caller: AuthenticatedClient | None) -> None:
        """Return when the refusal is durable, or counted towards an event of this second.

        Only a confidential client is known: a public one proves nothing, and anybody can have its refusals.
        """
        if caller is None or caller.client.is_public:
            await self._floods.record(endpoint, refused.error, refused)
        else:
            await self._trail.record(refused)
