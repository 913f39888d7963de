"""`/admin/officers/{account_id}`: one officer, and everything that can be done about the post."""

from collections.abc import Awaitable, Callable

from idp.domain.accounts.account import AccountStatus
from idp.domain.accounts.account_lock import AccountLock, Lifter, LockGround, SuspensionReason, lifter_of
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import WITHIN_AN_AGENCY, Action, Reach, Role, roles_among
from idp.domain.offices.officer import OfficerAccount
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError, NotAllowedError
from idp.journeys.administration.officers import OfficerAdministration
from idp.journeys.administration.role_changes import RoleRequests
from idp.journeys.administration.safety_review import SafetyReviews
from idp.ports.clock import Clock
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.day_fields import ending
from idp.web.console.frame import Frame
from idp.web.console.locks import lock_row
from idp.web.console.officers import PATH, link_answer, post_view, read_post
from idp.web.console.rooms import Room
from idp.web.console.safety import safety_facts
from idp.web.edge.body import Parameters
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.officers import OfficerPage
from idp.web.views.console.safety import SafetyFacts

NOTICES = frozenset({"officer_moved", "post_ends", "roles_taken", "suspended", "resumed"})


class OfficerPages:
    """Shows one officer and changes the post. Each form says what it saw."""

    def __init__(
        self,
        officers: OfficerAdministration,
        roles: RoleRequests,
        reviews: SafetyReviews,
        issuer: str,
        clock: Clock,
        frame: Frame,
    ) -> None:
        self._officers = officers
        self._roles = roles
        self._reviews = reviews
        self._issuer = issuer
        self._clock = clock
        self._frame = frame

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET: who it is, with every post."""
        return await self._page(visit, admin, await self._officers.find(admin, _account(visit)))

    async def move(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `…/move`: another post."""

        async def act(fields: Parameters) -> str:
            post = read_post(fields, self._clock.now())
            await self._officers.move(admin, _account(visit), fields.get("seen", ""), post)
            return "officer_moved"

        return await self._changed(visit, admin, act)

    async def end(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `…/end`: out of office, now or on a day."""

        async def act(fields: Parameters) -> str:
            at = ending(fields.get("held_to", ""), "held_to")
            await self._officers.end(admin, _account(visit), fields.get("seen", ""), at)
            return "post_ends"

        return await self._changed(visit, admin, act)

    async def ask_roles(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `…/roles` and `…/wide-roles`: ask for those ticked, within the agency or beyond it."""
        fields = await visit.form()
        try:
            change_id = await self._roles.ask(admin, _account(visit), _ticked(fields))
        except InvalidEntryError as wrong:
            return await self._wrong(visit, admin, fields, wrong)
        return self._frame.desk.redirect(visit, f"{CHANGES}/{change_id}?notice=asked")

    async def take_roles(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `…/roles/taken`: take those ticked away."""

        async def act(fields: Parameters) -> str:
            officer = await self._officers.find(admin, _account(visit))
            kept = frozenset(_held_roles(officer, self._clock.now())) - _ticked(fields)
            await self._officers.keep_roles(admin, officer.account_id, fields.get("seen", ""), kept)
            return "roles_taken"

        return await self._changed(visit, admin, act)

    async def suspension(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `…/suspension`: `suspended` is `yes`, for a `reason`, or `no`."""

        async def act(fields: Parameters) -> str:
            suspended = fields.get("suspended") == "yes"
            reason = fields.get("reason", "")
            await self._officers.suspend(admin, _account(visit), suspended=suspended, reason=reason)
            return "suspended" if suspended else "resumed"

        return await self._changed(visit, admin, act)

    async def reset(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `…/link`: a fresh activation link, shown this once."""
        fields = await visit.form()
        try:
            link = await self._officers.reset(admin, _account(visit))
        except InvalidEntryError as wrong:
            return await self._wrong(visit, admin, fields, wrong)
        officer = await self._officers.find(admin, _account(visit))
        return link_answer(self._frame, visit, admin, officer, f"{self._issuer}{link}")

    async def _changed(self, visit: Visit, admin: Administrator, act: Callable[[Parameters], Awaitable[str]]) -> Answer:
        fields = await visit.form()
        try:
            notice = await act(fields)
        except InvalidEntryError as wrong:
            return await self._wrong(visit, admin, fields, wrong)
        return self._back(visit, notice)

    def _back(self, visit: Visit, notice: str) -> Answer:
        return self._frame.desk.redirect(visit, f"{PATH}/{_account(visit)}?notice={notice}")

    async def _wrong(self, visit: Visit, admin: Administrator, fields: Parameters, wrong: InvalidEntryError) -> Answer:
        officer = await self._officers.find(admin, _account(visit))
        return await self._page(visit, admin, officer, dict(fields.items()), wrong)

    async def _page(
        self,
        visit: Visit,
        admin: Administrator,
        officer: OfficerAccount,
        typed: dict[str, str] | None = None,
        wrong: InvalidEntryError | None = None,
    ) -> Answer:
        now = self._clock.now()
        notice = visit.query.get("notice")
        standing = officer.standing_post(now)
        held = _held_roles(officer, now)
        in_office = bool(officer.post_at(now) or officer.post_to_come(now))
        may_manage = await self._may_manage(admin, officer)
        locks = await self._officers.locks_of(officer.account_id)
        more = [role for role in self._roles.grantable(admin) if role.value not in held]
        page = OfficerPage(
            **self._frame.common(visit, admin, Room.OFFICERS),
            problem=Problem(wrong.field, wrong.reason) if wrong else None,
            notice=notice if notice in NOTICES else None,
            name=officer.name,
            username=officer.username,
            officer_id=officer.officer_id,
            locked=officer.status is AccountStatus.LOCKED,
            locks=tuple(lock_row(lock) for lock in locks),
            suspensions=tuple(reason.value for reason in SuspensionReason),
            may_resume=_may_resume(admin, locks),
            has_password=officer.has_password,
            posts=tuple(post_view(post, now) for post in officer.posts),
            seen=officer.version,
            action=f"{PATH}/{officer.account_id}",
            list_href=f"{PATH}?agency={standing.agency_code}" if standing and standing.agency_code else None,
            may_manage=may_manage,
            in_office=in_office,
            may_reset=may_manage and not roles_among(held) and officer.status is AccountStatus.ACTIVE,
            held_roles=held,
            grantable=tuple(role.value for role in more if role in WITHIN_AN_AGENCY),
            grantable_wide=tuple(role.value for role in more if role not in WITHIN_AN_AGENCY),
            safety=await self._safety(officer) if may_manage and in_office and more else None,
            typed=typed or {},
        )
        return self._frame.desk.page(visit, page, wrong.status if wrong else 200)

    async def _safety(self, officer: OfficerAccount) -> SafetyFacts:
        return safety_facts(await self._reviews.of_officer(officer))

    async def _may_manage(self, admin: Administrator, officer: OfficerAccount) -> bool:
        if not admin.may(Action.OFFICERS_MANAGE):
            return False
        try:
            await self._officers.manageable(admin, officer.account_id)
        except NotAllowedError:
            return False
        return True


def _may_resume(admin: Administrator, locks: tuple[AccountLock, ...]) -> bool:
    """Whether there is a suspension, and nobody with a farther reach suspended."""
    lifters = {lifter_of(lock) for lock in locks if lock.ground is LockGround.SUSPENDED}
    if not lifters or not admin.may(Action.OFFICERS_MANAGE):
        return False
    return Lifter.SECURITY_ADMIN not in lifters or admin.must(Action.OFFICERS_MANAGE) is Reach.EVERYWHERE


def _account(visit: Visit) -> AccountId:
    return AccountId(visit.parameter("account_id"))


def _ticked(fields: Parameters) -> frozenset[str]:
    return frozenset(role.value for role in Role if fields.get(f"role_{role.value}") == "yes")


def _held_roles(officer: OfficerAccount, now: Seconds) -> tuple[str, ...]:
    post = officer.post_at(now) or officer.post_to_come(now)
    return post.roles if post else ()
