"""Who looked at whose record: what staff leave behind, and the person sees."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import PersonId
from idp.domain.people.record_access import RecordAccess


class RecordAccesses(Protocol):
    """Keeps traces. Nothing of a record may be shown before its trace is durable."""

    async def record(self, access: RecordAccess, event: Event) -> None:
        """Keep one trace with its event; once more does nothing more, and leaves no event."""
        ...

    async def record_all(self, accesses: Sequence[RecordAccess], event: Event) -> None:
        """The same for several records that were seen at once; the event stands when one of the traces is new."""
        ...

    async def of_person(self, person_id: PersonId, before: str, limit: int) -> tuple[RecordAccess, ...]:
        """At most `limit` traces, the latest first; `before`: go on behind this `access_id`, empty at first."""
        ...
