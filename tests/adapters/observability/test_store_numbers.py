from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from idp.adapters.observability.metrics import Metrics
from idp.adapters.observability.store_numbers import watch_stores
from idp.adapters.sql import schema
from idp.adapters.sql.sqlite.database import SqliteDatabase
from idp.adapters.sql.stores import open_database
from idp.domain.ids import Seconds
from tests.adapters.turned_clock import START, TurnedClock


class Outbox:
    """Two messages, or none."""

    def __init__(self, *since: int) -> None:
        self._since = since

    async def pending(self) -> int:
        return len(self._since)

    async def oldest(self) -> Seconds | None:
        return Seconds(min(self._since)) if self._since else None


class ChainingLater(SqliteDatabase):
    """An engine that chains what it made durable before."""

    waits: tuple[int, int | None] = (0, None)

    async def events_waiting(self) -> tuple[int, int | None]:
        return self.waits


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[ChainingLater]:
    schema.prepare(f"sqlite:///{tmp_path}/idp.db")
    database = ChainingLater(tmp_path / "idp.db", TurnedClock())
    yield database
    await database.close()


async def _gauges(metrics: Metrics) -> dict[str, float]:
    return {name: values[()] for name, values in (await metrics.sample()).gauges.items()}


async def test_what_waits_is_told_with_its_age(engine: ChainingLater) -> None:
    metrics = Metrics()
    watch_stores(metrics, engine, Outbox(START - 90, START - 30), TurnedClock())  # type: ignore[arg-type] # two methods of it
    engine.waits = (12, (START - 4) * 1000)
    assert await _gauges(metrics) == {
        "idp_writer_queue": 0,
        "idp_outbox_pending": 2,
        "idp_outbox_oldest_seconds": 90,
        "idp_audit_pending": 12,
        "idp_audit_oldest_seconds": 4,
    }


async def test_where_nothing_waits_nothing_is_old(engine: ChainingLater) -> None:
    metrics = Metrics()
    watch_stores(metrics, engine, Outbox(), TurnedClock())  # type: ignore[arg-type] # two methods of it
    assert set((await _gauges(metrics)).values()) == {0}


async def test_an_engine_that_chains_at_once_has_nothing_to_chain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/idp.db"
    schema.prepare(url)
    database, metrics = open_database(url, TurnedClock()), Metrics()
    watch_stores(metrics, database, Outbox(), TurnedClock())  # type: ignore[arg-type] # two methods of it
    gauges = await _gauges(metrics)
    assert (gauges["idp_audit_pending"], gauges["idp_audit_oldest_seconds"]) == (0, 0)
    await database.close()
