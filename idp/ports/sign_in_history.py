"""From which devices, networks and places an account was signed in to, the last few."""

from typing import Protocol

from idp.domain.abuse.risk_signals import PastSignIn
from idp.domain.events import Event
from idp.domain.ids import AccountId


class SignInHistory(Protocol):
    """Keeps one entry for each device in each network, at most `REMEMBERED` of an account.

    Places lie under the person's erasable key; everything goes when the account is closed or begun anew.
    """

    async def of_account(self, account_id: AccountId) -> tuple[PastSignIn, ...]:
        """What is remembered, latest first."""
        ...

    async def add(self, sign_in: PastSignIn, *events: Event) -> None:
        """Remember a sign-in in place of an earlier one on the same device in the same network, with what it tells.

        What is more than `REMEMBERED` goes, the oldest first.
        """
        ...
