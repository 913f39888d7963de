"""Sentinels: they name the primary, and keep being asked while it is used.

A primary that was cut off or stood still goes on answering old lines until the sentinels get hold of it, and another
one answers by then. So a line is good for a second after the sentinels last named its server. One that is in use is
confirmed in time, beside the requests; one that was not is confirmed before it is used.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from redis.exceptions import AuthenticationError, ResponseError

from idp.adapters.redis.connecting import Access, Address, address_of, ask, connected, hang_up, pack
from idp.adapters.redis.failures import NotRunError, is_from_replica
from idp.adapters.redis.line import Line
from idp.adapters.redis.servers import EPOCH, SharedLine, noticed, open_line
from idp.ports.clock import Clock

_CONFIRM_AFTER: Final = 0.5
_STALE_AFTER: Final = 1.0
_GOOD_WITHOUT_SENTINELS: Final = 5.0


class WatchedServer:
    """The primary of `service`, as the sentinels see it."""

    def __init__(self, access: Access, sentinels: Sequence[Address], service: str, clock: Clock) -> None:
        self._access = access
        self._sentinels = list(sentinels)
        self._question = pack(b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", service.encode())
        self._clock = clock
        self._primary: Address | None = None
        self._shared = SharedLine(self._open)
        self._confirmed_at = 0.0
        self._confirming: asyncio.Task[None] | None = None

    def at_hand(self, _key: bytes) -> Line | None:
        line = self._shared.at_hand
        if line is None:
            return None
        age = asyncio.get_running_loop().time() - self._confirmed_at
        if age >= _CONFIRM_AFTER:
            self._confirm()
        return line if age < _STALE_AFTER else None

    async def reach(self, key: bytes) -> Line:
        if self.at_hand(key) is None and self._confirming is not None:
            await asyncio.shield(self._confirming)
        return await self._shared.reach()

    async def reach_named(self, _address: Address) -> Line:
        raise NotRunError("not a cluster")

    async def reach_all(self) -> Mapping[bytes, Line]:
        return {EPOCH: await self.reach(EPOCH)}

    def learn(self, failure: Exception) -> None:
        if is_from_replica(failure) and (line := self._shared.at_hand) is not None:
            line.give_up()

    async def close(self) -> None:
        if self._confirming is not None:
            self._confirming.cancel()
            await asyncio.wait((self._confirming,))
        await self._shared.close()

    async def _open(self) -> Line:
        self._primary = await self._named_primary()
        line = await open_line(self._access, self._primary, EPOCH, self._clock)
        self._confirmed_at = asyncio.get_running_loop().time()
        return line

    def _confirm(self) -> None:
        if self._confirming is None:
            self._confirming = asyncio.create_task(self._compare())
            self._confirming.add_done_callback(noticed)

    async def _compare(self) -> None:
        good_for = _STALE_AFTER
        try:
            if await self._named_primary() != self._primary and (line := self._shared.at_hand) is not None:
                line.give_up()
        except NotRunError:
            good_for = _GOOD_WITHOUT_SENTINELS  # that none of them answers says nothing against the primary
        finally:
            self._confirming = None
        self._confirmed_at = asyncio.get_running_loop().time() + good_for - _STALE_AFTER

    async def _named_primary(self) -> Address:
        """The primary's address. Raises `NotRunError` when no sentinel knows one."""
        patience = self._access.timeout / len(self._sentinels)
        for sentinel in tuple(self._sentinels):
            try:
                answer = await self._ask(sentinel, patience)
            except NotRunError:
                answer = None
            if answer:
                self._sentinels.remove(sentinel)
                self._sentinels.insert(0, sentinel)  # the others may be down: each costs its share of the time
                return address_of(answer, sentinel[0])
        raise NotRunError("no sentinel names a primary")

    async def _ask(self, sentinel: Address, patience: float) -> Sequence[bytes] | None:
        """What a sentinel says; one that takes no password is asked without."""
        try:
            return await self._ask_as(sentinel, patience, anonymous=False)
        except NotRunError as failure:
            if not isinstance(failure.__cause__, AuthenticationError | ResponseError):
                raise
            return await self._ask_as(sentinel, patience, anonymous=True)

    async def _ask_as(self, sentinel: Address, patience: float, *, anonymous: bool) -> Sequence[bytes] | None:
        unopened = self._access.connection(sentinel, anonymous=anonymous, database=0)
        async with connected(unopened, patience) as connection:
            answer: Sequence[bytes] | None = await ask(connection, self._question)
            await hang_up(connection)
            return answer
