"""Delegated administration: how far an administrator reaches in the tree of agencies."""

from idp.domain.offices.administration import Action, Reach
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import NotAllowedError
from idp.ports.agency_tree import AgencyTree


class AgencyReach:
    """Checks an action against an agency."""

    def __init__(self, tree: AgencyTree) -> None:
        self._tree = tree

    async def must(self, admin: Administrator, action: Action, agency_code: str) -> None:
        """Raise `NotAllowedError` unless `action` is allowed to `admin` at this agency."""
        if not await self.may(admin, action, agency_code):
            raise NotAllowedError

    async def may(self, admin: Administrator, action: Action, agency_code: str) -> bool:
        """Whether `action` is allowed to `admin` at this agency."""
        if not admin.may(action):
            return False
        if admin.must(action) is Reach.EVERYWHERE:
            return True
        return await self._tree.is_within(agency_code, admin.agency_code)
