"""Client metadata as it is sent, checked by the same rules whether an administrator or the client itself sends it."""

from collections.abc import Mapping
from typing import Any, Protocol

from idp.domain.clients.client import Client
from idp.domain.ids import ClientId


class ClientMetadataReader(Protocol):
    """Reads registered metadata, and tells what is registered."""

    def known(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members that have a registered name, whatever their values; `client_name#vi` among them."""
        ...

    def read(self, client_id: ClientId, metadata: Mapping[str, Any]) -> Client:
        """Return the client, without secrets. Raises `RefusedMetadata` for the first thing that breaks a rule."""
        ...

    def members(self, client: Client) -> dict[str, Any]:
        """Return what is registered of a client, defaults included, under registered names; no secrets."""
        ...
