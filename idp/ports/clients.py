"""Registered relying parties and protected resources, cached in process and refreshed when their version moves."""

from collections.abc import Callable, Mapping
from typing import Protocol

from idp.domain.clients.client import Client, Resource
from idp.domain.events import Event

FitsWords = Callable[[str, Mapping[str, str]], bool]
"""Whether a client is one that is looked for, by its identifier and its names by language."""


class Clients(Protocol):
    """Look-ups on the hot path: no round trip while nothing changed.

    A change is seen within a second, one by this process at once.
    """

    async def get(self, client_id: str) -> Client | None:
        """The client, disabled ones included, or None."""
        ...

    async def allows_origin(self, origin: str) -> bool:
        """Whether scripts of this origin may call the endpoints for browsers: some enabled client registered it."""
        ...

    async def resource(self, audience: str) -> Resource | None:
        """The protected resource registered under this exact audience, or None."""
        ...

    async def resources(self) -> tuple[Resource, ...]:
        """All protected resources."""
        ...


class ClientRegistry(Protocol):
    """Administration of clients."""

    async def page(self, after: str, limit: int) -> tuple[Client, ...]:
        """Clients in order of identifier, after `after`."""
        ...

    async def matching(self, fits: FitsWords, after: str, limit: int) -> tuple[Client, ...]:
        """At most `limit` clients that fit, in order of identifier, after `after`; fewer than that at the end."""
        ...

    async def find(self, client_id: str) -> Client | None:
        """The client as it stands at this moment, or None."""
        ...

    async def add(self, client: Client, event: Event) -> bool:
        """Create a client; False, and nothing saved, when the identifier is taken."""
        ...

    async def save(self, client: Client, event: Event) -> None:
        """Create or replace a client, its secret hashes included."""
        ...

    async def replace(self, before: Client, after: Client, event: Event) -> bool:
        """Replace a client that is still `before`; False, and nothing saved, when it was changed meanwhile."""
        ...
