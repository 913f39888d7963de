"""What `idp client` does to the registry; every change leaves its audit event in the same transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from idp.adapters.importing.client_entry import ClientEntry
from idp.adapters.importing.client_record import client_of
from idp.adapters.importing.problems import problems_of
from idp.cli.opening import Provider
from idp.cli.refusal import Refusal
from idp.domain.clients.client import Client
from idp.domain.clients.client_secret import SIGNING_METHOD
from idp.domain.clients.client_secret_rotation import with_new_secret
from idp.domain.events import ClientChanged
from idp.domain.ids import ClientId
from idp.protocol.clients.client_secrets import ClientSecrets

_PAGE: Final = 200
_TRIES: Final = 2
_NO_CLIENT: Final = ("there is no such client", "see idp client list")
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
        raise Refusal(*_NO_CLIENT)
    return client


async def register(provider: Provider, values: dict[str, Any], *, public: bool) -> str | None:
    """Register a client by its metadata and return its secret; a public one has none.

    Raises `Refusal` when the metadata break a rule or the identifier is taken.
    """
    issued = None if public else provider.entropy.token()
    try:
        client = client_of(ClientEntry.model_validate({**values, **({"client_secret": issued} if issued else {})}))
    except ValidationError as error:
        raise Refusal(str(problems_of(error)[0]).removesuffix("."), "correct the option of that name") from None
    if not await provider.stores.client_registry.add(client, _event(provider, client.client_id, "registered")):
        raise Refusal("a client of this identifier is registered", "choose another, or change it with idp import")
    return issued


async def switch(provider: Provider, client_id: str, *, disabled: bool) -> Client:
    """Disable or enable a client and return it.

    Raises `Refusal` when there is none, or none any more, and when it was changed at the same moment.
    """

    def switched(found: Client) -> Client:
        if found.is_deleted and not disabled:
            raise Refusal("the client deleted its registration", "register another one")
        return replace(found, disabled=disabled)

    return await _change(provider, client_id, switched, "disabled" if disabled else "enabled")


async def renew_secret(provider: Provider, client_id: str, *, keep: bool) -> str:
    """Return a new secret; `keep` lets the newest one so far live on.

    Raises `Refusal` for a client without secrets, and when it was changed at the same moment.
    """
    issued = provider.entropy.token()

    def renewed(found: Client) -> Client:
        if keep and found.token_endpoint_auth_method == SIGNING_METHOD:
            raise Refusal(
                "a secret to sign with is not kept without an end", "use idp client rotate-secret --overlap DAYS"
            )
        kept = found.secret_hashes[:1] if keep else ()
        changed = _with_new_secret(provider, found, issued, overlap=0)
        return replace(changed, secret_hashes=(*changed.secret_hashes, *kept))

    await _change(provider, client_id, renewed, "secret")
    return issued


async def rotate_secret(provider: Provider, client_id: str, *, overlap: int) -> str:
    """Return a new secret; those in force end `overlap` seconds from now. Raises `Refusal` likewise."""
    issued = provider.entropy.token()
    await _change(
        provider, client_id, lambda found: _with_new_secret(provider, found, issued, overlap=overlap), "secret"
    )
    return issued


def _with_new_secret(provider: Provider, client: Client, issued: str, *, overlap: int) -> Client:
    if client.token_endpoint_auth_method not in _SECRET_METHODS:
        raise Refusal("this client does not sign in with a secret", "change its token_endpoint_auth_method first")
    sealed = None
    if client.token_endpoint_auth_method == SIGNING_METHOD:
        sealed = ClientSecrets(provider.keystore.vault()).seal(client.client_id, issued)
    digest = hashlib.sha256(issued.encode()).digest()
    return with_new_secret(client, digest, sealed, now=provider.clock.now(), overlap=overlap)


async def _change(provider: Provider, client_id: str, changed: Callable[[Client], Client], change: str) -> Client:
    """Put what `changed` makes of a client in its place, of what was read anew when another change came between."""
    registry = provider.stores.client_registry
    for _ in range(_TRIES):
        found = await registry.find(client_id)
        if found is None:
            raise Refusal(*_NO_CLIENT)
        after = changed(found)
        if await registry.replace(found, after, _event(provider, found.client_id, change)):
            return after
    raise Refusal("the client was changed at the same moment", "look at it with idp client show, and try again")


def _event(provider: Provider, client_id: ClientId, change: str) -> ClientChanged:
    return ClientChanged(origin=provider.origin, client_id=client_id, change=change)
