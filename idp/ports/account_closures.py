"""Accounts that their owners close."""

from typing import Protocol

from idp.domain.accounts.account_closure import AccountClosure
from idp.domain.events import Event
from idp.domain.ids import AccountId, ClientId, Seconds


class OfficersDoNotCloseError(Exception):
    """The same human is an officer, whose account stands on the same erasable key."""


class AccountClosures(Protocol):
    """Asks, takes back, and closes."""

    async def of_account(self, account_id: AccountId) -> AccountClosure | None:
        """How the account stands; None when nobody asked to close it."""
        ...

    async def ask(self, closure: AccountClosure, event: Event) -> bool:
        """Remember that the owner asked; False, and no event, when that was so already.

        Raises `OfficersDoNotCloseError` while the same human has an officer's account in use.
        """
        ...

    async def take_back(self, account_id: AccountId, now: Seconds, event: Event) -> bool:
        """Forget it; False, and no event, when it is too late (`now`), or nobody asked."""
        ...

    async def due(self, now: Seconds, limit: int) -> tuple[AccountClosure, ...]:
        """Closures whose time has come, the longest due first; those of officers wait."""
        ...

    async def close(self, closure: AccountClosure, now: Seconds, event: Event) -> tuple[ClientId, ...] | None:
        """Close the account for good, in one transaction; the clients that are told, None when it was taken back.

        It is locked on a ground that never ends; sessions and grants end; contacts, preferences, authenticators and
        consents are gone, and with the person's erasable key whatever copies of them there are. The identity record,
        the evidence of decisions and the history of use stay as the law says.
        """
        ...
