"""`/api/admin/agencies`: the tree, one level at a time, as in the console."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from idp.domain.offices.administration import Action
from idp.domain.offices.agency import Agency, AgencyKind
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.agencies import AgencyAdministration, AgencyEntry
from idp.web.api.gate import Gate

_Code = Annotated[str, Field(max_length=35)]


class AgencyTold(BaseModel):
    """One agency; `valid_to` is the first day on which it is no more."""

    code: str
    name: str
    kind: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None
    successors: list[str] = Field(description="Told of the agency asked for, not of those around it.")


class PlaceTold(BaseModel):
    """A place in the tree; `agency` is absent above the topmost, `next` the key of the following page of `below`."""

    agency: AgencyTold | None
    above: list[AgencyTold]
    below: list[AgencyTold]
    next: str | None


class AgencyWanted(BaseModel):
    """How an agency is to be."""

    name: Annotated[str, Field(max_length=256)]
    kind: AgencyKind
    parent: _Code | None = None
    valid_from: date | None = None


class NewAgency(AgencyWanted):
    """An agency to be founded."""

    code: _Code


class AgencyEndWanted(BaseModel):
    """The first day on which an agency is no more, and who follows."""

    valid_to: date
    successors: list[_Code] = Field(default_factory=list, max_length=64)


def agencies_api(agencies: AgencyAdministration, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/agencies", tags=["agencies"])
    Viewer = Annotated[Administrator, gate(Action.AGENCIES_VIEW)]  # noqa: N806 -- a type
    Manager = Annotated[Administrator, gate(Action.AGENCIES_MANAGE)]  # noqa: N806 -- a type
    After = Annotated[str, Query(max_length=35)]  # noqa: N806 -- a type

    @router.get("")
    async def show_top(admin: Viewer, after: After = "") -> PlaceTold:
        """Where the administrator begins."""
        return await _place(agencies, admin, None, after)

    @router.get("/{code}")
    async def show_agency(admin: Viewer, code: str, after: After = "") -> PlaceTold:
        """An agency, the way to it, and a page of what stands under it."""
        return await _place(agencies, admin, code, after)

    @router.post("", status_code=201)
    async def found_agency(admin: Manager, wanted: NewAgency) -> PlaceTold:
        """Found an agency."""
        code = await agencies.found(admin, _entry(wanted, wanted.code))
        return await _place(agencies, admin, code, "")

    @router.put("/{code}")
    async def change_agency(admin: Manager, code: str, wanted: AgencyWanted) -> PlaceTold:
        """Rename an agency or move it in the tree."""
        await agencies.change(admin, await agencies.seen(admin, code), _entry(wanted, code))
        return await _place(agencies, admin, code, "")

    @router.post("/{code}/end")
    async def end_agency(admin: Manager, code: str, wanted: AgencyEndWanted) -> PlaceTold:
        """Say when an agency ends, and who follows."""
        await agencies.end(admin, await agencies.seen(admin, code), wanted.valid_to, tuple(wanted.successors))
        return await _place(agencies, admin, code, "")

    return router


async def _place(agencies: AgencyAdministration, admin: Administrator, code: str | None, after: str) -> PlaceTold:
    place = await agencies.place(admin, code, after)
    return PlaceTold(
        agency=_told(place.agency) if place.agency else None,
        above=[_told(each) for each in place.above],
        below=[_told(each) for each in place.below],
        next=place.next,
    )


def _entry(wanted: AgencyWanted, code: str) -> AgencyEntry:
    return AgencyEntry(
        code=code, name=wanted.name, kind=wanted.kind, parent=wanted.parent, valid_from=wanted.valid_from
    )


def _told(agency: Agency) -> AgencyTold:
    return AgencyTold(
        code=agency.code,
        name=agency.name,
        kind=agency.kind.value,
        parent=agency.parent,
        valid_from=agency.valid_from,
        valid_to=agency.valid_to,
        successors=list(agency.successors),
    )
