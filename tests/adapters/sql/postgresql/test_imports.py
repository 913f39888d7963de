"""What an import makes of a client that somebody changes at the same moment. On SQLite nobody writes beside it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.sql.clients.client_rows import replace_seen_client
from idp.adapters.sql.stores import Stores, open_stores
from idp.adapters.sql.unit_of_work import One, UnitOfWork
from idp.domain.clients.client import Client
from idp.domain.ids import ClientId
from idp.domain.records import Loaded, Records
from idp.ports.vault import Vault
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT, client

_SOMEBODY_WAITS_FOR_THIS = text(
    "SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = CAST(pg_current_xact_id() AS xid)"
)


@pytest.fixture
async def stores(url: str, vault: Vault, clock: TurnedClock, entropy: SystemEntropy) -> AsyncIterator[Stores]:
    opened = open_stores(url, vault, clock, entropy)
    yield opened
    await opened.close()


def _change_slowly(before: Client, after: Client, began: asyncio.Event) -> UnitOfWork[None]:
    """Change a client, and let go once the import waits."""
    yield from replace_seen_client(before, after)
    began.set()
    while (yield One(_SOMEBODY_WAITS_FOR_THIS, {})) is None:
        pass


async def test_a_client_that_is_disabled_during_an_import_stays_disabled(stores: Stores) -> None:
    known, other = client(), client("other")
    await stores.records.load(Records(clients=(known, other)), EVENT)
    began = asyncio.Event()
    disabling = _change_slowly(known, replace(known, disabled=True, secret_hashes=(b"new",)), began)
    change = asyncio.create_task(stores.database.write(disabling))
    await began.wait()

    told = {"name": {"vi": "Cổng", "en": "Portal"}}
    records = Records(clients=(replace(known, metadata=told), replace(other, metadata=told)))
    assert await stores.records.load(records, EVENT) == Loaded(changed=2)
    await change
    found = await stores.client_registry.find(ClientId("portal"))
    assert found is not None
    assert (found.disabled, found.secret_hashes, found.metadata) == (True, (b"new",), told)
