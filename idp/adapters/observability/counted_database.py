"""A database that counts the audit events it has written, wherever they came from."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from idp.adapters.sql.database import Database
from idp.adapters.sql.unit_of_work import Append, Conclude, UnitOfWork
from idp.domain.events import Event

T = TypeVar("T")


class CountedDatabase:
    """`Database` around another one. `count` is called after the commit, on the loop of the caller."""

    def __init__(self, database: Database, count: Callable[[Iterable[Event]], None]) -> None:
        self._database = database
        self._count = count

    async def write(self, unit: UnitOfWork[T] | None, events: Sequence[Event] = ()) -> T:
        """Write, then count what was written."""
        appended: list[Event] = []
        watched = None if unit is None else _watch(unit, appended)
        result = await self._database.write(watched, events)
        self._count((*events, *appended))
        return result

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        """Read; nothing is counted."""
        return await self._database.run_read(unit)

    async def settle_events(self) -> None:
        """Chain; nothing is counted."""
        await self._database.settle_events()

    async def close(self) -> None:
        """Close the database behind."""
        await self._database.close()


def _watch(unit: UnitOfWork[T], appended: list[Event]) -> UnitOfWork[T]:
    """Pass the unit's statements on and note the events that it appends."""
    answer: object = None
    try:
        while True:
            request = unit.send(answer)
            answer = yield request
            if type(request) is Append:
                appended.append(request.event)
            elif type(request) is Conclude and answer is not None:
                appended.extend(request.events)
    except StopIteration as finished:
        result: T = finished.value
        return result
