"""Joiners, movers and leavers: what administrators see of officers, and what they do without a second pair of eyes.

An agency's administrator reaches the officers of the own subtree, and of those only whoever has no role beyond it.
"""

from dataclasses import replace
from typing import Final

from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import AccountLock, LockGround, NewLock, Suspender, SuspensionReason
from idp.domain.country_time import day_of
from idp.domain.events import AdministrationRefused, LockEnded, OfficerChanged
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import WITHIN_AN_AGENCY, Action, Reach, roles_among
from idp.domain.offices.officer import NewPost, OfficerAccount, Post
from idp.domain.people.vietnamese_collation import collation_key
from idp.domain.values import dataclass
from idp.journeys.activation import IssuedLinks
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.reach import AgencyReach
from idp.journeys.administration.role_changes import NAMES
from idp.journeys.joining import EntryRefusedError, Joiner, Joining, Told
from idp.journeys.provisioning import is_position
from idp.ports.account_locks import AccountLocks
from idp.ports.activation_links import RoleHeldError
from idp.ports.agencies import Agencies
from idp.ports.audit import AuditTrail
from idp.ports.change_requests import ChangeRequests
from idp.ports.clock import Clock
from idp.ports.officers import Officers, PostChangedError, UnknownAgencyError

PAGE: Final = 50
_TELLING: Final = frozenset({"no_such_person", "already_officer", "person_held", "taken"})
"""Refusals of a joiner that tell whether somebody has an account, an office, or another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficersPage:
    """Officers of one agency by given name; `next` is the key of the following page."""

    officers: tuple[OfficerAccount, ...]
    next: str | None


class OfficerAdministration:
    """What the console and the JSON API do with officers."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        officers: Officers,
        agencies: Agencies,
        joining: Joining,
        links: IssuedLinks,
        locks: AccountLocks,
        reach: AgencyReach,
        changes: ChangeRequests,
        budget: LookUpBudget,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._officers = officers
        self._agencies = agencies
        self._joining = joining
        self._links = links
        self._locks = locks
        self._reach = reach
        self._changes = changes
        self._budget = budget
        self._audit = audit
        self._clock = clock

    async def listed(self, admin: Administrator, agency_code: str, after: str = "") -> OfficersPage:
        """Return those who work in one agency, or will, by given name. Raises `AdministrationError`.

        `after` is the last officer's account of the page before.
        """
        await self._reach.must(admin, Action.OFFICERS_VIEW, agency_code)
        everybody = await self._officers.of_agency(agency_code, self._clock.now())
        ordered = sorted(
            everybody, key=lambda one: (collation_key(one.given_name or one.name), collation_key(one.name))
        )
        start = next((place for place, one in enumerate(ordered, 1) if one.account_id == after), 0)
        page = ordered[start : start + PAGE]
        more = start + PAGE < len(ordered)
        return OfficersPage(officers=tuple(page), next=page[-1].account_id if more else None)

    async def find(
        self, admin: Administrator, account_id: AccountId, action: Action = Action.OFFICERS_VIEW
    ) -> OfficerAccount:
        """Return one officer within reach. Raises `AdministrationError`."""
        officer = await self._officers.get(account_id)
        if officer is None:
            raise NotFoundError
        standing = officer.standing_post(self._clock.now())
        await self._reach.must(admin, action, standing.agency_code if standing else "")
        return officer

    async def join(self, admin: Administrator, joiner: Joiner, post: NewPost) -> tuple[AccountId, str]:
        """Let somebody join, without roles; the account and the path of an activation link.

        Raises `AdministrationError`. A refusal that tells who is known here takes a look-up.
        """
        await self._post_allowed(admin, post)
        try:
            account_id = await self._joining.join(joiner, replace(post, roles=()), self._told(admin, post))
        except EntryRefusedError as refused:
            if refused.reason in _TELLING:
                await self._refused(admin, refused.reason)
                await self._budget.take(admin)
            raise InvalidEntryError(refused.field, refused.reason) from None
        return account_id, await self._link(admin, account_id)

    async def move(self, admin: Administrator, account_id: AccountId, seen: str, post: NewPost) -> None:
        """Give an officer another post, without roles: those are asked for anew. Raises `AdministrationError`.

        What was to begin later never will, but for what is to begin beyond the administrator's reach: that stays.
        """
        officer = await self.manageable(admin, account_id)
        await self._post_allowed(admin, post)
        beyond = await self._beyond_reach(admin, officer)
        if any(each.held_from <= post.held_from and not each.is_over(post.held_from) for each in beyond):
            raise NotAllowedError
        gives_way = bool(officer.posts) and officer.posts[0].gives_way_to(post)
        instead = gives_way and not any(each.gives_way_to(post) for each in beyond)
        await self._give(admin, account_id, seen, replace(post, roles=()), "moved", instead=instead)

    async def keep_roles(self, admin: Administrator, account_id: AccountId, seen: str, kept: frozenset[str]) -> None:
        """Take every role away but those that are `kept`, at once; a post to come stays.

        Raises `AdministrationError`.
        """
        officer = await self.manageable(admin, account_id)
        now = self._clock.now()
        post = officer.post_at(now) or officer.post_to_come(now)
        if post is None:
            raise ChangedMeanwhileError
        roles = tuple(role for role in post.roles if role in kept)
        await self._give(admin, account_id, seen, post.continued(roles, now), "roles_taken")

    async def end(self, admin: Administrator, account_id: AccountId, seen: str, at: Seconds | None) -> None:
        """Let an officer go: now, with everything that is open (`at` None), or on a day to come.

        Raises `AdministrationError`.
        """
        officer = await self.manageable(admin, account_id)
        now = self._clock.now()
        if account_id == admin.account_id:
            raise NotAllowedError
        if officer.version != seen:
            raise ChangedMeanwhileError
        try:
            if at is None or at <= now:
                await self._officers.leave(account_id, seen, now, self._event(admin, account_id, "left"))
            else:
                if officer.version in {post.post_id for post in await self._beyond_reach(admin, officer)}:
                    raise NotAllowedError
                await self._officers.end_post(account_id, seen, at, self._event(admin, account_id, "post_ends"))
        except PostChangedError:
            raise ChangedMeanwhileError from None

    async def reset(self, admin: Administrator, account_id: AccountId) -> str:
        """Return the path of a fresh activation link. Raises `AdministrationError`.

        Not for whoever holds a role: the link would lend it. Take the roles away first, and ask for them again. Nor
        while the account is locked: the link would open nothing. Nor while roles are asked for: they are for whoever
        holds the account then.
        """
        officer = await self.manageable(admin, account_id)
        if officer.status is not AccountStatus.ACTIVE:
            raise InvalidEntryError("account", "account_locked")
        if await self._changes.waits(NAMES, account_id, self._clock.now()):
            raise InvalidEntryError("roles", "asked")
        return await self._link(admin, account_id)

    async def suspend(
        self,
        admin: Administrator,
        account_id: AccountId,
        *,
        suspended: bool,
        reason: str = SuspensionReason.OTHER.value,
    ) -> None:
        """Let nobody in under the account for the time being, or again. Raises `AdministrationError`.

        `reason` is a `SuspensionReason`. What somebody suspended whose role reaches everywhere, nobody with less ends,
        and what an operator suspended, no administrator.
        """
        officer = await self.manageable(admin, account_id)
        if account_id == admin.account_id:
            raise NotAllowedError
        wide = admin.must(Action.OFFICERS_MANAGE) is Reach.EVERYWHERE
        try:
            if suspended:
                await self._suspend(admin, officer, Suspender.EVERYWHERE if wide else Suspender.AGENCY, reason)
            else:
                await self._resume(admin, officer, wide=wide)
        except PostChangedError:
            raise ChangedMeanwhileError from None

    async def locks_of(self, account_id: AccountId) -> tuple[AccountLock, ...]:
        """Return the locks that hold the account of an officer who was found within reach, the latest first."""
        return tuple(lock for lock in await self._locks.of_account(account_id) if lock.ended is None)

    async def manageable(self, admin: Administrator, account_id: AccountId) -> OfficerAccount:
        """Return an officer whom this administrator may change. Raises `AdministrationError`."""
        officer = await self.find(admin, account_id, Action.OFFICERS_MANAGE)
        held = {role for post in officer.posts if not post.is_over(self._clock.now()) for role in post.roles}
        if not roles_among(held) <= WITHIN_AN_AGENCY and admin.must(Action.OFFICERS_MANAGE) is not Reach.EVERYWHERE:
            raise NotAllowedError
        return officer

    async def _beyond_reach(self, admin: Administrator, officer: OfficerAccount) -> list[Post]:
        """Return the posts, held or to come, in agencies beyond reach: they stay as they are."""
        lasting = [post for post in officer.posts if not post.is_over(self._clock.now())]
        return [post for post in lasting if not await self._reach.may(admin, Action.OFFICERS_MANAGE, post.agency_code)]

    async def _suspend(self, admin: Administrator, officer: OfficerAccount, by: Suspender, reason: str) -> None:
        if reason not in set(SuspensionReason):
            raise InvalidEntryError("reason", "missing")
        event = replace(self._event(admin, officer.account_id, "suspended"), reason=reason)
        lock = NewLock(ground=LockGround.SUSPENDED, reference=by.value, authority=admin.agency_code, reason=reason)
        await self._officers.suspend(officer.account_id, lock, officer.version, self._clock.now(), event)

    async def _resume(self, admin: Administrator, officer: OfficerAccount, *, wide: bool) -> None:
        account_id, ground = officer.account_id, LockGround.SUSPENDED
        open_ones = [lock.reference for lock in await self.locks_of(account_id) if lock.ground is ground]
        from_above = {Suspender.OPERATOR} if wide else {Suspender.OPERATOR, Suspender.EVERYWHERE}
        if not from_above.isdisjoint(open_ones):
            await self._refused(admin, "suspended_from_above")
            raise NotAllowedError
        ended = LockEnded(origin=admin.origin, account_id=account_id, ground=ground.value, by=admin.account_id)
        await self._officers.resume(account_id, open_ones, officer.version, self._clock.now(), ended)

    async def _post_allowed(self, admin: Administrator, post: NewPost) -> None:
        await self._reach.must(admin, Action.OFFICERS_MANAGE, post.agency_code)
        agency = await self._agencies.get(post.agency_code)
        if agency is None or not agency.is_valid(day_of(post.held_from)):
            raise InvalidEntryError("agency", "unknown")
        if not is_position(post.position):
            raise InvalidEntryError("position", "malformed")
        if post.held_to is not None and post.held_to <= post.held_from:
            raise InvalidEntryError("held_to", "order")

    async def _link(self, admin: Administrator, account_id: AccountId) -> str:
        try:
            return await self._links.issue(account_id, admin.origin, admin.account_id)
        except RoleHeldError:
            raise InvalidEntryError("roles", "held") from None

    async def _give(
        self,
        admin: Administrator,
        account_id: AccountId,
        seen: str,
        post: NewPost,
        change: str,
        *,
        instead: bool = False,
    ) -> None:
        event = replace(self._event(admin, account_id, change), agency_code=post.agency_code, roles=post.roles)
        try:
            await self._officers.give_post(account_id, post, seen, event, instead=instead)
        except PostChangedError:
            raise ChangedMeanwhileError from None
        except UnknownAgencyError:
            raise InvalidEntryError("agency", "unknown") from None

    async def _refused(self, admin: Administrator, reason: str) -> None:
        action = Action.OFFICERS_MANAGE.value
        event = AdministrationRefused(origin=admin.origin, account_id=admin.account_id, action=action, reason=reason)
        await self._audit.record(event)

    def _told(self, admin: Administrator, post: NewPost) -> Told:
        return lambda account_id, change: replace(
            self._event(admin, account_id, change), agency_code=post.agency_code, roles=()
        )

    def _event(self, admin: Administrator, account_id: AccountId, change: str) -> OfficerChanged:
        return OfficerChanged(origin=admin.origin, account_id=account_id, change=change, by=admin.account_id)
