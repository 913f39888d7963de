"""Clients and resources as rows, and the number of each change, by which every process learns what to read again."""

from typing import Final, NamedTuple

import msgspec
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.clients.releases import remember_policies
from idp.adapters.sql.tables.main import clients, resources
from idp.adapters.sql.tables.operation import versions
from idp.adapters.sql.unit_of_work import All, Many, One, Parameters, Row, Run, UnitOfWork
from idp.domain.clients.client import Client, Resource

_REGISTRY: Final = "clients"
"""The version that moves with every change of clients and resources."""
_NUMBERED: Final = "clients.numbered"
"""The version that moves with those changes alone whose clients carry its number. An older release knows none."""

_VERSIONS = select(versions.c.name, versions.c.version).where(
    or_(versions.c.name == _REGISTRY, versions.c.name == _NUMBERED)
)
_first = insert(versions).values(name=bindparam("name"), version=1)
_NEXT_VERSION = _first.on_conflict_do_update(
    index_elements=["name"], set_={"version": versions.c.version + 1}
).returning(versions.c.version)

_GET = select(clients.c.document).where(clients.c.client_id == bindparam("client_id"))
_GET_TO_CHANGE = _GET.with_for_update()
_PAGE = (
    select(clients.c.document)
    .where(clients.c.client_id > bindparam("after"))
    .order_by(clients.c.client_id)
    .limit(bindparam("limit"))
)
_WALK = (
    select(clients.c.client_id, clients.c.document)
    .where(clients.c.client_id > bindparam("after"))
    .order_by(clients.c.client_id)
    .limit(bindparam("limit"))
)
_CHANGED = (
    select(clients.c.client_id, clients.c.document)
    .where(clients.c.version > bindparam("known"))
    .order_by(clients.c.version)
    .limit(bindparam("limit"))
)
_new_client = insert(clients)
_SAVE = _new_client.on_conflict_do_update(
    index_elements=["client_id"],
    set_={
        "document": _new_client.excluded.document,
        "wants_logout": _new_client.excluded.wants_logout,
        "version": _new_client.excluded.version,
    },
)
_ADD = insert(clients).on_conflict_do_nothing(index_elements=["client_id"])
_REPLACE = (
    update(clients)
    .where(clients.c.client_id == bindparam("client"), clients.c.document == bindparam("known"))
    .values(document=bindparam("changed"), version=bindparam("number"))
)
_RESOURCE = select(resources.c.audience, resources.c.scopes).where(resources.c.audience == bindparam("audience"))
_RESOURCES = select(resources.c.audience, resources.c.scopes).order_by(resources.c.audience)
_new_resource = insert(resources)
_SAVE_RESOURCE = _new_resource.on_conflict_do_update(
    index_elements=["audience"], set_={"scopes": _new_resource.excluded.scopes}
)

_client = msgspec.json.Decoder(Client)
_scopes = msgspec.json.Decoder(frozenset[str])


class ChangedMeanwhileError(Exception):
    """Ends a unit of work whose event must not be written."""


class RegistryVersion(msgspec.Struct, frozen=True, gc=False):
    """How often the registry changed: with a number on each client that changed, and otherwise.

    Otherwise are changes of resources, and those by an older release while another one takes over.
    """

    numbered: int
    otherwise: int


class FoundClient(NamedTuple):
    """A client among others; none where this release cannot read what is stored, as a newer one may have written it."""

    client_id: str
    client: Client | None


def registry_version() -> UnitOfWork[RegistryVersion]:
    """Read the version."""
    found: dict[str, int] = dict((yield All(_VERSIONS, {})))
    numbered = found.get(_NUMBERED, 0)
    return RegistryVersion(numbered, found.get(_REGISTRY, 0) - numbered)


def changed_clients(known: RegistryVersion, limit: int) -> UnitOfWork[tuple[FoundClient, ...]]:
    """Read clients that changed since, `limit` at most."""
    rows: list[Row] = yield All(_CHANGED, {"known": known.numbered, "limit": limit})
    return tuple(_found(row) for row in rows)


def walked_clients(after: str, limit: int) -> UnitOfWork[tuple[FoundClient, ...]]:
    """Read at most `limit` clients behind `after`, those that cannot be read among them."""
    rows: list[Row] = yield All(_WALK, {"after": after, "limit": limit})
    return tuple(_found(row) for row in rows)


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
    """Read at most `limit` clients behind `after`. Raises when one of them cannot be read."""
    rows: list[Row] = yield All(_PAGE, {"after": after, "limit": limit})
    return tuple(_client.decode(document) for (document,) in rows)


def page_of_documents(after: str, limit: int) -> UnitOfWork[list[bytes]]:
    """Read the same as stored."""
    rows: list[Row] = yield All(_PAGE, {"after": after, "limit": limit})
    return [document for (document,) in rows]


def client_document(client: Client) -> bytes:
    """A client as stored: the same bytes for equal clients."""
    return msgspec.json.encode(client, order="deterministic")


def read_document(document: bytes) -> Client:
    """Return the client that is stored so."""
    return _client.decode(document)


def save_clients(changed: list[Client]) -> UnitOfWork[None]:
    """Create or replace clients, and let every process know which."""
    number = yield from next_number()
    yield from save_numbered(changed, number)


def add_client(client: Client) -> UnitOfWork[None]:
    """Create a client. Raises `ChangedMeanwhileError` when the identifier is taken."""
    number = yield from next_number()
    if not (yield Run(_ADD, _stored(client, number))):
        raise ChangedMeanwhileError
    yield from save_numbered([client], number)


def replace_seen_client(before: Client, after: Client) -> UnitOfWork[None]:
    """Replace a client that still says `before`. Raises `ChangedMeanwhileError` when it does not."""
    number = yield from next_number()
    row: Row | None = yield One(_GET_TO_CHANGE, {"client_id": before.client_id})
    # What was stored by another release has other bytes, and is the same client.
    if row is None or _client.decode(row[0]) != before:
        raise ChangedMeanwhileError
    yield from save_numbered([after], number)


def replace_client(read: Client, changed: Client) -> UnitOfWork[None]:
    """Put a changed client where the one that was read still stands, and let every process know."""
    number = yield from next_number()
    known = {"client": read.client_id, "known": client_document(read), "changed": client_document(changed)}
    yield Run(_REPLACE, {**known, "number": number})


def save_resources(changed: list[Resource]) -> UnitOfWork[None]:
    """Create or replace resources, and let every process know."""
    rows = [
        {"audience": resource.audience, "scopes": msgspec.json.encode(sorted(resource.scopes)).decode()}
        for resource in changed
    ]
    yield Many(_SAVE_RESOURCE, rows)
    yield One(_NEXT_VERSION, {"name": _REGISTRY})


def next_number() -> UnitOfWork[int]:
    """Return the number of this change; from here on no other one comes before its end.

    First of all in a change: so numbers are seen in their order, and nobody waits for a client of somebody who waits.
    """
    yield One(_NEXT_VERSION, {"name": _REGISTRY})
    row: Row = yield One(_NEXT_VERSION, {"name": _NUMBERED})
    return int(row[0])


def save_numbered(changed: list[Client], number: int) -> UnitOfWork[None]:
    """The same for whoever took the number of the change before looking at the clients."""
    yield Many(_SAVE, [_stored(client, number) for client in changed])
    yield from remember_policies(changed)


def _stored(client: Client, number: int) -> Parameters:
    return {
        "client_id": client.client_id,
        "document": client_document(client),
        "wants_logout": int(client.backchannel_logout_uri is not None and not client.disabled),
        "version": number,
    }


def _found(row: Row) -> FoundClient:
    client_id, document = row
    try:
        return FoundClient(client_id, _client.decode(document))
    except (ValueError, RecursionError):
        # Bytes that are no UTF-8 are a `ValueError` too, though none of msgspec's.
        return FoundClient(client_id, None)


def _read_resource(row: Row) -> Resource:
    audience, scopes = row
    return Resource(audience, _scopes.decode(scopes))
