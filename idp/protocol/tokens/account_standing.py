"""OpenID Connect Core section 16.18 (lifetimes of tokens): no token works longer than the account behind it stands."""

from idp.domain.accounts.account import Account
from idp.domain.grants.grant import Grant
from idp.protocol.errors import InvalidGrantError


def is_standing(account: Account | None, grant: Grant) -> bool:
    """Return whether the account is there, active, and was not locked after the grant was given."""
    return account is not None and account.is_active and grant.stands_on >= account.sessions_valid_from


def require_standing(account: Account | None, grant: Grant) -> Account:
    """Return the account behind the grant. Raises `InvalidGrantError` unless it stands."""
    if account is None or not is_standing(account, grant):
        raise InvalidGrantError(reason="account is gone, locked, or was since")
    return account
