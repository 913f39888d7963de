"""`/api/admin/officers`: joiners, movers and leavers, as in the console."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field

from idp.domain.accounts.account_lock import SuspensionReason
from idp.domain.ids import AccountId, Seconds
from idp.domain.moment import LATEST, LATEST_TOLD, check_end
from idp.domain.offices.administration import Action
from idp.domain.offices.officer import NewPost
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.officer_search import OfficerSearch
from idp.journeys.administration.officers import OfficerAdministration
from idp.journeys.administration.people import PeopleQuery
from idp.journeys.administration.role_changes import RoleRequests
from idp.journeys.joining import Joiner
from idp.ports.clock import Clock
from idp.web.api.answers import AskedChange
from idp.web.api.gate import Gate
from idp.web.api.officer_facts import OfficerShown, OfficerTold, lock_told, officer_told

_Text = Annotated[str, Field(max_length=256)]
_Moment = Annotated[int, Field(ge=0, le=LATEST)]
_End = Annotated[int, Field(ge=0, le=LATEST_TOLD), AfterValidator(check_end)]


class OfficersTold(BaseModel):
    """Those who work in one agency, or will, by given name; `next` is the key of the following page."""

    officers: list[OfficerTold]
    next: str | None


class OfficerSearchRequest(BaseModel):
    """Whom to look for, why and for which case: a whole identifier, or words of a name and when he or she was born."""

    purpose: str = Field(max_length=40)
    reference: str = Field(max_length=40)
    identifier: str = Field(default="", max_length=254)
    name: str = Field(default="", max_length=200)
    born: str = Field(default="", max_length=10)


class OfficersFound(BaseModel):
    """Those within reach; `more`: there may be others."""

    officers: list[OfficerTold]
    more: bool


class PostWanted(BaseModel):
    """A post to be given; without `held_from` at once."""

    agency: _Text
    position: Annotated[str, Field(min_length=1, max_length=200)]
    held_from: _Moment | None = None
    held_to: _End | None = Field(None, description="9999-12-31 stands for no end.")


class JoinerWanted(PostWanted):
    """Who joins: a known person, by personal number and name."""

    personal_number: _Text
    name: _Text
    username: Annotated[str, Field(max_length=254)]


class LinkMade(BaseModel):
    """The account, and the address where it is taken over: once, within a day. It is told only now."""

    account_id: str
    activation_link: str


class MoveWanted(PostWanted):
    """Another post for an officer who is there."""

    seen: str


class OfficeEndWanted(BaseModel):
    """Out of office: at a moment to come, or now."""

    seen: str
    held_to: _Moment | None = None


class RolesKept(BaseModel):
    """Roles that stay; every other one is taken away at once."""

    seen: str
    roles: list[_Text] = Field(max_length=16)


class RolesWanted(BaseModel):
    """Roles that another administrator decides about."""

    roles: list[_Text] = Field(max_length=16)


class Suspension(BaseModel):
    """Whether nobody is let in under the account for the time being, and why."""

    suspended: bool
    reason: SuspensionReason = SuspensionReason.OTHER


def officers_api(
    officers: OfficerAdministration,
    search: OfficerSearch,
    roles: RoleRequests,
    issuer: str,
    clock: Clock,
    gate: Gate,
) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/officers", tags=["officers"])
    Viewer = Annotated[Administrator, gate(Action.OFFICERS_VIEW)]  # noqa: N806 -- a type

    @router.get("")
    async def list_officers(
        admin: Viewer,
        agency: Annotated[str, Query(max_length=35)],
        after: Annotated[str, Query(max_length=64)] = "",
    ) -> OfficersTold:
        """Who works in an agency."""
        found = await officers.listed(admin, agency, after)
        return OfficersTold(officers=[officer_told(one) for one in found.officers], next=found.next)

    @router.post("/search")
    async def search_officers(admin: Viewer, asked: OfficerSearchRequest) -> OfficersFound:
        """Look for an officer within reach; who is listed learns of it."""
        found = await search.find(admin, PeopleQuery(**asked.model_dump()))
        return OfficersFound(officers=[officer_told(one) for one in found.officers], more=found.more)

    @router.get("/{account_id}")
    async def show_officer(admin: Viewer, account_id: str) -> OfficerShown:
        """One officer with every post, and what locks the account."""
        officer = await officers.find(admin, AccountId(account_id))
        locks = [lock_told(lock) for lock in await officers.locks_of(officer.account_id)]
        return OfficerShown(**officer_told(officer).model_dump(), locks=locks)

    _add_changes(router, officers, issuer, clock, gate)
    _add_roles(router, officers, roles, gate)
    return router


def _add_changes(router: APIRouter, officers: OfficerAdministration, issuer: str, clock: Clock, gate: Gate) -> None:
    Manager = Annotated[Administrator, gate(Action.OFFICERS_MANAGE)]  # noqa: N806 -- a type

    @router.post("", status_code=201)
    async def let_join(admin: Manager, wanted: JoinerWanted) -> LinkMade:
        """Let an officer join, without roles."""
        joiner = Joiner(personal_number=wanted.personal_number, name=wanted.name, username=wanted.username)
        account_id, link = await officers.join(admin, joiner, _post(wanted, clock.now()))
        return LinkMade(account_id=account_id, activation_link=f"{issuer}{link}")

    @router.post("/{account_id}/move")
    async def move(admin: Manager, account_id: str, wanted: MoveWanted) -> OfficerTold:
        """Give another post, without roles."""
        await officers.move(admin, AccountId(account_id), wanted.seen, _post(wanted, clock.now()))
        return officer_told(await officers.find(admin, AccountId(account_id)))

    @router.post("/{account_id}/end", status_code=204)
    async def end(admin: Manager, account_id: str, wanted: OfficeEndWanted) -> None:
        """Let an officer go: sessions, grants and tokens end at that moment."""
        at = None if wanted.held_to is None else Seconds(wanted.held_to)
        await officers.end(admin, AccountId(account_id), wanted.seen, at)

    @router.put("/{account_id}/suspension", status_code=204)
    async def suspend(admin: Manager, account_id: str, wanted: Suspension) -> None:
        """Let nobody in under the account for the time being, or again."""
        await officers.suspend(admin, AccountId(account_id), suspended=wanted.suspended, reason=wanted.reason.value)

    @router.post("/{account_id}/link")
    async def make_link(admin: Manager, account_id: str) -> LinkMade:
        """Make an activation link for whoever lost password or phone, and holds no role."""
        link = await officers.reset(admin, AccountId(account_id))
        return LinkMade(account_id=account_id, activation_link=f"{issuer}{link}")


def _add_roles(router: APIRouter, officers: OfficerAdministration, roles: RoleRequests, gate: Gate) -> None:
    Manager = Annotated[Administrator, gate(Action.OFFICERS_MANAGE)]  # noqa: N806 -- a type

    @router.put("/{account_id}/roles")
    async def keep_roles(admin: Manager, account_id: str, wanted: RolesKept) -> OfficerTold:
        """Take every role away but these."""
        await officers.keep_roles(admin, AccountId(account_id), wanted.seen, frozenset(wanted.roles))
        return officer_told(await officers.find(admin, AccountId(account_id)))

    @router.post("/{account_id}/roles", status_code=202)
    async def ask_for_roles(
        admin: Annotated[Administrator, gate(Action.ROLES_ASK)], account_id: str, wanted: RolesWanted
    ) -> AskedChange:
        """Ask that an officer gets roles within the agency."""
        change_id = await roles.ask(admin, AccountId(account_id), frozenset(wanted.roles))
        return AskedChange(change_id=change_id)

    @router.post("/{account_id}/wide-roles", status_code=202)
    async def ask_for_wide_roles(
        admin: Annotated[Administrator, gate(Action.WIDE_ROLES_ASK)], account_id: str, wanted: RolesWanted
    ) -> AskedChange:
        """Ask that an officer gets roles beyond the agency."""
        change_id = await roles.ask(admin, AccountId(account_id), frozenset(wanted.roles))
        return AskedChange(change_id=change_id)


def _post(wanted: PostWanted, now: Seconds) -> NewPost:
    return NewPost(
        agency_code=wanted.agency,
        position=wanted.position,
        roles=(),
        held_from=Seconds(max(now, wanted.held_from or now)),
        held_to=None if wanted.held_to is None else Seconds(wanted.held_to),
    )
