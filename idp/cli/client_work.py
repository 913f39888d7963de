"""What `idp client` does to the registry; every change leaves its audit event in the same transaction."""

import hashlib
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from idp.adapters.importing.client_entry import ClientEntry
from idp.adapters.importing.client_record import client_of
from idp.adapters.importing.problems import problems_of
from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.client import Client
from idp.domain.events import ClientChanged

_PAGE: Final = 200
_SECRET_METHODS: Final = frozenset({"client_secret_basic", "client_secret_post"})


async def all_clients(provider: Provider) -> list[Client]:
    """Return every client in order of identifier."""
    found: list[Client] = []
    while page := await provider.stores.client_registry.page(found[-1].client_id if found else "", _PAGE):
        found.extend(page)
    return found


async def find_client(provider: Provider, client_id: str) -> Client:
    """Return one client. Raises `Refusal` when there is none."""
    client = await provider.stores.clients.get(client_id)
    if client is None:
        raise Refusal("there is no such client", "see idp client list")
    return client


async def register(provider: Provider, values: dict[str, Any], *, public: bool) -> str | None:
    """Register a client by its metadata and return its secret; a public one has none.

    Raises `Refusal` when the metadata break a rule or the identifier is taken.
    """
    issued = None if public else provider.entropy.token()
    try:
        client = client_of(ClientEntry.model_validate({**values, **({"client_secret": issued} if issued else {})}))
    except ValidationError as error:
        raise Refusal(str(problems_of(error)[0]), "correct the option of that name") from None
    if await provider.stores.clients.get(client.client_id) is not None:
        raise Refusal("a client of this identifier is registered", "choose another, or change it with idp import")
    await _save(provider, client, "registered")
    return issued


async def switch(provider: Provider, client_id: str, *, disabled: bool) -> Client:
    """Disable or enable a client and return it. Raises `Refusal` when there is none."""
    client = replace(await find_client(provider, client_id), disabled=disabled)
    await _save(provider, client, "disabled" if disabled else "enabled")
    return client


async def renew_secret(provider: Provider, client_id: str, *, keep: bool) -> str:
    """Return a new secret; `keep` lets the newest one so far live on. Raises `Refusal` for a client without secrets."""
    client = await find_client(provider, client_id)
    if client.token_endpoint_auth_method not in _SECRET_METHODS:
        raise Refusal("this client does not sign in with a secret", "change its token_endpoint_auth_method first")
    issued = provider.entropy.token()
    kept = client.secret_hashes[:1] if keep else ()
    hashes = (hashlib.sha256(issued.encode()).digest(), *kept)
    await _save(provider, replace(client, secret_hashes=hashes), "secret")
    return issued


async def _save(provider: Provider, client: Client, change: str) -> None:
    event = ClientChanged(origin=provider.origin, client_id=client.client_id, change=change)
    await provider.stores.client_registry.save(client, event)
