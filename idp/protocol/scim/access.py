"""RFC 7644 section 2: which client asks, by an access token of its own; an agency's subtree is what it speaks for."""

from typing import Final

from idp.domain.clients.client import Client, Resource
from idp.domain.events import Origin
from idp.journeys.provisioning import Provisioner
from idp.protocol.errors import InsufficientScopeError, OAuthError
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.resources.resource_access import ResourceAccess
from idp.protocol.scim.users import PATH
from idp.protocol.senders.possession import Possession
from idp.protocol.senders.sender_constraint import SenderConstraints
from idp.protocol.tokens.token_state import TokenState

SCOPE: Final = "scim"
AGENCY: Final = "scim_agency"
"""Our own metadata of a client: the agency whose subtree it provisions. Nobody registers it for himself."""

ENDPOINT: Final = "scim"


def scim_resource(issuer: str) -> Resource:
    """The interface as a resource that access tokens are asked for (RFC 8707)."""
    return Resource(issuer + PATH, frozenset({SCOPE}))


class ScimAccess:
    """Checks the access tokens of the interface."""

    def __init__(
        self, issuer: str, state: TokenState, constraints: SenderConstraints, refusals: RefusalCounter
    ) -> None:
        self._access = ResourceAccess(issuer + PATH, state, constraints)
        self._refusals = refusals

    async def provisioner(self, authorization: str | None, possession: Possession, origin: Origin) -> Provisioner:
        """Return who asks. Raises `OAuthError`, recorded."""
        try:
            return await self._provisioner(authorization, possession, origin)
        except OAuthError as error:
            await self._refusals.access_refused(ENDPOINT, error, origin)
            raise

    async def _provisioner(self, authorization: str | None, possession: Possession, origin: Origin) -> Provisioner:
        live = await self._access.live(authorization, possession)
        client = live.client
        root = client.metadata.get(AGENCY) if _speaks_for_agency(client) else None
        # A person's token is no system's.
        if live.grant is not None or SCOPE not in live.token.scopes or not root:
            missing = InsufficientScopeError(reason="no system of an agency", client_id=client.client_id)
            missing.scope = SCOPE
            raise missing
        return Provisioner(client_id=client.client_id, root=str(root), origin=origin)


def _speaks_for_agency(client: Client) -> bool:
    """Whether its registration counts: who registered himself does not, nor does what one administrator alone wrote."""
    return client.registration is None and client.is_in_production
