"""Who administers: an officer with a post and a role, signed in with two factors."""

from idp.domain.accounts.account import AccountKind
from idp.domain.events import Origin
from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Level
from idp.domain.offices.administration import Action, Reach, Role, reach_of, roles_among
from idp.domain.values import dataclass
from idp.journeys.administration.errors import NotAllowedError
from idp.ports.accounts import Accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """An officer who was let in, for one request. `display_name` is for the page, never for a record."""

    account_id: AccountId
    officer_id: str
    agency_code: str
    roles: frozenset[Role]
    origin: Origin
    display_name: str = ""

    def may(self, action: Action) -> bool:
        """Whether the roles allow `action` at all."""
        return reach_of(self.roles, action) is not None

    def must(self, action: Action) -> Reach:
        """Return how far the roles allow `action`. Raises `NotAllowedError` when not at all."""
        reach = reach_of(self.roles, action)
        if reach is None:
            raise NotAllowedError
        return reach


class Administrators:
    """Lets officers in."""

    LEVEL = Level.TWO
    """What a session or token must have proved."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def admit(self, account_id: AccountId, origin: Origin) -> Administrator:
        """Return the officer with the roles of this very moment.

        That the sign-in reached `LEVEL` is the caller's to see to. Raises `NotAllowedError` for whoever is no officer
        in office, or has no administrative role.
        """
        account = await self._accounts.get(account_id)
        if account is None or not account.is_active or account.kind is not AccountKind.OFFICER:
            raise NotAllowedError
        profile = await self._accounts.profile(account_id)
        if profile is None or profile.officer is None or profile.officer_id is None:
            raise NotAllowedError
        roles = roles_among(profile.officer.roles)
        if not roles:
            raise NotAllowedError
        return Administrator(
            account_id=account_id,
            officer_id=profile.officer_id,
            agency_code=profile.officer.agency_code,
            roles=roles,
            origin=origin,
            display_name=str(profile.claims.get("name", "")),
        )
