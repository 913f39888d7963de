"""Accounts that nobody has used for long."""

from typing import Protocol

from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class IdleAccount:
    """An active account after so many `notices` (0 to 2) since it was used; `since`: the last of them, or that use.

    `locale` is the language that the person chose, None when there is none.
    """

    account_id: AccountId
    notices: int
    since: Seconds
    locale: str | None


class IdleAccounts(Protocol):
    """Finds them, and moves them on; whoever signs in meanwhile is left alone."""

    async def find(
        self, notices: int, *, until: Seconds, after: IdleAccount | None, limit: int
    ) -> tuple[IdleAccount, ...]:
        """At most `limit` accounts with so many notices, idle since `until` or longer, longest first.

        `after`: go on behind this one.
        """
        ...

    async def noticed(self, account: IdleAccount, now: Seconds, event: Event) -> bool:
        """Count one more notice, from `now` on; False, and no event, when the account is not as it was found."""
        ...

    async def lock(self, account: IdleAccount, now: Seconds, event: Event) -> bool:
        """Lock it, end its sessions and grants, queue logout tokens; False when the account is not as it was found."""
        ...
