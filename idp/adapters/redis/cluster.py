"""A cluster: every key has a slot, every slot a primary, and both may move while we look."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import MovedError

from idp.adapters.redis.connecting import Access, Address, address_of, ask, connected, hang_up, pack
from idp.adapters.redis.entries import server_key
from idp.adapters.redis.failures import NotRunError
from idp.adapters.redis.line import Line
from idp.adapters.redis.servers import SharedLine, noticed, open_line
from idp.ports.clock import Clock

_QUESTION: Final = pack(b"CLUSTER", b"SLOTS")
_LOOK_AGAIN_AFTER: Final = 0.2
_MOST_EPOCH_KEYS: Final = 1 << 20


class Cluster:
    """The primaries, found through any node that answers; `seeds` are those that the setting names."""

    def __init__(self, access: Access, seeds: Sequence[Address], clock: Clock) -> None:
        self._access = access
        self._seeds = tuple(seeds)
        self._clock = clock
        self._owners: list[Address | None] = []
        self._epochs: Mapping[Address, bytes] = {}
        self._lines: dict[Address, SharedLine] = {}
        self._outdated = True
        self._looked_at = 0.0
        self._moved_to: Address | None = None
        self._looking: asyncio.Task[None] | None = None

    def at_hand(self, key: bytes) -> Line | None:
        if self._outdated:
            return None
        owner = self._owners[key_slot(key)]
        shared = self._lines.get(owner) if owner else None
        return shared.at_hand if shared else None

    async def reach(self, key: bytes) -> Line:
        await self._look()
        owner = self._owners[key_slot(key)]
        if owner is None:
            raise NotRunError("no server keeps this slot")
        return await self.reach_named(owner)

    async def reach_named(self, address: Address) -> Line:
        if not address[0]:
            raise NotRunError("pointed to a server without a name")
        if address not in self._lines:
            self._lines[address] = SharedLine(lambda: self._open(address))
        return await self._lines[address].reach()

    async def reach_all(self) -> Mapping[bytes, Line]:
        await self._look()
        epochs = dict(self._epochs)
        lines = await asyncio.gather(*(self.reach_named(address) for address in epochs))
        return dict(zip(epochs.values(), lines, strict=True))

    def learn(self, failure: Exception) -> None:
        if isinstance(failure, MovedError):
            self._outdated = True
            self._moved_to = (failure.host, failure.port) if failure.host else None
        elif asyncio.get_running_loop().time() - self._looked_at > _LOOK_AGAIN_AFTER:
            self._outdated = True

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait((self._looking,))
        for shared in self._lines.values():
            await shared.close()

    async def _open(self, address: Address) -> Line:
        return await open_line(self._access, address, self._epochs.get(address), self._clock)

    async def _look(self) -> None:
        """Learn who keeps what, when that is not known or not true any more; one asks for all."""
        if not self._outdated:
            return
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_around())
            self._looking.add_done_callback(noticed)
        await asyncio.shield(self._looking)

    async def _look_around(self) -> None:
        try:
            known = [self._moved_to] if self._moved_to else []
            nodes = dict.fromkeys((*known, *self._epochs, *self._seeds))
            for node in nodes:
                try:
                    ranges = await self._ask(node, self._access.timeout / len(nodes))
                except NotRunError:
                    continue
                if ranges:
                    await self._settle(ranges, node)
                    return
            raise NotRunError("no node tells who keeps what")
        finally:
            self._looking = None

    async def _settle(self, ranges: Sequence[Sequence[Any]], told_by: Address) -> None:
        owners: list[Address | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        for first, last, primary, *_replicas in ranges:
            owners[first : last + 1] = [address_of(primary, told_by[0])] * (last + 1 - first)
        self._owners, self._epochs = owners, _epoch_keys(owners)
        self._outdated, self._moved_to = False, None
        self._looked_at = asyncio.get_running_loop().time()
        for address in tuple(self._lines):
            if address not in self._epochs:
                await self._lines.pop(address).close()

    async def _ask(self, node: Address, patience: float) -> Sequence[Sequence[Any]]:
        async with connected(self._access.connection(node), patience) as connection:
            ranges: Sequence[Sequence[Any]] = await ask(connection, _QUESTION)
            await hang_up(connection)
            return ranges


def _epoch_keys(owners: Sequence[Address | None]) -> Mapping[Address, bytes]:
    """For every primary the first key of `epoch:0`, `epoch:1`, … that it keeps."""
    missing = {owner for owner in owners if owner}
    found: dict[Address, bytes] = {}
    for number in count():
        if not missing or number > _MOST_EPOCH_KEYS:
            return found
        key = server_key(f"epoch:{number}")
        owner = owners[key_slot(key)]
        if owner in missing:
            missing.remove(owner)
            found[owner] = key
    raise AssertionError
