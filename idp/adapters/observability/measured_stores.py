"""Stores around stores, which measure how long each operation took and count what was not answered."""

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from idp.adapters.observability.families import STORE_ERRORS, STORE_SECONDS
from idp.adapters.observability.metrics import Metrics
from idp.adapters.sql.database import Database
from idp.adapters.sql.unit_of_work import UnitOfWork
from idp.domain.events import Event
from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.ports.errors import StoreUnavailableError
from idp.ports.short_lived import ShortLivedStore, Throttle

DATABASE: Final = "database"
STATE: Final = "state"

_SECONDS: Final = STORE_SECONDS.name
_ERRORS: Final = STORE_ERRORS.name

T = TypeVar("T")


class _Stopwatch:
    """Measures one kind of operation: `with` it, once for each call."""

    __slots__ = ("_begun", "_labels", "_metrics", "_monotonic")

    def __init__(self, metrics: Metrics, labels: tuple[str, str], monotonic: Callable[[], float]) -> None:
        self._metrics = metrics
        self._labels = labels
        self._monotonic = monotonic
        self._begun = 0.0

    def __enter__(self) -> None:
        self._begun = self._monotonic()

    def __exit__(self, _kind: object, failure: BaseException | None, _trace: object) -> None:
        self._metrics.observe(_SECONDS, self._monotonic() - self._begun, *self._labels)
        if failure is not None and isinstance(failure, StoreUnavailableError):
            self._metrics.count(_ERRORS, *self._labels)


class Stopwatches:
    """Makes stopwatches for one store. Every kind of operation shows its errors from the start, none so far."""

    def __init__(self, metrics: Metrics, store: str, operations: Sequence[str], monotonic: Callable[[], float]) -> None:
        self._metrics = metrics
        self._monotonic = monotonic
        self._labels = {operation: (store, operation) for operation in operations}
        for labels in self._labels.values():
            metrics.count(_ERRORS, *labels, by=0)

    def __call__(self, operation: str) -> _Stopwatch:
        return _Stopwatch(self._metrics, self._labels[operation], self._monotonic)


class MeasuredDatabase:
    """`Database` around another one."""

    def __init__(
        self, database: Database, metrics: Metrics, monotonic: Callable[[], float] = time.perf_counter
    ) -> None:
        self._database = database
        self._measure = Stopwatches(metrics, DATABASE, ("read", "write", "audit", "chain"), monotonic)

    async def write(self, unit: UnitOfWork[T] | None, events: Sequence[Event] = ()) -> T:
        """Write; events that come alone are measured apart."""
        with self._measure("audit" if unit is None else "write"):
            return await self._database.write(unit, events)

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        with self._measure("read"):
            return await self._database.run_read(unit)

    async def settle_events(self) -> None:
        with self._measure("chain"):
            await self._database.settle_events()

    async def close(self) -> None:
        await self._database.close()


_OPERATIONS: Final = (
    "put",
    "get",
    "replace",
    "delete",
    "claim",
    "increment",
    "mark",
    "take",
    "give_back",
    "used",
    "sweep",
    "remembers_since",
)


class MeasuredShortLivedStore:
    """`ShortLivedStore` around another one."""

    def __init__(
        self, store: ShortLivedStore, metrics: Metrics, monotonic: Callable[[], float] = time.perf_counter
    ) -> None:
        self._store = store
        self._measure = Stopwatches(metrics, STATE, _OPERATIONS, monotonic)

    async def put(self, key: str, value: bytes, expires_at: Seconds, *, tombstone: str = "") -> None:
        with self._measure("put"):
            await self._store.put(key, value, expires_at, tombstone=tombstone)

    async def get(self, key: str, now: Seconds) -> bytes | None:
        with self._measure("get"):
            return await self._store.get(key, now)

    async def replace(self, key: str, expected: bytes, value: bytes, expires_at: Seconds) -> bool:
        with self._measure("replace"):
            return await self._store.replace(key, expected, value, expires_at)

    async def delete(self, key: str) -> None:
        with self._measure("delete"):
            await self._store.delete(key)

    async def claim(self, key: str, now: Seconds, *, keep_until: Seconds) -> Claimed | AlreadyUsed | Unknown:
        with self._measure("claim"):
            return await self._store.claim(key, now, keep_until=keep_until)

    async def increment(self, key: str, now: Seconds, expires_at: Seconds) -> int:
        with self._measure("increment"):
            return await self._store.increment(key, now, expires_at)

    async def mark(self, key: str, now: Seconds, expires_at: Seconds) -> tuple[int, Seconds]:
        with self._measure("mark"):
            return await self._store.mark(key, now, expires_at)

    async def take(self, throttles: tuple[Throttle, ...], now: Seconds) -> int:
        with self._measure("take"):
            return await self._store.take(throttles, now)

    async def give_back(self, throttles: tuple[Throttle, ...]) -> None:
        with self._measure("give_back"):
            await self._store.give_back(throttles)

    async def used(self, throttles: tuple[Throttle, ...], now: Seconds) -> tuple[int, ...]:
        with self._measure("used"):
            return await self._store.used(throttles, now)

    async def sweep(self, now: Seconds, limit: int) -> int:
        with self._measure("sweep"):
            return await self._store.sweep(now, limit)

    async def remembers_since(self, now: Seconds) -> Seconds:
        with self._measure("remembers_since"):
            return await self._store.remembers_since(now)
