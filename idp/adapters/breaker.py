"""A circuit breaker: a store that does not answer is left alone instead of being waited for by everybody.

    closed     everything passes; it opens when the store did not answer `FAILURES` operations in a row within `WINDOW`
    open       everything is refused at once, for `PAUSE`
    half open  one operation passes and shows whether the store is back; the others are refused

Only silence counts: whatever else an operation ends in, the store answered, also that other work was in the way or that
it refuses this one request. Callers whose work left in one statement count one by one: each of them waited. An
operation that was cancelled says nothing. What began before the last change says nothing about the time since and is
left out too. Besides, no more than `most` operations wait for a store at once: a store that has become slow, without
failing, holds up no more than those.
"""

import math
from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import Final, TypeVar

from idp.ports.errors import StoreAnsweredError, StoreUnavailableError

FAILURES: Final = 5
WINDOW: Final = 10.0
PAUSE: Final = 1.0
"""Both in seconds."""

T = TypeVar("T")


class State(IntEnum):
    """The numbers are those of the metric `idp_store_breaker_state`."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Breaker:
    """The breaker of one store in one process. `refused` hears of every operation that is not even tried."""

    def __init__(self, *, most: int, refused: Callable[[], None], monotonic: Callable[[], float]) -> None:
        self._most = most
        self._refused = refused
        self._monotonic = monotonic
        self._opened_at = 0.0
        self._streak_began = 0.0
        self._failures = 0
        self._changes = 0
        self.state = State.CLOSED
        self.in_progress = 0
        """Operations that wait for the store now."""

    async def run(self, operation: Callable[[], Awaitable[T]]) -> T:
        """Return what `operation` returns and raise what it raises; a `TimeoutError` becomes `StoreUnavailableError`.

        Raises `StoreUnavailableError` without trying while the breaker is open, or when too many wait already.
        """
        self._admit()
        began = self._changes
        self.in_progress += 1
        try:
            result = await operation()
        except Exception as failure:
            if began == self._changes:
                self._note_failure(failure)
            if isinstance(failure, TimeoutError):
                raise StoreUnavailableError from failure
            raise
        except BaseException:
            if began == self._changes and self.state is State.HALF_OPEN:
                # Nobody waits for this answer any more; the next operation finds out.
                self._change(State.OPEN)
            raise
        else:
            if began == self._changes:
                self._note_answer()
            return result
        finally:
            self.in_progress -= 1

    def _admit(self) -> None:
        """Let one operation pass, or raise `StoreUnavailableError`."""
        if self.state is not State.CLOSED:
            left = self._opened_at + PAUSE - self._monotonic()
            if self.state is State.HALF_OPEN or left > 0:
                self._refuse(max(1, math.ceil(left)))
            self._change(State.HALF_OPEN)
        elif self.in_progress >= self._most:
            self._refuse(1)

    def _refuse(self, retry_after: int) -> None:
        self._refused()
        raise StoreUnavailableError(retry_after)

    def _note_failure(self, failure: Exception) -> None:
        if isinstance(failure, StoreAnsweredError) or not isinstance(failure, StoreUnavailableError | TimeoutError):
            self._note_answer()
        else:
            self._count_failure()

    def _note_answer(self) -> None:
        self._failures = 0
        if self.state is State.HALF_OPEN:
            self._change(State.CLOSED)

    def _count_failure(self) -> None:
        now = self._monotonic()
        if self._failures == 0 or now - self._streak_began > WINDOW:
            self._failures, self._streak_began = 0, now
        self._failures += 1
        if self.state is State.HALF_OPEN or self._failures >= FAILURES:
            self._opened_at = now
            self._change(State.OPEN)

    def _change(self, state: State) -> None:
        self.state = state
        self._changes += 1
        self._failures = 0
