"""Requests to the store: how many at once, how long, and which may be asked again."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from redis.exceptions import AskError, MovedError, NoScriptError, ResponseError

from idp.adapters.redis.connecting import pack
from idp.adapters.redis.entries import Script
from idp.adapters.redis.failures import LostError, NotRunError, is_about_servers, is_answer, may_be_repeated
from idp.adapters.redis.line import Line
from idp.adapters.redis.servers import Servers
from idp.ports.errors import StoreAnsweredError, StoreUnavailableError

_ASKING: Final = pack(b"ASKING")
_FIRST_PAUSE: Final = 0.02
_MOST_REDIRECTIONS: Final = 5
_FAILURES: Final = (NotRunError, LostError, ResponseError)


class Requests:
    """At most `limit` requests under way; each ends within `timeout` seconds, waiting and repetitions included.

    What the server cannot have run is asked again, at most `retries` times. What it may have run is asked again only
    where the caller says that running it twice does no harm. Everything that fails is a `StoreUnavailableError`; what
    the server refused is the kind of it that says so (`StoreAnsweredError`).
    """

    def __init__(self, servers: Servers, *, limit: int, timeout: float, retries: int) -> None:
        self._servers = servers
        self._turns = asyncio.Semaphore(limit)
        self._timeout = timeout
        self._retries = retries

    async def send(self, key: bytes, request: bytes, *, repeatable: bool = False) -> Any:  # noqa: ANN401 - whatever the server says
        """The answer of the server that keeps `key`."""
        deadline = asyncio.get_running_loop().time() + self._timeout
        failure: Exception | None = None
        line = self._servers.at_hand(key)
        if line is not None and not self._turns.locked():
            async with self._turns:
                try:
                    return await line.call(request)
                except _FAILURES as met:
                    failure = met
        attempt = partial(self._attempt, key, request)
        return await self._persist(attempt, deadline, failure, repeatable=repeatable)

    async def run(self, script: Script, keys: tuple[bytes, ...], *arguments: bytes | int) -> Any:  # noqa: ANN401 - whatever the script says
        """The answer of a script; its keys lie on one server."""
        try:
            return await self.send(keys[0], script.by_digest(keys, *arguments))
        except NoScriptError:
            return await self.send(keys[0], script.whole(keys, *arguments))

    async def ask_in_order(self, key: bytes, questions: Callable[[Line], tuple[bytes, ...]]) -> list[Any]:
        """The answers of the server that keeps `key` to what `questions` makes of the line to it, run in that order.

        They go out on one line: what comes later is answered by the very process that ran what came before.
        """

        async def attempt(_failure: Exception | None) -> list[Any]:
            line = await self._servers.reach(key)
            return await asyncio.gather(*map(line.call, questions(line)))

        deadline = asyncio.get_running_loop().time() + self._timeout
        answers: list[Any] = await self._persist(attempt, deadline, None, repeatable=False)
        return answers

    async def ask_all(self, question: Callable[[bytes, Line], bytes]) -> list[Any]:
        """The answers of all servers, to what `question` makes of the key of an epoch and the line to its server."""

        async def attempt(_failure: Exception | None) -> list[Any]:
            lines = await self._servers.reach_all()
            return await asyncio.gather(*(line.call(question(key, line)) for key, line in lines.items()))

        deadline = asyncio.get_running_loop().time() + self._timeout
        answers: list[Any] = await self._persist(attempt, deadline, None, repeatable=True)
        return answers

    async def _attempt(self, key: bytes, request: bytes, failure: Exception | None) -> Any:  # noqa: ANN401 - whatever the server says
        if isinstance(failure, AskError) and not isinstance(failure, MovedError):
            line = await self._servers.reach_named((failure.host, failure.port))
            _, answer = await asyncio.gather(line.call(_ASKING), line.call(request))
            return answer
        line = await self._servers.reach(key)
        return await line.call(request)

    async def _persist(
        self,
        attempt: Callable[[Exception | None], Awaitable[Any]],
        deadline: float,
        failure: Exception | None,
        *,
        repeatable: bool,
    ) -> Any:  # noqa: ANN401 - whatever the server says
        """The answer to the first attempt that gets one; `failure` is what an attempt met already."""
        failed = redirected = 0
        try:
            async with asyncio.timeout_at(deadline), self._turns:
                while True:
                    if isinstance(failure, AskError) and redirected < _MOST_REDIRECTIONS:
                        self._learn(failure)
                        redirected += 1
                    elif failure is not None:
                        await self._take_in(failure, failed, repeatable=repeatable)
                        failed += 1
                    try:
                        return await attempt(failure)
                    except _FAILURES as met:
                        failure = met
        except TimeoutError:
            raise StoreUnavailableError from failure

    async def _take_in(self, failure: Exception, failed: int, *, repeatable: bool) -> None:
        """Wait a little where another attempt may help. Raises `StoreUnavailableError`; `NoScriptError` as it is."""
        if isinstance(failure, NoScriptError):
            raise failure
        self._learn(failure)
        if failed >= self._retries or not may_be_repeated(failure, repeatable=repeatable):
            raise (StoreAnsweredError if is_answer(failure) else StoreUnavailableError) from failure
        await asyncio.sleep(_FIRST_PAUSE * 2**failed)

    def _learn(self, failure: Exception) -> None:
        if is_about_servers(failure):
            self._servers.learn(failure)
