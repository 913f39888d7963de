"""One connection that the whole process shares: requests of the same moment go out and come back together.

A pooled connection serves one request at a time, and each pays its own wake-ups and system calls. On a shared one the
requests of concurrent callers are written at once and their answers, which come in order, are read at once. It also
notices a server that went away while nobody was asking.
"""

import asyncio
import math
from collections import deque
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from idp.adapters.redis.connecting import hang_up
from idp.adapters.redis.failures import LostError, NotRunError, SlowError


class Line:
    """An open connection; `server` identifies the server's process.

    When no answer comes in `timeout` seconds, the line is given up with everything that waits on it.
    """

    def __init__(self, connection: AbstractConnection, server: bytes, timeout: float) -> None:
        self.server = server
        self.lost = False
        self._connection = connection
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._unsent: list[bytes] = []
        self._awaited: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._more = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._tasks = (self._loop.create_task(self._write()), self._loop.create_task(self._read()))
        self._end: asyncio.Task[None] | None = None

    def call(self, request: bytes) -> asyncio.Future[Any]:
        """The answer to come. It raises `NotRunError`, `LostError`, or `ResponseError` when the server refuses."""
        answer: asyncio.Future[Any] = self._loop.create_future()
        if self.lost:
            answer.set_exception(NotRunError("the line is down"))
            return answer
        self._awaited.append((answer, self._loop.time() + self._timeout))
        self._unsent.append(request)
        self._more.set()
        if self._alarm is None:
            self._alarm = self._loop.call_later(self._timeout, self._watch)
        return answer

    def give_up(self, kind: type[LostError] = LostError, cause: Exception | None = None) -> None:
        """Use the line no more: whoever waits hears so, or that the request was never sent."""
        if self.lost:
            return
        self.lost = True
        if self._alarm is not None:
            self._alarm.cancel()
        sent = len(self._awaited) - len(self._unsent)
        for number, (answer, _) in enumerate(self._awaited):
            if not answer.done():
                failure = kind("no answer") if number < sent else NotRunError("not sent")
                failure.__cause__ = cause
                answer.set_exception(failure)
        self._awaited.clear()
        self._unsent.clear()
        self._end = self._loop.create_task(self._hang_up())

    async def close(self) -> None:
        """Give the line up and let go of the connection."""
        self.give_up()
        if self._end is not None:
            await self._end

    async def _hang_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await hang_up(self._connection)

    def _watch(self) -> None:
        """Ring when the oldest request is late; answers come in order, so the others are later still."""
        self._alarm = None
        if not self._awaited:
            return
        due = self._awaited[0][1]
        if due <= self._loop.time():
            self.give_up(SlowError)
        else:
            self._alarm = self._loop.call_at(due, self._watch)

    async def _write(self) -> None:
        try:
            while True:
                await self._more.wait()
                self._more.clear()
                requests = b"".join(self._unsent)
                self._unsent.clear()
                await self._connection.send_packed_command(requests, check_health=False)
        except (RedisError, OSError) as failure:
            self.give_up(cause=failure)

    async def _read(self) -> None:
        try:
            while True:
                answer, refusal = await self._next()
                waiting, _ = self._awaited.popleft()
                if waiting.done():  # its caller was cancelled
                    continue
                if refusal is None:
                    waiting.set_result(answer)
                else:
                    waiting.set_exception(refusal)
        except (RedisError, OSError, IndexError) as failure:  # an answer that nobody asked for is no protocol of ours
            self.give_up(cause=failure)

    async def _next(self) -> tuple[Any, ResponseError | None]:
        try:
            return await self._connection.read_response(
                disable_decoding=True, timeout=math.inf, disconnect_on_error=False
            ), None
        except ResponseError as refusal:
            return None, refusal
