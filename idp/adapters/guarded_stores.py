"""Stores behind breakers: the durable one with its reads and writes apart, and the short-lived one.

A database that takes no writes (a full disk, a lock that another program holds) often still answers reads, and these
would keep saying that all is well: each direction has a breaker of its own.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from idp.adapters.breaker import Breaker
from idp.adapters.sql.database import Database
from idp.adapters.sql.unit_of_work import UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.ports.short_lived import ShortLivedStore, Throttle

T = TypeVar("T")

DATABASE_READ = "database_read"
DATABASE_WRITE = "database_write"
STATE = "state"

FEWEST = 16


class Breakers:
    """The breakers of one process by the name of their store. `refused` hears the name with every refusal."""

    def __init__(self, request_limit: int, refused: Callable[[str], None], monotonic: Callable[[], float]) -> None:
        """Of the requests in progress at most half may wait for one store, so that the others go on without it."""
        self._most = max(FEWEST, request_limit // 2)
        self._refused = refused
        self._monotonic = monotonic
        self._by_store: dict[str, Breaker] = {}

    def of(self, store: str) -> Breaker:
        """Return the breaker of `store`, made when it is first asked for."""
        if store not in self._by_store:
            self._by_store[store] = Breaker(
                most=self._most, refused=lambda: self._refused(store), monotonic=self._monotonic
            )
        return self._by_store[store]

    def states(self) -> dict[tuple[str, ...], float]:
        """Return the state of every breaker as a number, by the name of its store (a label)."""
        return {(store,): float(breaker.state) for store, breaker in self._by_store.items()}


class GuardedDatabase:
    """`Database` behind two breakers."""

    def __init__(self, database: Database, reads: Breaker, writes: Breaker) -> None:
        self._database = database
        self._reads = reads
        self._writes = writes

    async def write(self, unit: UnitOfWork[T] | None, events: Sequence[Event] = ()) -> T:
        """Write, unless the database does not take writes at the moment."""
        return await self._writes.run(lambda: self._database.write(unit, events))

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        """Read, unless the database does not answer at the moment."""
        return await self._reads.run(lambda: self._database.run_read(unit))

    async def settle_events(self) -> None:
        """Chain what is durable, unguarded: one process's work, which tells nothing of the writes of requests."""
        await self._database.settle_events()

    async def close(self) -> None:
        """Close the database behind."""
        await self._database.close()


class GuardedShortLivedStore:
    """`ShortLivedStore` behind a breaker, for one that is not kept in the database."""

    def __init__(self, store: ShortLivedStore, breaker: Breaker) -> None:
        self._store = store
        self._breaker = breaker

    async def put(self, key: str, value: bytes, expires_at: Seconds, *, tombstone: str = "") -> None:
        """Store a value."""
        await self._breaker.run(lambda: self._store.put(key, value, expires_at, tombstone=tombstone))

    async def get(self, key: str, now: Seconds) -> bytes | None:
        """Return a value."""
        return await self._breaker.run(lambda: self._store.get(key, now))

    async def replace(self, key: str, expected: bytes, value: bytes, expires_at: Seconds) -> bool:
        """Replace a value."""
        return await self._breaker.run(lambda: self._store.replace(key, expected, value, expires_at))

    async def delete(self, key: str) -> None:
        """Forget a value."""
        await self._breaker.run(lambda: self._store.delete(key))

    async def claim(self, key: str, now: Seconds, *, keep_until: Seconds) -> Claimed | AlreadyUsed | Unknown:
        """Take a value for good."""
        return await self._breaker.run(lambda: self._store.claim(key, now, keep_until=keep_until))

    async def increment(self, key: str, now: Seconds, expires_at: Seconds) -> int:
        """Count."""
        return await self._breaker.run(lambda: self._store.increment(key, now, expires_at))

    async def mark(self, key: str, now: Seconds, expires_at: Seconds) -> tuple[int, Seconds]:
        """Count, then ask since when nothing was forgotten."""
        return await self._breaker.run(lambda: self._store.mark(key, now, expires_at))

    async def take(self, throttles: tuple[Throttle, ...], now: Seconds) -> int:
        """Take from buckets."""
        return await self._breaker.run(lambda: self._store.take(throttles, now))

    async def give_back(self, throttles: tuple[Throttle, ...]) -> None:
        """Return to buckets."""
        await self._breaker.run(lambda: self._store.give_back(throttles))

    async def used(self, throttles: tuple[Throttle, ...], now: Seconds) -> tuple[int, ...]:
        """Look into buckets."""
        return await self._breaker.run(lambda: self._store.used(throttles, now))

    async def sweep(self, now: Seconds, limit: int) -> int:
        """Delete what expired."""
        return await self._breaker.run(lambda: self._store.sweep(now, limit))

    async def remembers_since(self, now: Seconds) -> Seconds:
        """Ask since when nothing was forgotten."""
        return await self._breaker.run(lambda: self._store.remembers_since(now))
