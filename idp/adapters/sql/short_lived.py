"""The short-lived store on SQL: each operation is one conditional statement, or a few in one transaction."""

from collections.abc import Iterator, Sequence

from sqlalchemy import bindparam, case, delete, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.housekeeping import expired_rows
from idp.adapters.sql.single_requests import first_row, rows_of, run
from idp.adapters.sql.tables.main import Number, short_lived
from idp.adapters.sql.unit_of_work import All, One, Row, Run, UnitOfWork
from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.ports.clock import CLOCK_TOLERANCE
from idp.ports.short_lived import Throttle

_row = short_lived.c
_KEY = _row.key == bindparam("key")
_UNCLAIMED = _row.claimed_at.is_(None)
_ALIVE = _row.expires_at > bindparam("now")

_new_value = insert(short_lived).values(
    key=bindparam("key"), value=bindparam("value"), tombstone=bindparam("tombstone"), expires_at=bindparam("expires_at")
)
_PUT = _new_value.on_conflict_do_update(
    index_elements=["key"],
    set_={
        "value": _new_value.excluded.value,
        "tombstone": _new_value.excluded.tombstone,
        "expires_at": _new_value.excluded.expires_at,
        "claimed_at": None,
    },
)
_GET = select(_row.value).where(_KEY, _UNCLAIMED, _ALIVE)
_REPLACE = (
    update(short_lived)
    .where(_KEY, _UNCLAIMED, _row.value == bindparam("expected"))
    .values(value=bindparam("value"), expires_at=bindparam("expires_at"))
)
_DELETE = delete(short_lived).where(_KEY)
_CLAIM = (
    update(short_lived)
    .where(_KEY, _UNCLAIMED, _ALIVE)
    .values(claimed_at=bindparam("now"), expires_at=bindparam("keep_until"))
    .returning(_row.value)
)
_TOMBSTONE = select(_row.tombstone).where(_KEY, _row.claimed_at.is_not(None), _ALIVE)

_new_count = insert(short_lived).values(key=bindparam("key"), number=1, expires_at=bindparam("expires_at"))
_COUNT = _new_count.on_conflict_do_update(
    index_elements=["key"],
    set_={
        "number": case((_ALIVE, _row.number + 1), else_=1),
        "expires_at": case((_ALIVE, _row.expires_at), else_=_new_count.excluded.expires_at),
    },
).returning(_row.number)

# Generic cell rate algorithm: `number` is the moment when the bucket is empty again. A try is free while that moment
# lies at most `tolerance` seconds ahead, and moves it on by `interval`. A moment further ahead than that can bring it
# was written by a node whose clock was fast, by more than the seconds that nodes may differ by: it counts as the
# furthest there is, and is put right.
_latest_free = bindparam("now", type_=Number) + bindparam("tolerance", type_=Number)
_too_far = _row.number > _latest_free + bindparam("interval", type_=Number) + literal(CLOCK_TOLERANCE, Number)
_emptied_at = case(
    (_too_far, _latest_free), (_row.number > bindparam("now"), _row.number), else_=bindparam("now", type_=Number)
)
_new_bucket = insert(short_lived).values(
    key=bindparam("key"), number=bindparam("emptied_at"), expires_at=bindparam("emptied_at")
)
_TAKE = _new_bucket.on_conflict_do_update(
    index_elements=["key"],
    set_={"number": _emptied_at + bindparam("interval"), "expires_at": _emptied_at + bindparam("interval")},
    where=or_(_row.number <= _latest_free, _too_far),
).returning(_row.key)
_EMPTIED_AT = select(_row.number).where(_KEY)
_LOOKED_INTO = 4
_USED = select(_row.key, _row.number).where(_row.key.in_([bindparam(f"key{place}") for place in range(_LOOKED_INTO)]))
_GIVE_BACK = (
    update(short_lived)
    .where(_KEY)
    .values(number=_row.number - bindparam("interval"), expires_at=_row.expires_at - bindparam("interval"))
)


class _Throttled(Exception):
    """Rolls back the buckets taken so far; never leaves this module."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


class SqlShortLivedStore:
    """Implements `ShortLivedStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, key: str, value: bytes, expires_at: Seconds, *, tombstone: str = "") -> None:
        values = {"key": key, "value": value, "tombstone": tombstone, "expires_at": expires_at}
        await self._database.write(run(Run(_PUT, values, alone=True)))

    async def get(self, key: str, now: Seconds) -> bytes | None:
        row = await self._database.run_read(first_row(One(_GET, {"key": key, "now": now})))
        return row[0] if row else None

    async def replace(self, key: str, expected: bytes, value: bytes, expires_at: Seconds) -> bool:
        values = {"key": key, "expected": expected, "value": value, "expires_at": expires_at}
        return await self._database.write(run(Run(_REPLACE, values, alone=True))) == 1

    async def delete(self, key: str) -> None:
        await self._database.write(run(Run(_DELETE, {"key": key}, alone=True)))

    async def claim(self, key: str, now: Seconds, *, keep_until: Seconds) -> Claimed | AlreadyUsed | Unknown:
        return await self._database.write(_claim(key, now, keep_until))

    async def increment(self, key: str, now: Seconds, expires_at: Seconds) -> int:
        row = await self._database.write(
            first_row(One(_COUNT, {"key": key, "now": now, "expires_at": expires_at}, alone=True))
        )
        return int(row[0]) if row else 0

    async def mark(self, key: str, now: Seconds, expires_at: Seconds) -> tuple[int, Seconds]:
        count = await self.increment(key, now, expires_at)
        return count, await self.remembers_since(now)

    async def take(self, throttles: tuple[Throttle, ...], now: Seconds) -> int:
        try:
            await self._database.write(_take(throttles, now))
        except _Throttled as refused:
            return refused.wait
        return 0

    async def give_back(self, throttles: tuple[Throttle, ...]) -> None:
        await self._database.write(_give_back(throttles))

    async def used(self, throttles: tuple[Throttle, ...], now: Seconds) -> tuple[int, ...]:
        looks = _looks_into([each.key for each in throttles])
        found: dict[str, int] = dict(await self._database.run_read(rows_of(looks)))
        return tuple(each.used(found.get(each.key) or now, now) for each in throttles)

    async def sweep(self, now: Seconds, limit: int) -> int:
        return await self._database.write(run(Run(expired_rows(short_lived, limit), {"before": now}, alone=True)))

    async def remembers_since(self, now: Seconds) -> Seconds:  # noqa: ARG002 - what was committed stays
        return Seconds(0)


def _claim(key: str, now: Seconds, keep_until: Seconds) -> UnitOfWork[Claimed | AlreadyUsed | Unknown]:
    """Take the value if it is there and unused; else tell a replay from a stranger."""
    row: Row | None = yield One(_CLAIM, {"key": key, "now": now, "keep_until": keep_until})
    if row is not None:
        return Claimed(row[0])
    row = yield One(_TOMBSTONE, {"key": key, "now": now})
    return Unknown() if row is None else AlreadyUsed(row[0])


def _take(throttles: Sequence[Throttle], now: Seconds) -> UnitOfWork[None]:
    """Take from every bucket; raises `_Throttled`, which gives everything back, when one of them refuses."""
    # In one order everywhere, so that two requests never wait for each other's rows.
    ordered = sorted(throttles, key=lambda throttle: throttle.key)
    refused: list[Throttle] = []
    for throttle in ordered:
        row: Row | None = yield One(
            _TAKE,
            {
                "key": throttle.key,
                "now": now,
                "emptied_at": now + throttle.interval,
                "interval": throttle.interval,
                "tolerance": _tolerance(throttle),
            },
        )
        if row is None:
            refused.append(throttle)
    if refused:
        raise _Throttled((yield from _longest_wait(refused, now)))


def _longest_wait(throttles: Sequence[Throttle], now: Seconds) -> UnitOfWork[int]:
    """Return the seconds until every bucket that refused gives a try again."""
    longest = 1
    for throttle in throttles:
        row: Row | None = yield One(_EMPTIED_AT, {"key": throttle.key})
        if row is not None:
            longest = max(longest, row[0] - _tolerance(throttle) - now)
    return longest


def _tolerance(throttle: Throttle) -> int:
    return (throttle.burst - 1) * throttle.interval


def _looks_into(keys: Sequence[str]) -> Iterator[All]:
    """Requests for the buckets, a few at once: a statement has a fixed number of parameters."""
    for start in range(0, len(keys), _LOOKED_INTO):
        some = keys[start : start + _LOOKED_INTO]
        yield All(_USED, {f"key{place}": some[min(place, len(some) - 1)] for place in range(_LOOKED_INTO)})


def _give_back(throttles: Sequence[Throttle]) -> UnitOfWork[None]:
    for throttle in sorted(throttles, key=lambda throttle: throttle.key):
        yield Run(_GIVE_BACK, {"key": throttle.key, "interval": throttle.interval})
