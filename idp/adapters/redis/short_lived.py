"""The short-lived store on Redis or Valkey: one request for each operation, a script where it decides something."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from redis.crc import key_slot

from idp.adapters.redis.connecting import pack
from idp.adapters.redis.entries import (
    CLAIM,
    GIVE_BACK,
    INCREMENT,
    REMEMBERS,
    REPLACE,
    TAKE,
    Entry,
    read_entry,
    server_key,
)
from idp.adapters.redis.line import Line
from idp.adapters.redis.requests import Requests
from idp.adapters.redis.servers import EPOCH, Servers
from idp.domain.ids import Seconds
from idp.domain.outcomes import AlreadyUsed, Claimed, Unknown
from idp.domain.values import dataclass
from idp.ports.clock import Clock
from idp.ports.short_lived import Throttle

SLACK: Final = 60
"""Seconds that the server keeps an entry beyond its time.

What has expired is decided by the caller's clock, from the moment stored with the entry. The server only tidies up, by
the time that is left and not by the time of day: so its own clock does not matter, and a node whose clock is behind
still finds what is alive for it.
"""


@dataclass(frozen=True, slots=True)
class ServerHabits:
    """Whether some server throws values away when memory runs short, and whether all write a file they restart from."""

    evicts: bool
    keeps_a_file: bool


class RedisShortLivedStore:
    """Implements `ShortLivedStore`.

    `spread` tells that keys lie on several servers. Buckets taken together then lie in several slots: each slot is
    taken from in one atomic step, all at once, and where one refuses, the others get their try back in a second round.
    So nobody ever gets more tries than a bucket has; next to a refusal somebody else may be refused a try too many.
    """

    def __init__(self, servers: Servers, requests: Requests, clock: Clock, *, spread: bool) -> None:
        self._servers = servers
        self._requests = requests
        self._clock = clock
        self._spread = spread

    async def put(self, key: str, value: bytes, expires_at: Seconds, *, tombstone: str = "") -> None:
        name = server_key(key)
        entry = Entry(used=False, expires_at=expires_at, tombstone=tombstone, value=value).written()
        left = _milliseconds(expires_at, self._clock.now())
        # Twice is as once: nobody has heard of the value before this returns.
        await self._requests.send(name, pack(b"SET", name, entry, b"PX", left), repeatable=True)

    async def get(self, key: str, now: Seconds) -> bytes | None:
        name = server_key(key)
        stored = await self._requests.send(name, pack(b"GET", name), repeatable=True)
        entry = read_entry(stored) if stored is not None else None
        return entry.value if entry and not entry.used and entry.expires_at > now else None

    async def replace(self, key: str, expected: bytes, value: bytes, expires_at: Seconds) -> bool:
        left = _milliseconds(expires_at, self._clock.now())
        return bool(await self._requests.run(REPLACE, (server_key(key),), expected, value, expires_at, left))

    async def delete(self, key: str) -> None:
        name = server_key(key)
        await self._requests.send(name, pack(b"DEL", name), repeatable=True)

    async def claim(self, key: str, now: Seconds, *, keep_until: Seconds) -> Claimed | AlreadyUsed | Unknown:
        left = _milliseconds(keep_until, now)
        stored = await self._requests.run(CLAIM, (server_key(key),), now, keep_until, left)
        if stored is None:
            return Unknown()
        entry = read_entry(stored)
        if entry.expires_at <= now:
            return Unknown()
        return AlreadyUsed(entry.tombstone) if entry.used else Claimed(entry.value)

    async def increment(self, key: str, now: Seconds, expires_at: Seconds) -> int:
        left = _milliseconds(expires_at, now)
        return int(await self._requests.run(INCREMENT, (server_key(key),), now, expires_at, left))

    async def mark(self, key: str, now: Seconds, expires_at: Seconds) -> tuple[int, Seconds]:
        if self._spread:
            # What another server has forgotten, it may have forgotten while this one counted.
            count = await self.increment(key, now, expires_at)
            return count, await self.remembers_since(now)
        name, left = server_key(key), _milliseconds(expires_at, now)

        def questions(line: Line) -> tuple[bytes, bytes]:
            epoch = REMEMBERS.whole((EPOCH,), line.server, now)
            return INCREMENT.whole((name,), now, expires_at, left), epoch

        counted, since = await self._requests.ask_in_order(name, questions)
        return int(counted), Seconds(since)

    async def take(self, throttles: tuple[Throttle, ...], now: Seconds) -> int:
        groups = self._groups(throttles)
        waits = await asyncio.gather(*(self._take(group, now) for group in groups), return_exceptions=True)
        failures = [wait for wait in waits if isinstance(wait, BaseException)]
        longest = max((wait for wait in waits if isinstance(wait, int)), default=0)
        if longest or failures:
            taken = [group for group, wait in zip(groups, waits, strict=True) if wait == 0]
            await asyncio.gather(*map(self._give_back, taken), return_exceptions=bool(failures))
        if failures:
            raise failures[0]
        return longest

    async def give_back(self, throttles: tuple[Throttle, ...]) -> None:
        await asyncio.gather(*map(self._give_back, self._groups(throttles)))

    async def used(self, throttles: tuple[Throttle, ...], now: Seconds) -> tuple[int, ...]:
        names = _names(throttles)
        if not names:
            return ()
        if self._spread:
            stored = await asyncio.gather(
                *(self._requests.send(name, pack(b"GET", name), repeatable=True) for name in names)
            )
        else:
            stored = await self._requests.send(names[0], pack(b"MGET", *names), repeatable=True)
        return tuple(each.used(int(at or now), now) for each, at in zip(throttles, stored, strict=True))

    async def sweep(self, now: Seconds, limit: int) -> int:  # noqa: ARG002 - the server expires entries by itself
        return 0

    async def remembers_since(self, now: Seconds) -> Seconds:
        answers = await self._requests.ask_all(lambda key, line: REMEMBERS.whole((key,), line.server, now))
        return Seconds(max(answers, default=now))

    async def habits(self) -> ServerHabits:
        """How the servers treat what they keep. Raises `StoreUnavailableError`."""
        memory = await self._requests.ask_all(lambda _key, _line: pack(b"INFO", b"memory"))
        files = await self._requests.ask_all(lambda _key, _line: pack(b"INFO", b"persistence"))
        return ServerHabits(
            evicts=any(
                _told(b"maxmemory", each) != b"0" and _told(b"maxmemory_policy", each) != b"noeviction"
                for each in memory
            ),
            keeps_a_file=all(_told(b"aof_enabled", each) == b"1" for each in files),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._servers.close()

    async def _take(self, throttles: Sequence[Throttle], now: Seconds) -> int:
        limits = [part for each in throttles for part in (each.interval, (each.burst - 1) * each.interval)]
        return int(await self._requests.run(TAKE, _names(throttles), now, SLACK * 1000, *limits))

    async def _give_back(self, throttles: Sequence[Throttle]) -> None:
        await self._requests.run(GIVE_BACK, _names(throttles), *(each.interval for each in throttles))

    def _groups(self, throttles: Sequence[Throttle]) -> list[Sequence[Throttle]]:
        """The buckets that one script can touch together."""
        if not self._spread:
            return [throttles] if throttles else []
        groups: defaultdict[int, list[Throttle]] = defaultdict(list)
        for each in throttles:
            groups[key_slot(server_key(each.key))].append(each)
        return list(groups.values())


def _names(throttles: Sequence[Throttle]) -> tuple[bytes, ...]:
    return tuple(server_key(each.key) for each in throttles)


def _told(name: bytes, report: bytes) -> bytes:
    """The value of one line of a server's report on itself."""
    return report.partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0]


def _milliseconds(until: Seconds, now: Seconds) -> int:
    """How long the server keeps what lives until then."""
    return (max(until - now, 0) + SLACK) * 1000
