"""Locks of accounts and organisations; the status of an account follows them in the same transaction."""

from collections.abc import Sequence
from typing import Protocol

from idp.domain.accounts.account_lock import AccountLock, LockGround, NewLock, RegisterEffect
from idp.domain.events import Event, LockEnded, RegisterEventReceived
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChange:
    """What an event of a register does. `event_at` is the register's moment in milliseconds, `event_id` its name."""

    effects: Sequence[RegisterEffect]
    event_at: int
    event_id: str
    now: Seconds


class AccountLocks(Protocol):
    """Opens and ends locks. Each opening ends sessions and grants and queues logout tokens."""

    async def of_account(self, account_id: AccountId) -> tuple[AccountLock, ...]:
        """Every lock there was, the latest first; at most the last hundred."""
        ...

    async def holds_organisation(self, tax_code: str) -> bool:
        """Whether nobody may act for the organisation."""
        ...

    async def open(
        self, account_id: AccountId, lock: NewLock, now: Seconds, event: Event
    ) -> tuple[ClientId, ...] | None:
        """Lock, with `event`; the clients that are told, None (and no event) when such a lock is open already."""
        ...

    async def end(
        self, account_id: AccountId, ground: LockGround, reference: str, now: Seconds, event: LockEnded
    ) -> bool:
        """End one lock, with `event`; False, and no event, when there is none.

        The account is active again when it was the last; whoever is unlocked counts as not idle from `now` on.
        """
        ...

    async def due(self, now: Seconds, limit: int) -> tuple[AccountLock, ...]:
        """Open locks whose time is over, the longest first."""
        ...

    async def apply_to_person(
        self, person_id: PersonId, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterEventReceived:
        """Apply what a register says of a person, unless a later event on the ground was had; the event as recorded.

        Any number of copies at once apply it once.
        """
        ...

    async def apply_to_organisation(
        self, tax_code: str, change: RegisterChange, event: RegisterEventReceived
    ) -> RegisterEventReceived:
        """The same for an organisation."""
        ...
