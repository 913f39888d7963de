"""Whether two factors can be asked of the owner of an account: a password alone may be a thief's."""

from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import has_second_factor
from idp.ports.accounts import Authenticators


async def takes_two_factors(authenticators: Authenticators, account_id: AccountId, now: Seconds) -> bool:
    """Whether the account has a second factor besides codes for an emergency."""
    return has_second_factor(await authenticators.methods(account_id, now))
