"""RFC 8707 section 2: resource indicators, and the audience of access tokens.

- With `resource`: those resources, and of the granted scopes the ones that they know.
- Without, for a person's grant: the provider itself (userinfo), with the scopes that belong to no resource; a grant
  that has nothing to do here but named resources is for these.
- Without, for a client's own token: the one resource that its scopes belong to, else the provider.
"""

from collections.abc import Iterable
from typing import Any

from idp.domain.clients.client import Resource
from idp.domain.grants.grant import Grant
from idp.domain.values import dataclass
from idp.ports.clients import Clients
from idp.protocol.errors import InvalidTargetError


@dataclass(frozen=True, slots=True)
class Target:
    """Whom an access token is for, and how far it reaches there: by scopes, and by details (RFC 9396)."""

    audience: tuple[str, ...]
    scopes: tuple[str, ...]
    authorization_details: tuple[dict[str, Any], ...] = ()


class ResourceIndicators:
    """Resolves `resource` parameters against what is registered."""

    def __init__(self, issuer: str, clients: Clients) -> None:
        self._issuer = issuer
        self._clients = clients

    async def registered(self, requested: Iterable[str]) -> tuple[Resource, ...]:
        """Return the resources by their exact audiences, each once. Raises `InvalidTargetError` for an unknown one."""
        found = []
        for audience in dict.fromkeys(requested):
            resource = await self._clients.resource(audience)
            # Section 2, invalid_target: "The requested resource is invalid, missing, unknown, or malformed."
            if resource is None:
                raise InvalidTargetError(reason="unknown resource")
            found.append(resource)
        return tuple(found)

    async def for_grant(self, grant: Grant, scopes: tuple[str, ...], requested: tuple[str, ...]) -> Target:
        """Return the target of a token under `grant` for the granted `scopes`. Raises `InvalidTargetError`."""
        if not requested:
            target = await self._provider(scopes)
            if target.scopes or not grant.resources:
                return target
            requested = await self._of_use(grant, scopes)
        resources = await self.registered(requested)
        for resource in resources:
            # Section 2.2: the client asks for a subset of the resources that the authorization was given for.
            if grant.resources and resource.audience not in grant.resources:
                raise InvalidTargetError(reason="resource was not part of the authorization")
            # A token that allows nothing would still tell the resource who somebody is.
            if not _reaches(resource, grant, scopes):
                raise InvalidTargetError(reason="no granted scope belongs to the resource")
        return _narrowed(resources, scopes)

    async def for_client(self, scopes: tuple[str, ...], requested: tuple[str, ...]) -> Target:
        """Return the target of a client's own token. Raises `InvalidTargetError`."""
        if requested:
            resources = await self.registered(requested)
            if any(resource.scopes.isdisjoint(scopes) for resource in resources):
                raise InvalidTargetError(reason="no scope of the client's belongs to the resource")
            return _narrowed(resources, scopes)
        owners = [resource for resource in await self._clients.resources() if not resource.scopes.isdisjoint(scopes)]
        if len(owners) > 1:
            raise InvalidTargetError(
                "The scopes belong to more than one resource; name it with the resource parameter."
            )
        return _narrowed(owners, scopes) if owners else Target((self._issuer,), scopes)

    async def _of_use(self, grant: Grant, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of the grant's resources where something may be done; all, to be refused, when there is none."""
        resources = await self.registered(grant.resources)
        useful = tuple(each.audience for each in resources if _reaches(each, grant, scopes))
        return useful or grant.resources

    async def _provider(self, scopes: tuple[str, ...]) -> Target:
        elsewhere = frozenset[str]().union(*(resource.scopes for resource in await self._clients.resources()))
        return Target((self._issuer,), tuple(scope for scope in scopes if scope not in elsewhere))


def _reaches(resource: Resource, grant: Grant, scopes: tuple[str, ...]) -> bool:
    """Whether the grant allows anything at the resource. Details are their resource's to read: any of them may be."""
    if grant.authorization_details and resource.audience in grant.resources:
        return True
    return not resource.scopes.isdisjoint(scopes)


def _narrowed(resources: Iterable[Resource], scopes: tuple[str, ...]) -> Target:
    known = frozenset[str]().union(*(resource.scopes for resource in resources))
    return Target(
        tuple(resource.audience for resource in resources), tuple(scope for scope in scopes if scope in known)
    )
