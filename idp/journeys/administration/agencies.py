"""The tree of agencies: founded, renamed, moved and ended on days; what was is kept."""

from dataclasses import replace
from datetime import date
from typing import Final

from idp.domain.country_time import beginning_of, day_of
from idp.domain.events import AgencyChanged
from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action, Reach
from idp.domain.offices.agency import Agency, AgencyKind
from idp.domain.offices.agency_code import parent_code, parse_agency_code
from idp.domain.people.names import parse_name
from idp.domain.refused_value import RefusedIdentifier, RefusedName
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.reach import AgencyReach
from idp.ports.agencies import Agencies
from idp.ports.clock import Clock
from idp.ports.officers import Officers

PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEntry:
    """What an administrator says of an agency; `code` counts for a new one alone."""

    code: str = ""
    name: str
    kind: AgencyKind
    parent: str | None
    valid_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the tree: the agency (None above the topmost), the way to it, and a page of what is under it."""

    agency: Agency | None
    above: tuple[Agency, ...]
    below: tuple[Agency, ...]
    next: str | None
    may_manage: bool
    may_see_officers: bool


class AgencyAdministration:
    """What administrators see of the tree and do to it."""

    def __init__(self, agencies: Agencies, officers: Officers, reach: AgencyReach, clock: Clock) -> None:
        self._agencies = agencies
        self._officers = officers
        self._reach = reach
        self._clock = clock

    async def place(self, admin: Administrator, code: str | None, after: str = "") -> Place:
        """Return a place in the tree; without a code where the administrator begins. Raises `AdministrationError`."""
        reach = admin.must(Action.AGENCIES_VIEW)
        if code is None and reach is Reach.SUBTREE:
            code = admin.agency_code
        if code is None:
            return await self._page(admin, None, (), after)
        await self._reach.must(admin, Action.AGENCIES_VIEW, code)
        above = await self._agencies.above(code)
        if reach is Reach.SUBTREE:
            above = tuple([each for each in above if await self._reach.may(admin, Action.AGENCIES_VIEW, each.code)])
        return await self._page(admin, await self._known(code), above, after)

    async def found(self, admin: Administrator, entry: AgencyEntry) -> str:
        """Found an agency; its code. Raises `AdministrationError`.

        Whose reach ends at a subtree gives codes that say so: the parent's, and one group more.
        """
        code = _code(entry.code)
        parent = await self._parent(admin, entry.parent)
        if not _may_stand(admin, code, parent):
            raise InvalidEntryError("code", "not_under_parent")
        agency = Agency(
            code=code, name=_name(entry.name), kind=_kind(entry.kind), parent=parent, valid_from=entry.valid_from
        )
        event = AgencyChanged(origin=admin.origin, agency_code=code, change="founded", by=admin.account_id)
        if not await self._agencies.add(agency, event):
            raise InvalidEntryError("code", "taken")
        return code

    async def change(self, admin: Administrator, seen: Agency, entry: AgencyEntry) -> None:
        """Rename an agency or move it in the tree, where its code belongs (`found`). Raises `AdministrationError`."""
        await self._reach.must(admin, Action.AGENCIES_MANAGE, seen.code)
        parent = seen.parent if entry.parent == seen.parent else await self._parent(admin, entry.parent)
        if parent is not None and any(each.code == seen.code for each in await self._agencies.above(parent)):
            raise InvalidEntryError("parent", "circle")
        if parent == seen.code:
            raise InvalidEntryError("parent", "circle")
        if parent != seen.parent and not _may_stand(admin, seen.code, parent):
            raise InvalidEntryError("parent", "not_under_parent")
        changed = replace(
            seen,
            name=_name(entry.name),
            kind=seen.kind if entry.kind is seen.kind else _kind(entry.kind),
            parent=parent,
            valid_from=entry.valid_from,
        )
        if changed.valid_from and changed.valid_to and changed.valid_to <= changed.valid_from:
            raise InvalidEntryError("valid_from", "order")
        await self._replace(admin, seen, changed, "changed")

    async def end(self, admin: Administrator, seen: Agency, valid_to: date, successors: tuple[str, ...]) -> None:
        """Say on which day an agency is no more, and who follows. Raises `AdministrationError`.

        Agencies under it and posts in it have to end by then, or to have moved.
        """
        await self._reach.must(admin, Action.AGENCIES_MANAGE, seen.code)
        if seen.valid_from and valid_to <= seen.valid_from:
            raise InvalidEntryError("valid_to", "order")
        for successor in successors:
            if successor == seen.code or await self._agencies.get(successor) is None:
                raise InvalidEntryError("successors", "unknown")
        await self._refuse_while_used(seen.code, valid_to)
        ended = replace(seen, valid_to=valid_to, successors=tuple(sorted(set(successors))))
        await self._replace(admin, seen, ended, "ended")

    async def seen(self, admin: Administrator, code: str) -> Agency:
        """Return an agency that is to be changed. Raises `AdministrationError`."""
        await self._reach.must(admin, Action.AGENCIES_MANAGE, code)
        return await self._known(code)

    async def _page(self, admin: Administrator, agency: Agency | None, above: tuple[Agency, ...], after: str) -> Place:
        found = await self._agencies.below(agency.code if agency else None, after, PAGE + 1)
        code = agency.code if agency else ""
        return Place(
            agency=agency,
            above=above,
            below=found[:PAGE],
            next=found[PAGE - 1].code if len(found) > PAGE else None,
            may_manage=await self._reach.may(admin, Action.AGENCIES_MANAGE, code),
            may_see_officers=bool(agency) and await self._reach.may(admin, Action.OFFICERS_VIEW, code),
        )

    async def _known(self, code: str) -> Agency:
        agency = await self._agencies.get(code)
        if agency is None:
            raise NotFoundError
        return agency

    async def _parent(self, admin: Administrator, parent: str | None) -> str | None:
        """The agency that stands above; one within reach, where the reach has an end."""
        if not parent:
            if admin.must(Action.AGENCIES_MANAGE) is not Reach.EVERYWHERE:
                raise NotAllowedError
            return None
        await self._reach.must(admin, Action.AGENCIES_MANAGE, parent)
        above = await self._agencies.get(parent)
        if above is None or above.is_over(day_of(self._clock.now())):
            raise InvalidEntryError("parent", "unknown")
        return parent

    async def _replace(self, admin: Administrator, seen: Agency, agency: Agency, change: str) -> None:
        event = AgencyChanged(origin=admin.origin, agency_code=agency.code, change=change, by=admin.account_id)
        if not await self._agencies.replace(seen, agency, event):
            raise ChangedMeanwhileError

    async def _refuse_while_used(self, code: str, valid_to: date) -> None:
        end = beginning_of(valid_to)
        after = ""
        while page := await self._agencies.below(code, after, PAGE):
            if any(each.valid_to is None or each.valid_to > valid_to for each in page):
                raise InvalidEntryError("valid_to", "agencies_below")
            after = page[-1].code
        held = await self._officers.of_agency(code, Seconds(max(end, self._clock.now())))
        if held:
            raise InvalidEntryError("valid_to", "officers_in_office")


def _may_stand(admin: Administrator, code: str, parent: str | None) -> bool:
    """Whether an agency may stand there: readers of its code take the groups before the last for the agency above.

    Only who reaches everywhere lets the code of one agency stand under another.
    """
    return admin.must(Action.AGENCIES_MANAGE) is Reach.EVERYWHERE or parent == parent_code(code)


def _code(typed: str) -> str:
    try:
        return parse_agency_code(typed)
    except RefusedIdentifier:
        raise InvalidEntryError("code", "malformed") from None


def _name(typed: str) -> str:
    try:
        return parse_name(typed)
    except RefusedName:
        raise InvalidEntryError("name", "malformed") from None


def _kind(kind: AgencyKind) -> AgencyKind:
    """Refuse districts: there are no more (`domain.offices.agency.DISTRICTS_ENDED`), and what was comes by import."""
    if kind is AgencyKind.DISTRICT:
        raise InvalidEntryError("kind", "districts_ended")
    return kind
