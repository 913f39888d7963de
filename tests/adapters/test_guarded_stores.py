"""Guarded stores on a real SQLite file, locked and unlocked by somebody else."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from idp.adapters.breaker import FAILURES, PAUSE, State
from idp.adapters.guarded_stores import (
    DATABASE_READ,
    DATABASE_WRITE,
    STATE,
    Breakers,
    GuardedDatabase,
    GuardedShortLivedStore,
)
from idp.adapters.sql import schema
from idp.adapters.sql.short_lived import SqlShortLivedStore
from idp.adapters.sql.sqlite.database import SqliteDatabase
from idp.domain.ids import Seconds
from idp.domain.outcomes import Claimed
from idp.ports.errors import StoreUnavailableError
from idp.ports.short_lived import Throttle
from tests.adapters.turned_clock import START, TurnedClock

LATER = Seconds(START + 100)
NOW = Seconds(START)


@dataclass
class Guarded:
    path: Path
    at: float = 0.0
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.breakers = Breakers(64, self.refused.append, lambda: self.at)
        self.database = GuardedDatabase(
            SqliteDatabase(self.path, TurnedClock(), lock_timeout=0.01),
            self.breakers.of(DATABASE_READ),
            self.breakers.of(DATABASE_WRITE),
        )
        self.short_lived = SqlShortLivedStore(self.database)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another program holds the write lock."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    schema.prepare(f"sqlite:///{tmp_path}/idp.db")
    guarded = Guarded(tmp_path / "idp.db")
    yield guarded
    await guarded.database.close()


async def test_writes_to_a_locked_database_are_soon_refused_at_once_while_reads_go_on(guarded: Guarded) -> None:
    with guarded.locked():
        for _ in range(FAILURES):
            with pytest.raises(StoreUnavailableError):
                await guarded.short_lived.put("code:1", b"x", LATER)
            assert await guarded.short_lived.get("code:1", NOW) is None
        assert guarded.refused == []
        with pytest.raises(StoreUnavailableError):
            await guarded.short_lived.put("code:1", b"x", LATER)
        assert guarded.refused == [DATABASE_WRITE]
        assert await guarded.short_lived.get("code:1", NOW) is None
        guarded.at += PAUSE
        # It writes nothing on this engine, so that it is no proof of anything.
        await guarded.database.settle_events()
    assert guarded.breakers.states() == {(DATABASE_READ,): State.CLOSED, (DATABASE_WRITE,): State.OPEN}


async def test_writes_go_on_after_the_lock_is_gone(guarded: Guarded) -> None:
    with guarded.locked():
        await asyncio.gather(
            *(guarded.short_lived.put(f"code:{number}", b"x", LATER) for number in range(20)), return_exceptions=True
        )
        assert guarded.breakers.states()[(DATABASE_WRITE,)] == State.OPEN
    guarded.at += PAUSE
    await guarded.short_lived.put("code:1", b"x", LATER)
    assert await guarded.short_lived.get("code:1", NOW) == b"x"
    assert guarded.breakers.states() == {(DATABASE_READ,): State.CLOSED, (DATABASE_WRITE,): State.CLOSED}


async def test_a_database_that_is_gone_refuses_both(guarded: Guarded) -> None:
    guarded.path.unlink()
    for _ in range(FAILURES + 1):
        with pytest.raises(StoreUnavailableError):
            await guarded.short_lived.put("code:1", b"x", LATER)
        with pytest.raises(StoreUnavailableError):
            await guarded.short_lived.get("code:1", NOW)
    assert guarded.refused == [DATABASE_WRITE, DATABASE_READ]


async def test_half_of_the_requests_in_progress_may_wait_for_one_store(guarded: Guarded) -> None:
    with guarded.locked():
        waiting = [asyncio.create_task(guarded.short_lived.put(f"code:{each}", b"x", LATER)) for each in range(40)]
        await asyncio.sleep(0)
        assert guarded.breakers.of(DATABASE_WRITE).in_progress == 32
        await asyncio.gather(*waiting, return_exceptions=True)
    assert guarded.refused == [DATABASE_WRITE] * 8


async def test_every_operation_of_a_short_lived_store_passes_its_breaker(tmp_path: Path, guarded: Guarded) -> None:
    breaker = guarded.breakers.of(STATE)
    store = GuardedShortLivedStore(guarded.short_lived, breaker)
    bucket = (Throttle("throttle:1", 1, 60),)
    await store.put("code:1", b"x", LATER, tombstone="grant")
    assert await store.get("code:1", NOW) == b"x"
    assert await store.replace("code:1", b"x", b"y", LATER)
    assert await store.claim("code:1", NOW, keep_until=LATER) == Claimed(b"y")
    await store.delete("code:1")
    assert await store.increment("count:1", NOW, LATER) == 1
    assert await store.take(bucket, NOW) == 0
    assert await store.take(bucket, NOW) > 0
    await store.give_back(bucket)
    assert await store.take(bucket, NOW) == 0
    assert await store.sweep(LATER, 100) > 0

    for _ in range(FAILURES):
        with pytest.raises(StoreUnavailableError):
            await breaker.run(_away)
    later = Seconds(LATER + 1)
    operations = (
        store.put("code:2", b"x", LATER),
        store.get("code:2", NOW),
        store.replace("code:2", b"x", b"y", LATER),
        store.claim("code:2", NOW, keep_until=LATER),
        store.delete("code:2"),
        store.increment("count:2", NOW, LATER),
        store.take(bucket, NOW),
        store.give_back(bucket),
        store.sweep(later, 100),
    )
    for operation in operations:
        with pytest.raises(StoreUnavailableError):
            await operation
    assert guarded.refused == [STATE] * len(operations)


async def _away() -> None:
    raise TimeoutError
