"""Many callers, one statement: whatever comes while one is under way leaves together in the next.

So a statement costs what it costs however many wait for it, and they never wait for more than the one before theirs.
Someone alone leaves at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeAlias, TypeVar, cast

from idp.ports.errors import StoreUnavailableError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Apart(Generic[Answer]):
    """What one caller goes on waiting for by itself, keeping up nobody else."""

    __slots__ = ("ask",)

    def __init__(self, ask: Callable[[], Awaitable[Answer]]) -> None:
        self.ask = ask


Carry: TypeAlias = Callable[[Sequence[Asked]], Awaitable[Sequence[Answer] | Sequence[Apart[Answer]]]]
"""Answers everybody, in order, or sends everybody on apart; what it raises is everybody's."""

MOST_WAITING = 16_384


class Gathering(Generic[Asked, Answer]):
    """One statement at a time, for at most `most` callers; what has the same `key` never leaves together."""

    def __init__(
        self,
        carry: Carry[Asked, Answer],
        *,
        most: int,
        key: Callable[[Asked], Hashable] | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._carry = carry
        self._most = most
        self._key = key
        self._most_waiting = most_waiting
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._worker: asyncio.Task[None] | None = None
        self._apart: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many have not left yet."""
        return len(self._waiting)

    async def ask(self, asked: Asked) -> Answer:
        """Return the answer. Raises what carrying it raised, and `StoreUnavailableError` when too many wait."""
        if len(self._waiting) >= self._most_waiting:
            raise StoreUnavailableError
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="gathered statements")
        return await answer

    async def close(self) -> None:
        """Finish what waits."""
        if self._worker is not None and self._worker.get_loop() is asyncio.get_running_loop():
            await asyncio.gather(self._worker, return_exceptions=True)
            await asyncio.gather(*self._apart)
        self._worker = None

    async def _work(self) -> None:
        while self._waiting:
            leaving = self._leave()
            try:
                answers = await self._carry([asked for asked, _ in leaving])
            except Exception as error:  # noqa: BLE001 -- whatever it is, everybody who left has to hear of it
                if isinstance(error, StoreUnavailableError) and isinstance(error.__cause__, TimeoutError):
                    # Who still waits has waited as long for a store that does not answer, and waits no second time.
                    leaving, self._waiting = leaving + self._waiting, []
                for _, future in leaving:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in zip(leaving, answers, strict=True):
                if future.done():  # its caller went away
                    continue
                if isinstance(answer, Apart):
                    going_on = asyncio.create_task(_go_on(future, answer), name="a statement apart")
                    self._apart.add(going_on)
                    going_on.add_done_callback(self._apart.discard)
                else:
                    future.set_result(cast("Answer", answer))

    def _leave(self) -> list[tuple[Asked, asyncio.Future[Answer]]]:
        if self._key is None:
            leaving, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            return leaving
        first: dict[Hashable, tuple[Asked, asyncio.Future[Answer]]] = {}
        later: list[tuple[Asked, asyncio.Future[Answer]]] = []
        for each in self._waiting:
            key = self._key(each[0])
            if key in first or len(first) == self._most:
                later.append(each)
            else:
                first[key] = each
        self._waiting = later
        return list(first.values())


async def _go_on(future: "asyncio.Future[Answer]", apart: Apart[Answer]) -> None:
    try:
        answer = await apart.ask()
    except Exception as error:  # noqa: BLE001 -- its caller's, whatever it is
        if not future.done():
            future.set_exception(error)
    else:
        if not future.done():
            future.set_result(answer)
