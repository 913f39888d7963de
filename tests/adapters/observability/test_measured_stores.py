from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from idp.adapters.crypto.system import SystemClock
from idp.adapters.observability.measured_stores import MeasuredDatabase, MeasuredShortLivedStore
from idp.adapters.observability.metrics import Metrics
from idp.adapters.sql import schema
from idp.adapters.sql.database import Database
from idp.adapters.sql.short_lived import SqlShortLivedStore
from idp.adapters.sql.stores import open_database
from idp.adapters.sql.unit_of_work import UnitOfWork
from idp.domain.events import Origin, RefusalsCounted
from idp.domain.ids import RequestId, Seconds
from idp.domain.outcomes import Claimed
from idp.ports.errors import StoreUnavailableError
from idp.ports.short_lived import Throttle

NOW, LATER = Seconds(1_000), Seconds(2_000)
EVENT = RefusalsCounted(
    origin=Origin(request_id=RequestId("r"), source="s"), endpoint="token", error="invalid_client", count=1
)


def _half_seconds() -> Callable[[], float]:
    moments = iter(range(1_000))
    return lambda: next(moments) / 2


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/idp.db"
    schema.prepare(url)
    database = open_database(url, SystemClock())
    yield database
    await database.close()


def _unit(answer: str) -> UnitOfWork[str]:
    yield from ()
    return answer


def _refusing() -> UnitOfWork[None]:
    yield from ()
    raise KeyError


def _silent() -> UnitOfWork[None]:
    yield from ()
    raise StoreUnavailableError


def _counts(metrics: Metrics) -> dict[tuple[str, ...], int]:
    return {
        labels: sum(distribution.counts)
        for labels, distribution in metrics.numbers.distributions["idp_store_operation_seconds"].items()
    }


def _errors(metrics: Metrics) -> dict[tuple[str, ...], float]:
    counters = metrics.numbers.counters["idp_store_errors_total"]
    return {labels: count for labels, count in counters.items() if count}


async def test_reads_writes_and_events_alone_are_measured_apart(engine: Database) -> None:
    metrics = Metrics()
    database = MeasuredDatabase(engine, metrics, _half_seconds())
    assert await database.run_read(_unit("read")) == "read"
    assert await database.write(_unit("written"), [EVENT]) == "written"
    await database.write(None, [EVENT])
    await database.settle_events()
    assert _counts(metrics) == {("database", each): 1 for each in ("read", "write", "audit", "chain")}
    read = metrics.numbers.distributions["idp_store_operation_seconds"]["database", "read"]
    assert read.seconds == 0.5
    assert _errors(metrics) == {}


async def test_only_silence_of_the_store_is_an_error(engine: Database) -> None:
    metrics = Metrics()
    database = MeasuredDatabase(engine, metrics)
    with pytest.raises(KeyError):
        await database.write(_refusing())
    with pytest.raises(StoreUnavailableError):
        await database.write(_silent())
    assert _errors(metrics) == {("database", "write"): 1}
    assert _counts(metrics) == {("database", "write"): 2}


async def test_errors_are_shown_before_there_is_one(engine: Database) -> None:
    metrics = Metrics()
    MeasuredShortLivedStore(SqlShortLivedStore(engine), metrics)
    assert metrics.numbers.counters["idp_store_errors_total"]["state", "claim"] == 0


async def test_every_operation_on_short_lived_state_is_passed_on_and_measured(engine: Database) -> None:
    metrics = Metrics()
    store = MeasuredShortLivedStore(SqlShortLivedStore(engine), metrics, _half_seconds())
    throttles = (Throttle("t:1", 1, 60),)
    await store.put("code:1", b"a", LATER, tombstone="grant")
    assert await store.get("code:1", NOW) == b"a"
    assert await store.replace("code:1", b"a", b"b", LATER)
    assert await store.claim("code:1", NOW, keep_until=LATER) == Claimed(b"b")
    await store.delete("code:1")
    assert await store.increment("count:1", NOW, LATER) == 1
    assert await store.mark("count:1", NOW, LATER) == (2, 0)
    assert await store.take(throttles, NOW) == 0
    assert await store.take(throttles, NOW) > 0
    await store.give_back(throttles)
    assert await store.take(throttles, NOW) == 0
    assert await store.remembers_since(NOW) == 0
    assert await store.sweep(Seconds(LATER + 1), 10) >= 1
    assert _counts(metrics) == {
        ("state", each): 3 if each == "take" else 1
        for each in (
            "put",
            "get",
            "replace",
            "claim",
            "delete",
            "increment",
            "mark",
            "take",
            "give_back",
            "sweep",
            "remembers_since",
        )
    }
