"""Many callers, one statement: whatever comes while one is under way leaves together in the next.

So a statement costs what it costs however many wait for it, and they never wait for more than the one before theirs.
Someone alone leaves at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeAlias, TypeVar, cast

from idp.adapters.sql.postgresql.home import Home, home
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

_Caller: TypeAlias = tuple[Asked, asyncio.Future[Answer]]

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
        self._line: _Line[Asked, Answer] | None = None

    @property
    def waiting(self) -> int:
        """How many have not left yet."""
        return len(self._line.waiting) if self._line else 0

    async def ask(self, asked: Asked) -> Answer:
        """Return the answer. Raises what carrying it raised, and `StoreUnavailableError` when too many wait."""
        here = home()
        line = self._line
        if line is None or line.home != here:
            # Who waits in another loop is answered there, and after a fork by the parent.
            line = self._line = _Line(here)
        if len(line.waiting) >= self._most_waiting:
            raise StoreUnavailableError
        answer: asyncio.Future[Answer] = here[1].create_future()
        line.waiting.append((asked, answer))
        if line.worker is None or line.worker.done():
            self._begin(line)
        return await answer

    async def close(self) -> None:
        """Finish what waits here."""
        line = self._line
        if line is None or line.home != home():
            return
        while under_way := [task for task in (line.worker, *line.apart) if task is not None and not task.done()]:
            await asyncio.wait(under_way)

    def _begin(self, line: "_Line[Asked, Answer]") -> None:
        line.worker = asyncio.create_task(self._work(line), name="gathered statements")
        line.worker.add_done_callback(lambda worker: self._go_on(line, worker))

    def _go_on(self, line: "_Line[Asked, Answer]", ended: "asyncio.Task[None]") -> None:
        """Carry who waited behind a worker that was cancelled, maybe before its first step."""
        if line.worker is ended and any(not future.done() for _, future in line.waiting):
            self._begin(line)

    async def _work(self, line: "_Line[Asked, Answer]") -> None:
        while line.waiting:
            leaving = self._leave(line)
            try:
                await self._round(line, leaving)
            except GeneratorExit:  # the loop is gone, and with it everybody
                raise
            except BaseException as end:
                for _, future in leaving:
                    _tell(future, end)
                raise

    async def _round(self, line: "_Line[Asked, Answer]", leaving: "list[_Caller[Asked, Answer]]") -> None:
        try:
            answers = await self._carry([asked for asked, _ in leaving])
            answered = list(zip(leaving, answers, strict=True))
        except Exception as error:  # noqa: BLE001 -- whatever it is, everybody who left has to hear of it
            if isinstance(error, StoreUnavailableError) and isinstance(error.__cause__, TimeoutError):
                # Who still waits has waited as long for a store that does not answer, and waits no second time.
                leaving, line.waiting = leaving + line.waiting, []
            for _, future in leaving:
                _tell(future, error)
            return
        for (_, future), answer in answered:
            line.answer(future, cast("Answer | Apart[Answer]", answer))

    def _leave(self, line: "_Line[Asked, Answer]") -> "list[_Caller[Asked, Answer]]":
        if self._key is None:
            leaving, line.waiting = line.waiting[: self._most], line.waiting[self._most :]
            return leaving
        first: dict[Hashable, _Caller[Asked, Answer]] = {}
        later: list[_Caller[Asked, Answer]] = []
        for each in line.waiting:
            key = self._key(each[0])
            if key in first or len(first) == self._most:
                later.append(each)
            else:
                first[key] = each
        line.waiting = later
        return list(first.values())


class _Line(Generic[Asked, Answer]):
    """Who waits in one home, and what is under way for them there."""

    def __init__(self, here: Home) -> None:
        self.home = here
        self.waiting: list[_Caller[Asked, Answer]] = []
        self.worker: asyncio.Task[None] | None = None
        self.apart: set[asyncio.Task[None]] = set()

    def answer(self, future: "asyncio.Future[Answer]", answer: Answer | Apart[Answer]) -> None:
        if future.done():  # its caller went away
            return
        if isinstance(answer, Apart):
            going_on = asyncio.create_task(_go_on(future, answer), name="a statement apart")
            self.apart.add(going_on)
            going_on.add_done_callback(self.apart.discard)
            # One that is cancelled before its first step runs nothing of its own.
            going_on.add_done_callback(lambda _: _tell(future, asyncio.CancelledError()))
        else:
            future.set_result(answer)


def _tell(future: "asyncio.Future[Answer]", error: BaseException) -> None:
    """Raise `error` for one caller, as an object of its own: a traceback grows with everybody who raises it."""
    if future.done():
        return
    if isinstance(error, Exception):
        own = type(error).__new__(type(error), *error.args)
        own.__dict__.update(error.__dict__)
        own.__cause__, own.__context__ = error.__cause__, error.__context__
        own.__suppress_context__ = error.__suppress_context__
        future.set_exception(own.with_traceback(error.__traceback__))
    else:
        unavailable = StoreUnavailableError()
        unavailable.__cause__ = error
        future.set_exception(unavailable)


async def _go_on(future: "asyncio.Future[Answer]", apart: Apart[Answer]) -> None:
    try:
        answer = await apart.ask()
    except Exception as error:  # noqa: BLE001 -- its caller's, whatever it is
        _tell(future, error)
    except GeneratorExit:
        raise
    except BaseException as end:
        _tell(future, end)
        raise
    else:
        if not future.done():
            future.set_result(answer)
