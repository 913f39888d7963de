"""A browser that its owner trusts, for a while: it spares the owner questions and proves nothing."""

from typing import Final

from idp.domain.abuse.browser_kind import BrowserKind
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

TRUSTED_FOR: Final = 30 * 24 * 3600
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedBrowser:
    """One browser of one account.

    `browser_id` is a keyed hash of the account and of the name that the browser's cookie has, so that the stored one is
    of no use to a browser. Trust ends with everything else that the account has open: `trusted_at` counts only from the
    account's `sessions_valid_from` on.
    """

    browser_id: str
    account_id: AccountId
    browser: BrowserKind
    place: str | None
    trusted_at: Seconds

    @property
    def expires_at(self) -> Seconds:
        """When trust ends by itself."""
        return Seconds(self.trusted_at + TRUSTED_FOR)
