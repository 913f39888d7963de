"""Preparing JSON lines in processes of their own: reading and sealing take more computing than writing does.

A worker is a fresh process that opens what it seals with by itself, so that no key travels and nothing of the parent's
is inherited. It ends when its parent does, however that ended: nobody holds the other end of its pipe then.
"""

import asyncio
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from multiprocessing.connection import Connection
from typing import Any

from idp.adapters.importing.json_lines import Lines
from idp.adapters.importing.preparation import Prepared, prepare_lines
from idp.ports.records import PeoplePreparer

OpenPreparer = Callable[[], PeoplePreparer]
"""Called once in each worker; must be a function of a module, since only its name travels."""


class WorkerLostError(Exception):
    """A worker ended before it answered: it was killed, or said on standard error what was wrong."""


class PreparationPool:
    """Prepares as many batches at once as there are workers."""

    def __init__(self, workers: list[Connection]) -> None:
        self.ahead = len(workers)
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()
        for worker in workers:
            self._idle.put_nowait(worker)

    async def prepare(self, source: str, lines: Lines, today: date) -> Prepared:
        """See `Preparer.prepare`. Raises `WorkerLostError`."""
        worker = await self._idle.get()
        try:
            return await asyncio.to_thread(_ask, worker, (source, lines, today))
        finally:
            self._idle.put_nowait(worker)


@contextmanager
def preparation_pool(workers: int, open_preparer: OpenPreparer) -> Iterator[PreparationPool]:
    """Start workers, and end them afterwards."""
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    processes = []
    try:
        for _ in range(workers):
            here, there = context.Pipe()
            pipes.append(here)
            process = context.Process(target=_work, args=(there, open_preparer), name="import-worker", daemon=True)
            process.start()
            processes.append(process)
            there.close()
        yield PreparationPool(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join()


def _ask(worker: Connection, request: tuple[str, Lines, date]) -> Prepared:
    try:
        worker.send(request)
        answer: Any = worker.recv()
    except (EOFError, OSError):
        raise WorkerLostError from None
    if not isinstance(answer, Prepared):
        raise WorkerLostError
    return answer


def _work(parent: Connection, open_preparer: OpenPreparer) -> None:
    """Answer until the parent hangs up. Ctrl-C is the parent's to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    people = open_preparer()
    with suppress(EOFError, OSError):
        while True:
            source, lines, today = parent.recv()
            parent.send(prepare_lines(people, source, lines, today))
