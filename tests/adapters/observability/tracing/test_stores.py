from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select, text, update

from idp.adapters.crypto.system import SystemClock
from idp.adapters.sql import schema
from idp.adapters.sql.database import Database
from idp.adapters.sql.short_lived import SqlShortLivedStore
from idp.adapters.sql.stores import open_database
from idp.adapters.sql.tables.main import accounts, clients, persons
from idp.adapters.sql.unit_of_work import All, Append, One, Run, UnitOfWork
from idp.domain.events import Origin, RefusalsCounted
from idp.domain.ids import RequestId, Seconds
from idp.domain.outcomes import Claimed
from idp.ports.errors import StoreUnavailableError
from idp.ports.short_lived import Throttle
from tests.adapters.observability.tracing.memory import Noted

NOW, LATER = Seconds(1_000), Seconds(2_000)
EVENT = RefusalsCounted(
    origin=Origin(request_id=RequestId("r"), source="s"), endpoint="token", error="invalid_client", count=1
)


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/idp.db"
    schema.prepare(url)
    database = open_database(url, SystemClock())
    yield database
    await database.close()


def _change(name: str) -> UnitOfWork[int]:
    yield One(select(clients.c.client_id).where(clients.c.client_id == name), {})
    changed: int = yield Run(update(clients).where(clients.c.client_id == name).values(wants_logout=1), {})
    yield Append(EVENT)
    return changed


def _look() -> UnitOfWork[int]:
    rows: list[tuple[str]] = yield All(select(persons.c.person_id, accounts.c.kind).join(accounts), {})
    yield One(text("SELECT 1"), {})
    return len(rows)


def _silent() -> UnitOfWork[None]:
    yield One(text("SELECT 1"), {})
    raise StoreUnavailableError


async def test_a_unit_of_work_is_named_with_its_kinds_of_statements_and_no_values(engine: Database) -> None:
    noted = Noted()
    database = noted.traces.database(engine, "sqlite")
    request = noted.traces.begin(None)
    assert await database.write(_change("001099000001")) == 0
    assert await database.run_read(_look()) == 0
    await database.write(None, [EVENT])
    request.end("POST token", {}, failed=False)
    assert noted.names() == [
        "database write change", "database read look", "database write events", "POST token",
    ]  # fmt: skip
    assert noted.attributes("database write change") == {
        "db.system.name": "sqlite",
        "db.operation.name": "write",
        "db.query.summary": "SELECT clients; UPDATE clients; APPEND event",
    }
    assert noted.attributes("database read look")["db.query.summary"] == "SELECT join; TEXTCLAUSE"
    assert "001099000001" not in "".join(span.to_json() for span in noted.spans())


async def test_a_store_that_does_not_answer_is_a_fault_of_the_span(engine: Database) -> None:
    noted = Noted()
    request = noted.traces.begin(None)
    with pytest.raises(StoreUnavailableError):
        await noted.traces.database(engine, "sqlite").write(_silent())
    request.end("POST token", {}, failed=True)
    assert [span.status.is_ok for span in noted.spans()] == [False, False]


async def test_short_lived_state_that_does_not_answer_is_a_fault_too(engine: Database) -> None:
    class Silent(SqlShortLivedStore):
        async def get(self, key: str, now: Seconds) -> bytes | None:
            raise StoreUnavailableError

    noted = Noted()
    request = noted.traces.begin(None)
    with pytest.raises(StoreUnavailableError):
        await noted.traces.short_lived(Silent(engine)).get("code:secret", NOW)
    request.end("POST token", {}, failed=True)
    assert noted.attributes("state get")["error.type"] == "StoreUnavailableError"
    assert not noted.spans()[0].status.is_ok


async def test_outside_of_a_traced_request_stores_are_just_used(engine: Database) -> None:
    noted = Noted()
    database = noted.traces.database(engine, "sqlite")
    assert await database.write(_change("x")) == 0
    assert await database.run_read(_look()) == 0
    await database.settle_events()
    store = noted.traces.short_lived(SqlShortLivedStore(database))
    assert await store.get("code:1", NOW) is None
    assert noted.names() == []


async def test_short_lived_state_tells_the_kind_of_a_key_and_never_the_key(engine: Database) -> None:
    noted = Noted()
    store = noted.traces.short_lived(SqlShortLivedStore(engine))
    throttles = (Throttle("t:001099000001", 1, 60),)
    request = noted.traces.begin(None)
    await store.put("code:secret", b"value-1", LATER, tombstone="grant")
    assert await store.get("code:secret", NOW) == b"value-1"
    assert await store.replace("code:secret", b"value-1", b"value-2", LATER)
    assert await store.claim("code:secret", NOW, keep_until=LATER) == Claimed(b"value-2")
    await store.delete("secret")
    assert await store.increment("count:secret", NOW, LATER) == 1
    assert await store.mark("count:secret", NOW, LATER) == (2, 0)
    assert await store.take(throttles, NOW) == 0
    await store.give_back(throttles)
    assert await store.remembers_since(NOW) == 0
    assert await store.sweep(Seconds(LATER + 1), 10) >= 1
    request.end("GET authorize", {}, failed=False)
    kinds = {name.removeprefix("state "): noted.attributes(name)["db.collection.name"] for name in noted.names()[:-1]}
    assert kinds == {
        "put": "code", "get": "code", "replace": "code", "claim": "code", "delete": "other", "increment": "count",
        "mark": "count", "take": "throttle", "give_back": "throttle", "remembers_since": "other",
    }  # fmt: skip
    everything = "".join(span.to_json() for span in noted.spans())
    assert not [each for each in ("secret", "value-", "001099000001", "grant") if each in everything]
