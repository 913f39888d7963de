"""Who may go on after a first factor: told only to whoever gave the right one."""

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.clients.client import ClientAudience
from idp.journeys.refusals import AccountLockedError, CitizensOnlyError, OfficersOnlyError, RefusedError


def obstacle(account: Account, audience: ClientAudience) -> RefusedError | None:
    """Return why this account may not sign in where this audience does, None when it may."""
    if not account.is_active:
        return AccountLockedError()
    if audience.admits(account.kind):
        return None
    return CitizensOnlyError() if account.kind is AccountKind.OFFICER else OfficersOnlyError()
