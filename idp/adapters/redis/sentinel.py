"""Sentinels: they name the primary, and keep being asked while it is used.

A primary that was cut off or stopped goes on answering old lines until the sentinels get hold of it. So a line is
confirmed every second by what the sentinels say now; one that nobody used for longer is confirmed before it is used.
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

_CONFIRM_AFTER: Final = 1.0
_STALE_AFTER: Final = 3.0


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
        if self._confirming is not None and self.at_hand(key) is None:
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
        try:
            is_another = await self._named_primary() != self._primary
        except NotRunError:
            is_another = False  # that no sentinel answers says nothing against the primary
        finally:
            self._confirming = None
        if is_another and (line := self._shared.at_hand) is not None:
            line.give_up()
        self._confirmed_at = asyncio.get_running_loop().time()

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
