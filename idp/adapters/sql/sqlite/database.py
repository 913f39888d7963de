"""One SQLite file, read by any thread and written by one thread of each process."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from sqlalchemy.dialects.sqlite import dialect

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.sqlite.connection import is_unavailable, open_reader, open_writer
from idp.adapters.sql.sqlite.runner import Runner
from idp.adapters.sql.sqlite.writer import Job, Writer
from idp.adapters.sql.unit_of_work import UnitOfWork
from idp.domain.events import Event
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError

T = TypeVar("T")


class _Process:
    """What belongs to one process: connections do not survive a fork."""

    def __init__(self) -> None:
        self.identifier = os.getpid()
        self.readers: dict[int, Runner] = {}
        self.writer: Writer | None = None
        self.opening = threading.Lock()


class SqliteDatabase:
    """Opens connections when they are first needed, in whichever process and thread needs them.

    `lock_timeout` (seconds): how long to wait for another process's transaction.
    """

    def __init__(self, path: Path, clock: Clock, *, lock_timeout: float = 5.0) -> None:
        self._path = path
        self._clock = clock
        self._lock_timeout = lock_timeout
        self._statements = CompiledStatements(dialect(paramstyle="qmark"))
        self._here = _Process()
        # A parent's connections must not be closed in its child: they are kept here, untouched.
        self._inherited: list[_Process] = []

    async def write(self, unit: UnitOfWork[T] | None, events: Sequence[Event] = ()) -> T:
        """Run `unit` and append `events` in the next group commit; see `Database.write`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._writer().submit(Job(unit, events, future, loop))
        return await future

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        """Run a unit that changes nothing, without leaving the calling thread."""
        return self.read(unit)

    def read(self, unit: UnitOfWork[T]) -> T:
        """Run a unit that changes nothing, at once. Raises `StoreUnavailableError`."""
        try:
            return self._reader().run(unit)
        except sqlite3.Error as error:
            if is_unavailable(error):
                raise StoreUnavailableError from error
            raise

    async def settle_events(self) -> None:
        """Events are chained in the transaction that writes them."""

    def queued(self) -> int:
        """How many units wait for this process's writer."""
        writer = self._process().writer
        return writer.queued() if writer else 0

    async def close(self) -> None:
        """Commit what is queued and close every connection of this process."""
        self.close_now()

    def close_now(self) -> None:
        """Do what `close` does; blocks for as long as the last commit takes."""
        here, self._here = self._process(), _Process()
        if here.writer is not None:
            here.writer.close()
        for runner in here.readers.values():
            runner.connection.close()

    def _process(self) -> _Process:
        here = self._here
        if here.identifier != os.getpid():
            self._inherited.append(here)
            here = self._here = _Process()
        return here

    def _writer(self) -> Writer:
        here = self._process()
        if here.writer is None:
            with here.opening:
                if here.writer is None:
                    here.writer = Writer(self._open_writer, self._clock, self._lock_timeout)
        return here.writer

    def _reader(self) -> Runner:
        readers = self._process().readers
        thread = threading.get_ident()
        runner = readers.get(thread)
        if runner is None:
            runner = readers[thread] = Runner(open_reader(self._path), self._statements)
        return runner

    def _open_writer(self) -> Runner:
        return Runner(open_writer(self._path), self._statements)
