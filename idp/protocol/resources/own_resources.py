"""RFC 8707 section 2: the provider's own interfaces besides userinfo, which access tokens can be asked for."""

from idp.domain.clients.client import Client, Resource
from idp.ports.clients import Clients
from idp.protocol.resources.administration_access import administration_resource
from idp.protocol.scim.access import scim_resource


def own_resources(issuer: str) -> tuple[Resource, ...]:
    """Return them; nobody registers them."""
    return (administration_resource(issuer), scim_resource(issuer))


class ClientsAndOwnResources:
    """Implements `Clients`: what is registered, and the own interfaces, which nobody can register otherwise."""

    def __init__(self, clients: Clients, own: tuple[Resource, ...]) -> None:
        self._clients = clients
        self._own = {resource.audience: resource for resource in own}

    async def get(self, client_id: str) -> Client | None:
        """The client, or None."""
        return await self._clients.get(client_id)

    async def allows_origin(self, origin: str) -> bool:
        """Whether some client registered the origin."""
        return await self._clients.allows_origin(origin)

    async def resource(self, audience: str) -> Resource | None:
        """The resource of this exact audience, or None."""
        return self._own.get(audience) or await self._clients.resource(audience)

    async def resources(self) -> tuple[Resource, ...]:
        """All of them, the own ones first."""
        registered = await self._clients.resources()
        return (*self._own.values(), *(each for each in registered if each.audience not in self._own))
