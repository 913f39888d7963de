"""Clients and resources on SQL: documents, kept decoded in each process until the registry's version moves."""

import asyncio

import msgspec
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.operation_tables import versions
from idp.adapters.sql.releases import remember_policies
from idp.adapters.sql.tables import clients, resources
from idp.adapters.sql.unit_of_work import All, Many, One, Parameters, Row, Run, UnitOfWork
from idp.domain.client import Client, Resource
from idp.domain.events import Event
from idp.domain.ids import Seconds
from idp.ports.clients import FitsWords
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError

_VERSION = select(versions.c.version).where(versions.c.name == "clients")
_first = insert(versions).values(name="clients", version=1)
_NEXT_VERSION = _first.on_conflict_do_update(index_elements=["name"], set_={"version": versions.c.version + 1})

_GET = select(clients.c.document).where(clients.c.client_id == bindparam("client_id"))
_GET_TO_CHANGE = _GET.with_for_update()
_PAGE = (
    select(clients.c.document)
    .where(clients.c.client_id > bindparam("after"))
    .order_by(clients.c.client_id)
    .limit(bindparam("limit"))
)
_new_client = insert(clients)
_SAVE = _new_client.on_conflict_do_update(
    index_elements=["client_id"],
    set_={"document": _new_client.excluded.document, "wants_logout": _new_client.excluded.wants_logout},
)
_ADD = insert(clients).on_conflict_do_nothing(index_elements=["client_id"])
_REPLACE = (
    update(clients)
    .where(clients.c.client_id == bindparam("client"), clients.c.document == bindparam("known"))
    .values(document=bindparam("changed"))
)
_RESOURCE = select(resources.c.audience, resources.c.scopes).where(resources.c.audience == bindparam("audience"))
_RESOURCES = select(resources.c.audience, resources.c.scopes).order_by(resources.c.audience)
_new_resource = insert(resources)
_SAVE_RESOURCE = _new_resource.on_conflict_do_update(
    index_elements=["audience"], set_={"scopes": _new_resource.excluded.scopes}
)

_PAGE_OF_ORIGINS = 100

_SEARCHED_AT_ONCE = 200


class _Named(msgspec.Struct, frozen=True):
    """Of a client what it is found by."""

    client_id: str
    names: dict[str, str] = {}


_client = msgspec.json.Decoder(Client)
_named = msgspec.json.Decoder(_Named)
_scopes = msgspec.json.Decoder(frozenset[str])


class SqlClients:
    """Implements `Clients`. The version is looked at once in each second in which somebody asks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._checked_at: Seconds | None = None
        self._version = -1
        self._clients: dict[str, Client] = {}
        self._resources: tuple[Resource, ...] | None = None
        self._origins: frozenset[str] | None = None
        self._gathering: asyncio.Task[frozenset[str]] | None = None

    async def get(self, client_id: str) -> Client | None:
        await self._refresh()
        client = self._clients.get(client_id)
        if client is None:
            # An unknown identifier is not remembered: strangers could fill the memory with them.
            version = self._version
            client = await self._database.run_read(find_client(client_id))
            # What was read before the registry moved on must not be kept as what came after.
            if client is not None and version == self._version:
                self._clients[client_id] = client
        return client

    async def allows_origin(self, origin: str) -> bool:
        await self._refresh()
        origins = self._origins
        if origins is None:
            # One walk for everybody who waits; who gives up does not end it for the others.
            if self._gathering is None:
                self._gathering = asyncio.create_task(self._gather_origins())
                self._gathering.add_done_callback(self._gathered)
            origins = await asyncio.shield(self._gathering)
        return origin in origins

    async def resource(self, audience: str) -> Resource | None:
        return next((resource for resource in await self.resources() if resource.audience == audience), None)

    async def resources(self) -> tuple[Resource, ...]:
        await self._refresh()
        if self._resources is not None:
            return self._resources
        version = self._version
        found = await self._database.run_read(all_resources())
        if version == self._version:
            self._resources = found
        return found

    async def _gather_origins(self) -> frozenset[str]:
        """Return the origins of every client, page by page, so that other work goes on in between."""
        version, origins, after = self._version, set[str](), ""
        while page := await self._database.run_read(page_of_clients(after, _PAGE_OF_ORIGINS)):
            after = page[-1].client_id
            for client in page:
                origins |= client.browser_origins
        found = frozenset(origins)
        if version == self._version:
            self._origins = found
        return found

    def _gathered(self, task: asyncio.Task[frozenset[str]]) -> None:
        self._gathering = None
        if not task.cancelled():
            # Whoever waited was told; nobody may have.
            task.exception()

    async def _refresh(self) -> None:
        now, before = self._clock.now(), self._checked_at
        if now == before:
            return
        # Whoever else asks meanwhile is answered from what was good in the second before.
        self._checked_at = now
        try:
            version = await self._database.run_read(_registry_version())
        except StoreUnavailableError:
            self._checked_at = before
            raise
        if version != self._version:
            self._clients.clear()
            self._resources = None
            self._origins = None
            self._version = version


class _ChangedMeanwhile(Exception):
    """Ends a unit of work whose event must not be written."""


class SqlClientRegistry:
    """Implements `ClientRegistry`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, after: str, limit: int) -> tuple[Client, ...]:
        return await self._database.run_read(page_of_clients(after, limit))

    async def matching(self, fits: FitsWords, after: str, limit: int) -> tuple[Client, ...]:
        found: list[Client] = []
        while len(found) < limit:
            page = await self._database.run_read(_page_of_documents(after))
            for document in page:
                # Most do not fit: their names alone are read.
                named = _named.decode(document)
                after = named.client_id
                if fits(named.client_id, named.names):
                    found.append(_client.decode(document))
                    if len(found) == limit:
                        break
            if len(page) < _SEARCHED_AT_ONCE:
                break
        return tuple(found)

    async def find(self, client_id: str) -> Client | None:
        return await self._database.run_read(find_client(client_id))

    async def add(self, client: Client, event: Event) -> bool:
        try:
            await self._database.write(_add_client(client), [event])
        except _ChangedMeanwhile:
            return False
        return True

    async def save(self, client: Client, event: Event) -> None:
        await self._database.write(save_clients([client]), [event])

    async def replace(self, before: Client, after: Client, event: Event) -> bool:
        try:
            await self._database.write(_replace_client(before, after), [event])
        except _ChangedMeanwhile:
            return False
        return True


def find_client(client_id: str) -> UnitOfWork[Client | None]:
    """Read one client as stored."""
    row: Row | None = yield One(_GET, {"client_id": client_id})
    return None if row is None else _client.decode(row[0])


def find_resource(audience: str) -> UnitOfWork[Resource | None]:
    """Read one resource as stored."""
    row: Row | None = yield One(_RESOURCE, {"audience": audience})
    return None if row is None else _read_resource(row)


def all_resources() -> UnitOfWork[tuple[Resource, ...]]:
    """Read every resource."""
    rows: list[Row] = yield All(_RESOURCES, {})
    return tuple(_read_resource(row) for row in rows)


def page_of_clients(after: str, limit: int) -> UnitOfWork[tuple[Client, ...]]:
    """Read at most `limit` clients behind `after`."""
    rows: list[Row] = yield All(_PAGE, {"after": after, "limit": limit})
    return tuple(_client.decode(document) for (document,) in rows)


def _page_of_documents(after: str) -> UnitOfWork[list[bytes]]:
    rows: list[Row] = yield All(_PAGE, {"after": after, "limit": _SEARCHED_AT_ONCE})
    return [document for (document,) in rows]


def client_document(client: Client) -> bytes:
    """A client as stored: the same bytes for equal clients."""
    return msgspec.json.encode(client, order="deterministic")


def save_clients(changed: list[Client]) -> UnitOfWork[None]:
    """Create or replace clients, and let every process know."""
    yield Many(_SAVE, [_stored(client) for client in changed])
    yield from remember_policies(changed)
    yield Run(_NEXT_VERSION, {})


def _stored(client: Client) -> Parameters:
    return {
        "client_id": client.client_id,
        "document": client_document(client),
        "wants_logout": int(client.backchannel_logout_uri is not None and not client.disabled),
    }


def replace_client(read: Client, changed: Client) -> UnitOfWork[None]:
    """Put a changed client where the one that was read still stands, and let every process know."""
    known = {"client": read.client_id, "known": client_document(read), "changed": client_document(changed)}
    if (yield Run(_REPLACE, known)):
        yield Run(_NEXT_VERSION, {})


def _add_client(client: Client) -> UnitOfWork[None]:
    if not (yield Run(_ADD, _stored(client))):
        raise _ChangedMeanwhile
    yield from save_clients([client])


def _replace_client(before: Client, after: Client) -> UnitOfWork[None]:
    row: Row | None = yield One(_GET_TO_CHANGE, {"client_id": before.client_id})
    # What was stored by another release has other bytes, and is the same client.
    if row is None or _client.decode(row[0]) != before:
        raise _ChangedMeanwhile
    yield from save_clients([after])


def save_resources(changed: list[Resource]) -> UnitOfWork[None]:
    """Create or replace resources, and let every process know."""
    rows = [
        {"audience": resource.audience, "scopes": msgspec.json.encode(sorted(resource.scopes)).decode()}
        for resource in changed
    ]
    yield Many(_SAVE_RESOURCE, rows)
    yield Run(_NEXT_VERSION, {})


def _registry_version() -> UnitOfWork[int]:
    row: Row | None = yield One(_VERSION, {})
    return 0 if row is None else int(row[0])


def _read_resource(row: Row) -> Resource:
    audience, scopes = row
    return Resource(audience, _scopes.decode(scopes))
