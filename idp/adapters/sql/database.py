"""What the stores need of a database, whichever engine runs the units of work."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from idp.adapters.sql.unit_of_work import UnitOfWork
from idp.domain.events import Event

T = TypeVar("T")


class Database(Protocol):
    """Runs units of work. Every method raises `StoreUnavailableError` when the engine does not answer."""

    async def write(self, unit: UnitOfWork[T] | None, events: Sequence[Event] = ()) -> T:
        """Run `unit` (None: nothing but the events) in a transaction together with `events`.

        Returns what the unit returns once everything is durable. What it raises is raised here, after its changes and
        events were rolled back.
        """
        ...

    async def run_read(self, unit: UnitOfWork[T]) -> T:
        """Run a unit that changes nothing; it sees every write that was acknowledged before."""
        ...

    async def settle_events(self) -> None:
        """Return once every event that was durable before stands in the audit chain."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go of the engine."""
        ...


class EngineDatabase(Database, Protocol):
    """An engine itself, with nothing around it."""

    def queued(self) -> int:
        """How many units of this process wait for the engine to begin with them."""
        ...
