"""`/account/looks`: which officers looked at the record, why, and at what; by number and office, never by name."""

from typing import Final

from idp.domain.people.record_access import RecordAccess
from idp.ports.record_accesses import RecordAccesses
from idp.web.moments import moment_of
from idp.web.pages.account.data import PAGE, OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.own_data import LookRow, LooksPage

PATH: Final = "/account/looks"


class LooksPages:
    """Shows the traces of staff to the person whom they looked at."""

    def __init__(self, accesses: RecordAccesses, desk: OwnDataDesk) -> None:
        self._accesses = accesses
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the page; `after` is the last look of the page before."""
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        after = visit.query.get("after", "")
        found = await self._accesses.of_person(current.account.person_id, after, PAGE + 1)
        page = LooksPage(
            **self._desk.common(visit),
            rows=tuple(_row(access) for access in found[:PAGE]),
            next_href=f"{PATH}?after={found[PAGE - 1].access_id}" if len(found) > PAGE else None,
            first=not after,
        )
        return self._desk.desk.page(visit, page)


def _row(access: RecordAccess) -> LookRow:
    return LookRow(
        at=moment_of(access.at),
        agency=access.agency_name,
        position=access.position,
        officer_id=access.officer_id,
        purpose=access.purpose.value,
        reference=access.reference,
        seen=tuple(each.value for each in access.seen),
    )
