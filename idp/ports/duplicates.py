"""Second accounts of one human: found by what their records have in common, and merged."""

from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.likeness import Likeness
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMerge:
    """The forwarding mark of an account that was somebody's second one."""

    merged_account_id: AccountId
    merged_person_id: PersonId
    surviving_account_id: AccountId
    surviving_person_id: PersonId
    change_id: str
    merged_at: Seconds
    decided_by: AccountId


class Duplicates(Protocol):
    """Nothing is ever listed unasked: the question is always about one person or one card."""

    async def like(self, record: IdentityRecord) -> tuple[Likeness, ...]:
        """Citizens' accounts of others whose records are like this one, at most twenty; merged ones left out."""
        ...

    async def of_card(self, number: str) -> PersonId | None:
        """Whose record names a card; None when nobody's does, or more than one."""
        ...

    async def merge_of(self, account_id: AccountId) -> AccountMerge | None:
        """Where an account forwards to, or None."""
        ...

    async def survivor_of(self, person_id: PersonId) -> PersonId:
        """Who a person turned out to be: the person himself or herself unless the record was merged."""
        ...

    async def has_officer(self, person_id: PersonId) -> bool:
        """Whether the person has an officer's account."""
        ...

    async def is_held(self, account_id: AccountId) -> bool:
        """Whether a lock stands that a merge of the account into another would lose (`GIVES_WAY_TO_A_MERGE`)."""
        ...

    async def merge(
        self, merge: AccountMerge, record: IdentityRecord, given_up: tuple[str, ...], event: Event
    ) -> tuple[ClientId, ...] | None:
        """Lock the merged account for good and end what it has open; the clients that are told.

        None, and nothing written, when it was merged before, or is held (`is_held`) at that moment.

        `record` is the surviving one and is saved (`IdentityRecords.save`); its personal number signs the survivor in,
        `given_up` still find the survivor and sign nobody in. Contacts of the merged account sign nobody in. All in
        one transaction with `event`. Raises `RecordChangedError`.
        """
        ...
