"""Nobody proves or merges himself or herself: officers are compared with the people they act on, as humans."""

from idp.domain.ids import AccountId, PersonId
from idp.journeys.administration.errors import NotAllowedError
from idp.ports.accounts import Accounts
from idp.ports.duplicates import Duplicates


class OwnIdentityError(NotAllowedError):
    """It is the officer's own identity record."""

    code = "own_identity"


class OwnIdentity:
    """Knows which human is behind an account, merged records included."""

    def __init__(self, accounts: Accounts, duplicates: Duplicates) -> None:
        self._accounts = accounts
        self._duplicates = duplicates

    async def refuse_account(self, officer: AccountId, acted_on: AccountId) -> None:
        """Raise `OwnIdentityError` when both accounts are of one human."""
        account = await self._accounts.get(acted_on)
        if account is not None:
            await self.refuse(officer, account.person_id)

    async def refuse(self, account_id: AccountId, *people: PersonId) -> None:
        """Raise `OwnIdentityError` when the human behind an account is one of `people`."""
        account = await self._accounts.get(account_id)
        if account is None:
            raise OwnIdentityError
        own = await self._duplicates.survivor_of(account.person_id)
        for person_id in people:
            if await self._duplicates.survivor_of(person_id) == own:
                raise OwnIdentityError
