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
from idp.domain.client_secret import SIGNING_METHOD
from idp.domain.client_secret_rotation import with_new_secret
from idp.domain.events import ClientChanged
from idp.protocol.client_secrets import ClientSecrets

_PAGE: Final = 200
_SECRET_METHODS: Final = frozenset({"client_secret_basic", "client_secret_post", SIGNING_METHOD})


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
    """Disable or enable a client and return it. Raises `Refusal` when there is none, or none any more."""
    found = await find_client(provider, client_id)
    if found.is_deleted and not disabled:
        raise Refusal("the client deleted its registration", "register another one")
    client = replace(found, disabled=disabled)
    await _save(provider, client, "disabled" if disabled else "enabled")
    return client


async def renew_secret(provider: Provider, client_id: str, *, keep: bool) -> str:
    """Return a new secret; `keep` lets the newest one so far live on. Raises `Refusal` for a client without secrets."""
    client = await _with_secrets(provider, client_id)
    if keep and client.token_endpoint_auth_method == SIGNING_METHOD:
        raise Refusal("a secret to sign with is not kept without an end", "use idp client rotate-secret --overlap DAYS")
    kept = client.secret_hashes[:1] if keep else ()
    issued, changed = _with_new_secret(provider, client, overlap=0)
    await _save(provider, replace(changed, secret_hashes=(*changed.secret_hashes, *kept)), "secret")
    return issued


async def rotate_secret(provider: Provider, client_id: str, *, overlap: int) -> str:
    """Return a new secret; those in force end `overlap` seconds from now. Raises `Refusal` likewise."""
    issued, changed = _with_new_secret(provider, await _with_secrets(provider, client_id), overlap=overlap)
    await _save(provider, changed, "secret")
    return issued


async def _with_secrets(provider: Provider, client_id: str) -> Client:
    client = await find_client(provider, client_id)
    if client.token_endpoint_auth_method not in _SECRET_METHODS:
        raise Refusal("this client does not sign in with a secret", "change its token_endpoint_auth_method first")
    return client


def _with_new_secret(provider: Provider, client: Client, *, overlap: int) -> tuple[str, Client]:
    issued, sealed = provider.entropy.token(), None
    if client.token_endpoint_auth_method == SIGNING_METHOD:
        sealed = ClientSecrets(provider.keystore.vault()).seal(client.client_id, issued)
    digest = hashlib.sha256(issued.encode()).digest()
    return issued, with_new_secret(client, digest, sealed, now=provider.clock.now(), overlap=overlap)


async def _save(provider: Provider, client: Client, change: str) -> None:
    event = ClientChanged(origin=provider.origin, client_id=client.client_id, change=change)
    await provider.stores.client_registry.save(client, event)
