"""Records that age: which to look at again, and when."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import PersonId, Seconds
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class AgeingRecord:
    """A record to look at again at `due_at`. `seen_at` is the last look, `noticed_for` the end that was told."""

    person_id: PersonId
    due_at: Seconds
    seen_at: Seconds
    noticed_for: Seconds | None = None


class AgeingRecords(Protocol):
    """The records with an end that lies ahead, and those that changed; saving a record makes it due at once."""

    async def due(self, now: Seconds, after: AgeingRecord | None, limit: int) -> tuple[AgeingRecord, ...]:
        """Records that are due, the longest first; `after`: go on behind this one."""
        ...

    async def moved(
        self,
        found: AgeingRecord,
        due_at: Seconds | None,
        noticed_for: Seconds | None,
        now: Seconds,
        events: Sequence[Event],
    ) -> bool:
        """Record a look at a record, with its events. `due_at` None: nothing of it ends any more.

        False, and no event, when somebody else looked, or the record changed, meanwhile.
        """
        ...
