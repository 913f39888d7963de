"""Loading and reading back an operator's records."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId
from idp.domain.records import Loaded, PersonRecord, Records


class PreparedPeople(Protocol):
    """Records made ready for `RecordStore.load_people`; they travel from one process to another."""

    def __len__(self) -> int:
        """How many records."""
        ...

    def before(self, position: int) -> "PreparedPeople":
        """The records before the one at `position`."""
        ...


class PeoplePreparer(Protocol):
    """Makes people's records ready: everything that takes computing and no store, so that it can be done elsewhere."""

    def prepare(self, people: Sequence[PersonRecord]) -> PreparedPeople:
        """Records that some store of the same deployment loads."""
        ...


class RecordStore(Protocol):
    """Idempotent loading: a record that is there already, unchanged, is left alone, keys and authenticators too."""

    async def load(self, records: Records, event: Event) -> Loaded:
        """Load everything in one transaction, or nothing. Raises `RecordConflictError` naming the record.

        A password or one-time-code secret in the record replaces the stored one only when there is none or it differs.
        """
        ...

    async def load_people(self, batch: PreparedPeople, source: str, line: int, event: Event) -> Loaded:
        """Load one batch of the bulk path together with its mark: `source` was read up to `line`."""
        ...

    async def mark(self, source: str) -> int:
        """How far a bulk source was read; 0 for a new one."""
        ...

    def export(self) -> AsyncIterator[Records]:
        """Everything, secrets left out, in pieces of bounded size."""
        ...

    async def account_of(self, identifier: str) -> AccountId | None:
        """The account behind a canonical identifier (personal number, contact or officer username)."""
        ...


class RecordConflictError(Exception):
    """A record contradicts what is stored (an identifier that belongs to somebody else, an unknown agency).

    `path` names the record within its file (`people[3].phone_number`); the message gives the reason without the value.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
