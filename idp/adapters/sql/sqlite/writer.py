"""The one thread of a process that writes: whatever waits becomes one transaction, a savepoint for units that need it.

One fsync acknowledges everybody who waits, so that the disk sets the latency and not the throughput. An event loop
wakes the thread once in each of its rounds, when everybody who was ready has asked: a thread that is woken for the
first of them takes that one alone, and two threads contend for the interpreter. Audit events go last: the write lock is
held, so the chain's head is read once and extended in memory.
"""

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from typing import Any, Final, NamedTuple, TypeVar

from idp.adapters.sql.sqlite.connection import is_busy, is_unavailable
from idp.adapters.sql.sqlite.runner import Runner
from idp.adapters.sql.trail.audit_writing import append_events
from idp.adapters.sql.unit_of_work import Conclude, One, Run, UnitOfWork
from idp.domain.events import Event
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError

STREAM: Final = "main"
"""SQLite's write lock orders all processes, so one stream serves them all."""

_LARGEST_GROUP: Final = 256
_LONGEST_QUEUE: Final = 8_192
_SHORTEST_WAIT: Final = 0.0002
_LONGEST_WAIT: Final = 0.004

_T = TypeVar("_T")

_GO_ON, _END = object(), object()
"""What the thread is woken for: once more, or for the last time."""


class Job(NamedTuple):
    """A unit of work and who waits for it."""

    unit: UnitOfWork[Any] | None
    events: Sequence[Event]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class Outcome(NamedTuple):
    """What a unit came to."""

    job: Job
    value: object = None
    error: Exception | None = None


class _GroupLost(Exception):
    """The transaction is gone, and with it everything in it."""


class Writer:
    """Commits groups of units until closed. `open_runner` makes the connection, on the thread's first work."""

    def __init__(self, open_runner: Callable[[], Runner], clock: Clock, lock_timeout: float) -> None:
        self._open_runner = open_runner
        self._clock = clock
        self._lock_timeout = lock_timeout
        self._jobs: deque[Job] = deque()
        self._waking: set[asyncio.AbstractEventLoop] = set()
        self._calls: SimpleQueue[object] = SimpleQueue()
        self._runner: Runner | None = None
        self._thread = threading.Thread(target=self._work, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a unit, on the loop of who waits for it. Raises `StoreUnavailableError` when too many wait."""
        if len(self._jobs) >= _LONGEST_QUEUE:
            raise StoreUnavailableError
        self._jobs.append(job)
        if job.loop not in self._waking:
            self._waking.add(job.loop)
            job.loop.call_soon(self._wake, job.loop)

    def queued(self) -> int:
        """How many units wait."""
        return len(self._jobs)

    def close(self) -> None:
        """Finish everything queued so far and close the connection."""
        self._calls.put(_END)
        self._thread.join()

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        self._waking.discard(loop)
        self._calls.put(_GO_ON)

    def _work(self) -> None:
        closing = False
        while not closing:
            closing = self._calls.get() is _END
            while self._jobs:
                group = [self._jobs.popleft() for _ in range(min(len(self._jobs), _LARGEST_GROUP))]
                _deliver(self._commit(group))
        self._close_connection()

    def _commit(self, group: list[Job]) -> list[Outcome]:
        """Run a group in one transaction; when that fails, nobody's unit took place."""
        try:
            runner = self._begin()
            events: list[Event] = []
            outcomes = [_attempt(runner, job, events) for job in group]
            if events:
                runner.run(append_events(STREAM, events, self._clock.milliseconds()))
            runner.connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 -- whatever it is, everybody in the group has to hear of it
            self._close_connection()
            failure: Exception = error
            if isinstance(error, _GroupLost) or (isinstance(error, sqlite3.Error) and is_unavailable(error)):
                failure = StoreUnavailableError()
                failure.__cause__ = error.__cause__ or error
            return [Outcome(job, error=failure) for job in group]
        return outcomes

    def _begin(self) -> Runner:
        """Take the write lock; another process holds it for milliseconds, so ask again soon."""
        if self._runner is None:
            self._runner = self._open_runner()
        deadline = time.monotonic() + self._lock_timeout
        wait = _SHORTEST_WAIT
        while True:
            try:
                self._runner.connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > deadline:
                    raise
                time.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                return self._runner

    def _close_connection(self) -> None:
        """Let go of the connection; an open transaction is rolled back with it."""
        if self._runner is not None:
            self._runner.connection.close()
            self._runner = None


def _attempt(runner: Runner, job: Job, events: list[Event]) -> Outcome:
    """Run one unit; its events join `events` when it succeeds."""
    if job.unit is None:
        events.extend(job.events)
        return Outcome(job)
    runner.events.clear()
    try:
        value = _run(runner, job.unit)
    except Exception as error:
        if not runner.connection.in_transaction or (isinstance(error, sqlite3.Error) and is_unavailable(error)):
            raise _GroupLost from error
        return Outcome(job, error=error)
    events.extend(runner.events)
    events.extend(job.events)
    return Outcome(job, value)


def _run(runner: Runner, unit: UnitOfWork[_T]) -> _T:
    """Return what a unit returns; what it did is undone when it raises.

    A statement that fails undoes itself. So a unit's only one runs without a savepoint, and so does one that ends its
    unit if it finds a row.
    """
    try:
        first = next(unit)
    except StopIteration as finished:
        result: _T = finished.value
        return result
    if isinstance(first, Conclude):
        row = runner.answer(first)
        return runner.run(unit, row) if row is not None else _guarded(runner, partial(runner.run, unit, row))
    if isinstance(first, One | Run) and first.alone:
        return runner.run(unit, runner.answer(first))
    return _guarded(runner, lambda: runner.run(unit, runner.answer(first)))


def _guarded(runner: Runner, work: Callable[[], _T]) -> _T:
    """Return what `work` returns, behind a savepoint."""
    execute = runner.connection.execute
    execute("SAVEPOINT unit")
    try:
        result = work()
    except Exception as error:
        # When the transaction or the store is gone, so is the savepoint.
        if runner.connection.in_transaction and not (isinstance(error, sqlite3.Error) and is_unavailable(error)):
            execute("ROLLBACK TO unit")
            execute("RELEASE unit")
        raise
    execute("RELEASE unit")
    return result


def _deliver(outcomes: list[Outcome]) -> None:
    """Wake each event loop once."""
    loops: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        loops.setdefault(outcome.job.loop, []).append(outcome)
    for loop, part in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve, part)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _resolve(outcomes: list[Outcome]) -> None:
    for job, value, error in outcomes:
        if job.future.done():  # the request was cancelled meanwhile; its unit took place all the same
            continue
        if error is None:
            job.future.set_result(value)
        else:
            job.future.set_exception(error)
