"""What a store of short-lived state costs us: `python -m bench.state_store redis://127.0.0.1:6379`.

Processor time of this process for one operation, the store's own not counted, and what one process gets done. Beside it
the same requests through redis-py's own client and pool. The keys that it writes expire within ten minutes.
"""

import argparse
import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable

import uvloop
from redis.asyncio import BlockingConnectionPool, Redis

from idp.adapters.crypto.system import SystemClock
from idp.adapters.redis.entries import server_key
from idp.adapters.redis.places import open_short_lived
from idp.adapters.redis.short_lived import RedisShortLivedStore
from idp.domain.ids import Seconds
from idp.ports.short_lived import Throttle
from idp.setting_forms import StateStore, parse_state_url

CALLERS = (1, 8, 32)
ROUNDS = 5
OPERATIONS = 10_000
VALUE = b"v" * 300
GRANT = "g" * 32

Operation = Callable[[int], Awaitable[object]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.state_store", description=__doc__)
    parser.add_argument("url", help="as IDP_STATE_URL")
    place = parse_state_url(parser.parse_args().url)
    assert place is not None, "name a store"
    uvloop.run(_measure(place))


async def _measure(place: StateStore) -> None:
    clock = SystemClock()
    store = open_short_lived(place, clock, limit=64, timeout=5, retries=0)
    print("| | " + " | ".join(f"{number} callers" for number in CALLERS) + " |\n|---|" + "---|" * len(CALLERS))
    for name, operation in _ours(store, clock.now()).items():
        await _print(name, operation)
    await store.close()
    if place.kind == "single":
        host, port = place.nodes[0]
        pool = BlockingConnectionPool(host=host, port=port, db=place.database, max_connections=64, timeout=5)
        async with Redis(connection_pool=pool, username=place.username, password=place.password) as client:
            await _print("redis-py's pool: GET", lambda _: client.get(server_key("bench:1")))
            await _print("redis-py's pool: SET", lambda _: client.set(server_key("bench:2"), VALUE, px=600_000))
        await pool.aclose()


def _ours(store: RedisShortLivedStore, now: Seconds) -> dict[str, Operation]:
    later = Seconds(now + 600)
    tries = (Throttle("bench:person", 10**6, 1), Throttle("bench:address", 10**6, 1), Throttle("bench:both", 10**6, 1))
    return {
        "`put`": lambda number: store.put(f"bench:{number % 1000}", VALUE, later, tombstone=GRANT),
        "`get`": lambda number: store.get(f"bench:{number % 1000}", now),
        "`claim`": lambda number: store.claim(f"bench:{number % 1000}", now, keep_until=later),
        "`increment`": lambda number: store.increment(f"bench-count:{number % 1000}", now, later),
        "`take` from three buckets": lambda _: store.take(tries, now),
        "`remembers_since`": lambda _: store.remembers_since(now),
    }


async def _print(name: str, operation: Operation) -> None:
    cells = [await _best(operation, callers) for callers in CALLERS]
    print(f"| {name} | " + " | ".join(f"{cpu:.0f} µs, {rate / 1000:.1f} k/s" for cpu, rate in cells) + " |")


async def _best(operation: Operation, callers: int) -> tuple[float, float]:
    """Processor time of one operation in microseconds, and operations a second, in the least disturbed round."""
    numbers = itertools.count()

    async def call() -> None:
        for _ in range(OPERATIONS // callers):
            await operation(next(numbers))

    rounds = []
    for _ in range(ROUNDS):
        work, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(call() for _ in range(callers)))
        rounds.append(((time.process_time() - work) / OPERATIONS * 1e6, OPERATIONS / (time.perf_counter() - began)))
    return min(cpu for cpu, _ in rounds), max(rate for _, rate in rounds)


if __name__ == "__main__":
    main()
