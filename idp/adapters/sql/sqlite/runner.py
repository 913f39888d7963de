"""Runs units of work on one connection, statement after statement."""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from idp.adapters.sql.compiled import CompiledStatements
from idp.adapters.sql.unit_of_work import All, Append, Conclude, Fill, Lock, Many, One, Request, Row, Run, UnitOfWork
from idp.domain.events import Event

T = TypeVar("T")


class Runner:
    """One connection with its statements. `events` collects what the units append."""

    def __init__(self, connection: sqlite3.Connection, statements: CompiledStatements) -> None:
        self.connection = connection
        self.events: list[Event] = []
        self._statements = statements
        self._answer: dict[type, Callable[[Any], object]] = {
            One: self._one,
            All: self._all,
            Run: self._run,
            Many: self._many,
            Fill: self._fill,
            Conclude: self._conclude,
            Append: self._append,
            Lock: _hold,
        }

    def answer(self, request: Request) -> object:
        """Answer one request; raises `sqlite3.Error`."""
        return self._answer[type(request)](request)

    def run(self, unit: UnitOfWork[T], answer: object = None) -> T:
        """Return what the unit returns; raises what it raises, and `sqlite3.Error`.

        `answer` is to the request that it made already, None where it has not begun.
        """
        answers = self._answer
        try:
            while True:
                request = unit.send(answer)
                answer = answers[type(request)](request)
        except StopIteration as finished:
            result: T = finished.value
            return result

    def _one(self, request: One) -> Row | None:
        text, bind = self._statements[request.statement]
        # All rows are fetched: an unfinished statement would hold on to its snapshot.
        rows: list[Row] = self.connection.execute(text, bind(request.parameters)).fetchall()
        return rows[0] if rows else None

    def _all(self, request: All) -> list[Row]:
        text, bind = self._statements[request.statement]
        return self.connection.execute(text, bind(request.parameters)).fetchall()

    def _run(self, request: Run) -> int:
        text, bind = self._statements[request.statement]
        return self.connection.execute(text, bind(request.parameters)).rowcount

    def _many(self, request: Many) -> None:
        text, bind = self._statements[request.statement]
        self.connection.executemany(text, map(bind, request.parameters))

    def _fill(self, request: Fill) -> None:
        text, bind = self._statements[request.statement]
        self.connection.executemany(text, map(bind, request.rows))

    def _conclude(self, request: Conclude) -> Row | None:
        row = self._one(One(request.statement, request.parameters))
        if row is not None:
            self.events.extend(request.events)
        return row

    def _append(self, request: Append) -> None:
        self.events.append(request.event)


def _hold(_request: Lock) -> None:
    """Writers are alone already."""
