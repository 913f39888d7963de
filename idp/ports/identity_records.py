"""Identity records, one at a time: read, made and changed, never listed."""

from collections.abc import Callable
from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId, PersonId
from idp.domain.people.identity_record import IdentityRecord, NewPerson
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class RegisterMoment:
    """When a register issued a number: its own moment in milliseconds, and what it calls the event."""

    event_at: int
    event_id: str


class IdentityRecords(Protocol):
    """The records of people. Imports of the same person keep what files do not tell."""

    async def of_person(self, person_id: PersonId) -> IdentityRecord | None:
        """The record of one person, or None."""
        ...

    async def of_account(self, account_id: AccountId) -> IdentityRecord | None:
        """The record of the human behind an account (a citizen's or an officer's), or None."""
        ...

    async def of_number(self, personal_number: str) -> IdentityRecord | None:
        """The record of whoever has, or had, a personal number in canonical form; None when nobody has."""
        ...

    async def create(self, person: NewPerson, event: Event | Callable[[AccountId], Event]) -> AccountId:
        """Make a person with a citizen's account, in one transaction with `event`; the account's identifier.

        `event` may be what makes the event, once the account has an identifier.

        Raises `AlreadyKnownError` when the personal number or a contact signs somebody in already: of any number of
        callers at once one succeeds.
        """
        ...

    async def save(self, record: IdentityRecord, event: Event) -> None:
        """Put `record` in the place of the one that it was made from (its `seal`), in one transaction with `event`.

        Another personal number signs the person in from then on; the former one stays the person's. Raises
        `RecordChangedError` when the stored record is another one meanwhile or is gone, `AlreadyKnownError` when
        the new number is somebody else's.
        """
        ...

    async def renumbered_at(self, person_id: PersonId) -> int | None:
        """When the register last issued a number for the person, in its milliseconds; None when it told of none."""
        ...

    async def renumber(self, record: IdentityRecord, moment: RegisterMoment, event: Event) -> bool:
        """Do as `save` does, once; False, and no event, where the register's number of that moment or later was had.

        Raises as `save`, and then the moment is not kept.
        """
        ...


class AlreadyKnownError(Exception):
    """An identifier signs somebody in already. `field` is `personal_number`, `email` or `phone_number`."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} belongs to somebody already")
        self.field = field


class RecordChangedError(Exception):
    """The record was changed after it was read: read it again and decide anew."""

    def __init__(self) -> None:
        super().__init__("the record was changed meanwhile")
