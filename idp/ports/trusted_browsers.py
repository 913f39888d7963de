"""Browsers that people trust: listed, bounded, taken back one by one or all at once."""

from typing import Protocol

from idp.domain.authenticators.trusted_browser import TrustedBrowser
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds


class TrustedBrowsers(Protocol):
    """Whatever ends all sessions of an account (a lock, another password) ends trust in the same act."""

    async def trust(self, browser: TrustedBrowser, event: Event) -> None:
        """Trust a browser from now on; one that was trusted already is from now on."""
        ...

    async def is_trusted(self, browser_id: str, account_id: AccountId, now: Seconds) -> bool:
        """Whether the account's owner trusts the browser: it spares questions, and nothing may rest on it."""
        ...

    async def of_account(self, account_id: AccountId, now: Seconds) -> tuple[TrustedBrowser, ...]:
        """The browsers that are trusted, the latest first."""
        ...

    async def revoke(self, account_id: AccountId, browser_id: str, event: Event) -> bool:
        """Trust a browser no more; False when nobody did."""
        ...

    async def revoke_all(self, account_id: AccountId, event: Event) -> int:
        """Trust none of the account's browsers any more; how many there were. Without one no event is written."""
        ...
