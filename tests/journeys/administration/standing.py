"""Administrators of tests that are about something else: names without an account, whom the roles never fail."""

from idp.domain.events import Origin
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Role
from idp.journeys.administration.administrator import Administrator


class EverybodyStands:
    """Implements `Admits`: an administrator of the provider, whoever it is."""

    async def admit(self, account_id: AccountId, origin: Origin) -> Administrator:
        return Administrator(
            account_id=account_id, officer_id=account_id, agency_code="G10", roles=frozenset(Role), origin=origin
        )
