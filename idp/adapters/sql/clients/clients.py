"""Clients and resources on SQL: documents, kept decoded in each process until they change."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from idp.adapters.sql.clients.client_rows import (
    ChangedMeanwhileError,
    FoundClient,
    RegistryVersion,
    add_client,
    all_resources,
    changed_clients,
    find_client,
    page_of_clients,
    page_of_documents,
    read_document,
    registry_version,
    replace_seen_client,
    save_clients,
    walked_clients,
)
from idp.adapters.sql.database import Database
from idp.adapters.sql.shared_look import SharedLook
from idp.adapters.sql.unit_of_work import UnitOfWork
from idp.domain.clients.client import Client, Resource
from idp.domain.events import Event
from idp.ports.clients import FitsWords
from idp.ports.clock import Clock

_PAGE_OF_ORIGINS = 100
_SEARCHED_AT_ONCE = 200
_KEPT = 16_384
"""Clients kept decoded, about 5 KiB each: more than a country has services, and a bound where programs register."""
_FOLLOWED_AT_ONCE = 200
"""Clients that changed at a time; when there were more, everything is read again as it is asked for."""


class _Named(msgspec.Struct, frozen=True):
    """Of a client what it is found by."""

    client_id: str
    names: dict[str, str] = {}


_named = msgspec.json.Decoder(_Named)


class _Resources(NamedTuple):
    """All protected resources, in the order of their audiences and by them."""

    every: tuple[Resource, ...]
    by_audience: dict[str, Resource]


class _Origins:
    """Where scripts of which client may call from."""

    def __init__(self) -> None:
        self._of: dict[str, frozenset[str]] = {}
        self._clients: Counter[str] = Counter()

    def put(self, found: FoundClient) -> None:
        """Take a client as it now is; one that cannot be read has none."""
        for origin in self._of.pop(found.client_id, ()):
            self._clients[origin] -= 1
            if not self._clients[origin]:
                del self._clients[origin]
        if origins := _origins_of(found.client):
            self._of[found.client_id] = origins
            self._clients.update(origins)

    def __contains__(self, origin: str) -> bool:
        return origin in self._clients


def _origins_of(client: Client | None) -> frozenset[str]:
    try:
        return client.browser_origins if client is not None else frozenset()
    except (TypeError, ValueError):
        # What a newer release keeps among the metadata may look otherwise.
        return frozenset()


class SqlClients:
    """Implements `Clients`. The version is looked at once in each second in which somebody asks.

    What this process changed is looked at at once. When the version moved, what changed is read again and nothing else,
    so that ten thousand clients that change one by one cost no more than ten that do.
    """

    def __init__(self, database: Database, clock: Clock, kept: int = _KEPT) -> None:
        self._database = database
        self._registry = SharedLook(self._look, clock)
        self._kept = kept
        self._version = RegistryVersion(-1, -1)
        self._clients: dict[str, Client] = {}
        self._resources: _Resources | None = None
        self._origins: _Origins | None = None
        self._gathering: asyncio.Task[_Origins] | None = None

    def changed(self) -> None:
        """Look again, in this second too: this process changed a client, or may have."""
        self._registry.renew()

    async def get(self, client_id: str) -> Client | None:
        await self._registry.take()
        client = self._clients.get(client_id)
        if client is None:
            # An unknown identifier is not remembered: strangers could fill the memory with them.
            version = self._version
            client = await self._database.run_read(find_client(client_id))
            # What was read before the registry moved on must not be kept as what came after.
            if client is not None and version == self._version:
                self._keep(client)
        return client

    def _keep(self, client: Client) -> None:
        """Remember a client, and forget the one that was remembered first where there are too many."""
        if len(self._clients) >= self._kept:
            del self._clients[next(iter(self._clients))]
        self._clients[client.client_id] = client

    async def allows_origin(self, origin: str) -> bool:
        await self._registry.take()
        origins = self._origins
        if origins is None:
            # One walk for everybody who waits; who gives up does not end it for the others.
            if self._gathering is None:
                self._gathering = asyncio.create_task(self._gather_origins())
                self._gathering.add_done_callback(self._gathered)
            origins = await asyncio.shield(self._gathering)
        return origin in origins

    async def resource(self, audience: str) -> Resource | None:
        return (await self._all_resources()).by_audience.get(audience)

    async def resources(self) -> tuple[Resource, ...]:
        return (await self._all_resources()).every

    async def _all_resources(self) -> _Resources:
        await self._registry.take()
        if self._resources is not None:
            return self._resources
        version = self._version
        every = await self._database.run_read(all_resources())
        found = _Resources(every, {each.audience: each for each in every})
        if version.otherwise == self._version.otherwise:
            self._resources = found
        return found

    async def _gather_origins(self) -> _Origins:
        """Return the origins of every client, read page by page, so that other work goes on in between."""
        version, found, after = self._version, _Origins(), ""
        while page := await self._database.run_read(walked_clients(after, _PAGE_OF_ORIGINS)):
            after = page[-1].client_id
            for each in page:
                found.put(each)
        # Whatever changed during the walk, and during the look at that.
        settled = False
        while not settled:
            seen = self._version
            if not await self._follow(version, found):
                return found
            settled = seen == self._version
        if version.otherwise == self._version.otherwise:
            self._origins = found
        return found

    async def _follow(self, known: RegistryVersion, gathered: _Origins | None = None) -> bool:
        """Take over what changed since a version; False when that was too much."""
        changed = await self._database.run_read(changed_clients(known, _FOLLOWED_AT_ONCE + 1))
        if len(changed) > _FOLLOWED_AT_ONCE:
            return False
        # They may have been gathered while this was read.
        origins = self._origins if gathered is None else gathered
        for each in changed:
            # A walk may have read earlier than a look that is over.
            if gathered is None:
                self._renew(each)
            if origins is not None:
                origins.put(each)
        return True

    def _renew(self, found: FoundClient) -> None:
        if found.client is None:
            # It alone is read again as it is asked for, and fails then.
            self._clients.pop(found.client_id, None)
        elif found.client_id in self._clients:
            self._clients[found.client_id] = found.client

    def _gathered(self, task: asyncio.Task[_Origins]) -> None:
        self._gathering = None
        if not task.cancelled():
            # Whoever waited was told; nobody may have.
            task.exception()

    async def _look(self) -> None:
        version = await self._database.run_read(registry_version())
        known = self._version
        if version == known:
            return
        # A database that was restored from a backup has fewer changes behind it.
        goes_on = version.otherwise == known.otherwise and version.numbered > known.numbered
        if not (goes_on and await self._follow(known)):
            self._clients.clear()
            self._resources = None
            self._origins = None
        self._version = version


class SqlClientRegistry:
    """Implements `ClientRegistry`. `changed` is called after every change, one that may have failed too."""

    def __init__(self, database: Database, changed: Callable[[], None]) -> None:
        self._database = database
        self._changed = changed

    async def page(self, after: str, limit: int) -> tuple[Client, ...]:
        return await self._database.run_read(page_of_clients(after, limit))

    async def matching(self, fits: FitsWords, after: str, limit: int) -> tuple[Client, ...]:
        found: list[Client] = []
        while len(found) < limit:
            page = await self._database.run_read(page_of_documents(after, _SEARCHED_AT_ONCE))
            for document in page:
                # Most do not fit: their names alone are read.
                named = _named.decode(document)
                after = named.client_id
                if fits(named.client_id, named.names):
                    found.append(read_document(document))
                    if len(found) == limit:
                        break
            if len(page) < _SEARCHED_AT_ONCE:
                break
        return tuple(found)

    async def find(self, client_id: str) -> Client | None:
        return await self._database.run_read(find_client(client_id))

    async def add(self, client: Client, event: Event) -> bool:
        return await self._write(add_client(client), event)

    async def save(self, client: Client, event: Event) -> None:
        await self._write(save_clients([client]), event)

    async def replace(self, before: Client, after: Client, event: Event) -> bool:
        return await self._write(replace_seen_client(before, after), event)

    async def _write(self, change: UnitOfWork[None], event: Event) -> bool:
        try:
            await self._database.write(change, [event])
        except ChangedMeanwhileError:
            return False
        finally:
            self._changed()
        return True
