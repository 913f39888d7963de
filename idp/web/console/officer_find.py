"""`/admin/officers/find`: an officer is looked for with a purpose; nothing that was typed stands in an address."""

from typing import Final

from idp.domain.people.record_access import Purpose
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.officer_search import FoundOfficers, OfficerSearch
from idp.journeys.administration.people import PeopleQuery
from idp.ports.clock import Clock
from idp.web.console.frame import Frame
from idp.web.console.officers import FIND, officer_row
from idp.web.console.rooms import Room
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.officers import FindOfficerPage

_FIELDS: Final = ("purpose", "reference", "identifier", "name", "born")


class FindOfficerPages:
    """Looks officers up and lists them."""

    def __init__(self, search: OfficerSearch, clock: Clock, frame: Frame) -> None:
        self._search = search
        self._clock = clock
        self._frame = frame

    async def ask(self, visit: Visit, admin: Administrator) -> Answer:
        """GET: nobody is listed unasked."""
        return self._frame.desk.page(visit, self._page(visit, admin, {}))

    async def find(self, visit: Visit, admin: Administrator) -> Answer:
        """POST: those who were found, above the form."""
        fields = await visit.form()
        typed = {name: fields.get(name, "") for name in _FIELDS}
        try:
            found = await self._search.find(admin, PeopleQuery(**typed))
        except InvalidEntryError as error:
            page = self._page(visit, admin, typed, problem=Problem(error.field, error.reason))
            return self._frame.desk.page(visit, page, error.status)
        return self._frame.desk.page(visit, self._page(visit, admin, typed, found))

    def _page(
        self,
        visit: Visit,
        admin: Administrator,
        typed: dict[str, str],
        found: FoundOfficers | None = None,
        problem: Problem | None = None,
    ) -> FindOfficerPage:
        now = self._clock.now()
        return FindOfficerPage(
            **self._frame.common(visit, admin, Room.OFFICERS),
            problem=problem,
            action=FIND,
            purposes=tuple(purpose.value for purpose in Purpose),
            typed=dict.fromkeys(_FIELDS, "") | typed,
            rows=None if found is None else tuple(officer_row(officer, now) for officer in found.officers),
            more=found is not None and found.more,
        )
