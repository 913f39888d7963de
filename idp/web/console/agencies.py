"""`/admin/agencies`: the tree, one level at a time."""

from datetime import date
from urllib.parse import urlencode

from idp.domain.country_time import day_of
from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action
from idp.domain.offices.agency import Agency, AgencyKind
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.agencies import AgencyAdministration, AgencyEntry, Place
from idp.journeys.administration.errors import InvalidEntryError
from idp.ports.clock import Clock
from idp.web.console.day_fields import read_day, shown
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.edge.body import Parameters
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.agencies import AgenciesPage, AgencyFacts, AgencyFormPage, AgencyLink
from idp.web.views.console.common import Problem

PATH = Room.AGENCIES.value.path
OFFICERS = Room.OFFICERS.value.path
KINDS = tuple(kind.value for kind in AgencyKind if kind is not AgencyKind.DISTRICT)
NOTICES = frozenset({"agency_founded", "agency_changed", "agency_ended"})


class AgencyPages:
    """Shows the tree and changes it."""

    def __init__(self, agencies: AgencyAdministration, clock: Clock, frame: Frame) -> None:
        self._agencies = agencies
        self._clock = clock
        self._frame = frame

    async def top(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/agencies`: where the administrator begins."""
        return await self._show(visit, admin, None)

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/agencies/{code}`."""
        return await self._show(visit, admin, visit.parameter("code"))

    async def new(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/agencies/new?parent=…`: the form `agency`."""
        return self._form(visit, admin, None, {"parent": visit.query.get("parent", "")})

    async def found(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/agencies/new`."""
        fields = await visit.form()
        try:
            code = await self._agencies.found(admin, _entry(fields))
        except InvalidEntryError as wrong:
            return self._form(visit, admin, None, dict(fields.items()), wrong)
        return self._frame.desk.redirect(visit, f"{PATH}/{code}?notice=agency_founded")

    async def edit(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/agencies/{code}/change`: the forms `agency` and `end-agency`."""
        agency = await self._agencies.seen(admin, visit.parameter("code"))
        return self._form(visit, admin, agency, _standing(agency))

    async def change(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/agencies/{code}/change`."""
        fields = await visit.form()
        agency = await self._agencies.seen(admin, visit.parameter("code"))
        try:
            await self._agencies.change(admin, agency, _entry(fields))
        except InvalidEntryError as wrong:
            return self._form(visit, admin, agency, {**_standing(agency), **dict(fields.items())}, wrong)
        return self._frame.desk.redirect(visit, f"{PATH}/{agency.code}?notice=agency_changed")

    async def end(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/agencies/{code}/end`."""
        fields = await visit.form()
        agency = await self._agencies.seen(admin, visit.parameter("code"))
        try:
            successors = tuple(fields.get("successors", "").replace(",", " ").split())
            await self._agencies.end(admin, agency, _needed_day(fields, "valid_to"), successors)
        except InvalidEntryError as wrong:
            return self._form(visit, admin, agency, {**_standing(agency), **dict(fields.items())}, wrong)
        return self._frame.desk.redirect(visit, f"{PATH}/{agency.code}?notice=agency_ended")

    async def _show(self, visit: Visit, admin: Administrator, code: str | None) -> Answer:
        place = await self._agencies.place(admin, code, visit.query.get("after", ""))
        return self._frame.desk.page(visit, self._page(visit, admin, place))

    def _page(self, visit: Visit, admin: Administrator, place: Place) -> AgenciesPage:
        agency, now = place.agency, self._clock.now()
        notice = visit.query.get("notice")
        own = f"{PATH}/{agency.code}" if agency else PATH
        return AgenciesPage(
            **self._frame.common(visit, admin, Room.AGENCIES),
            notice=notice if notice in NOTICES else None,
            agency=_facts(agency) if agency else None,
            above=tuple(_link(each, now) for each in place.above),
            below=tuple(_link(each, now) for each in place.below),
            next_href=f"{own}?{urlencode({'after': place.next})}" if place.next else None,
            find_href=f"{OFFICERS}/find" if admin.may(Action.OFFICERS_VIEW) else None,
            officers_href=f"{OFFICERS}?{urlencode({'agency': agency.code})}"
            if agency and place.may_see_officers
            else None,
            found_href=f"{PATH}/new?{urlencode({'parent': agency.code if agency else ''})}"
            if place.may_manage
            else None,
            change_href=f"{own}/change" if agency and place.may_manage else None,
        )

    def _form(
        self,
        visit: Visit,
        admin: Administrator,
        agency: Agency | None,
        typed: dict[str, str],
        wrong: InvalidEntryError | None = None,
    ) -> Answer:
        own = f"{PATH}/{agency.code}" if agency else f"{PATH}/new"
        page = AgencyFormPage(
            **self._frame.common(visit, admin, Room.AGENCIES),
            problem=Problem(wrong.field, wrong.reason) if wrong else None,
            code=agency.code if agency else None,
            action=f"{own}/change" if agency else own,
            end_action=f"{own}/end" if agency else None,
            back_href=own if agency else PATH,
            typed=typed,
            kinds=(*KINDS, agency.kind.value) if agency and agency.kind.value not in KINDS else KINDS,
        )
        return self._frame.desk.page(visit, page, wrong.status if wrong else 200)


def _entry(fields: Parameters) -> AgencyEntry:
    try:
        kind = AgencyKind(fields.get("kind", ""))
    except ValueError:
        raise InvalidEntryError("kind", "missing") from None
    return AgencyEntry(
        code=fields.get("code", ""),
        name=fields.get("name", ""),
        kind=kind,
        parent=fields.get("parent", "").strip() or None,
        valid_from=read_day(fields.get("valid_from", ""), "valid_from"),
    )


def _needed_day(fields: Parameters, name: str) -> date:
    day = read_day(fields.get(name, ""), name)
    if day is None:
        raise InvalidEntryError(name, "missing")
    return day


def _standing(agency: Agency) -> dict[str, str]:
    return {
        "name": agency.name,
        "kind": agency.kind.value,
        "parent": agency.parent or "",
        "valid_from": agency.valid_from.isoformat() if agency.valid_from else "",
        "valid_to": agency.valid_to.isoformat() if agency.valid_to else "",
        "successors": " ".join(agency.successors),
    }


def _facts(agency: Agency) -> AgencyFacts:
    return AgencyFacts(
        code=agency.code,
        name=agency.name,
        kind=agency.kind.value,
        valid_from=shown(agency.valid_from),
        valid_to=shown(agency.valid_to),
        successors=agency.successors,
    )


def _link(agency: Agency, now: Seconds) -> AgencyLink:
    return AgencyLink(
        code=agency.code,
        name=agency.name,
        kind=agency.kind.value,
        href=f"{PATH}/{agency.code}",
        over=agency.is_over(day_of(now)),
    )
