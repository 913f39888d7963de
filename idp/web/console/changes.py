"""`/admin/changes`: what was asked, and the second pair of eyes."""

from idp.domain.accounts.account import AccountKind
from idp.domain.ids import AccountId
from idp.domain.offices.change_request import ChangeRequest, ChangeState
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.four_eyes import PAGE, FourEyes
from idp.journeys.administration.safety_review import SafetyReviews
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.console.safety import safety_facts
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.changes import ChangePage, ChangeRow, ChangesPage, HomePage

PATH = Room.CHANGES.value.path
NOTICES = frozenset({"asked", "approved", "refused", "withdrawn"})


class ChangePages:
    """Lists changes, shows one, and takes the decision."""

    def __init__(
        self, four_eyes: FourEyes, reviews: SafetyReviews, accounts: Accounts, clock: Clock, frame: Frame
    ) -> None:
        self._four_eyes = four_eyes
        self._reviews = reviews
        self._accounts = accounts
        self._clock = clock
        self._frame = frame

    async def home(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin`."""
        waiting = await self._four_eyes.listed(admin, decided=False)
        to_decide = sum(self._four_eyes.may_decide(admin, change) for change in waiting)
        common = self._frame.common(visit, admin, Room.HOME)
        return self._frame.desk.page(visit, HomePage(**common, to_decide=to_decide))

    async def listed(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/changes`: what waits; `?decided=yes` what does not any more."""
        decided = visit.query.get("decided") == "yes"
        found = await self._four_eyes.listed(admin, decided=decided, before=visit.query.get("after", ""))
        more = f"?{'decided=yes&' if decided else ''}after={found[-1].change_id}" if len(found) == PAGE else None
        page = ChangesPage(
            **self._frame.common(visit, admin, Room.CHANGES),
            rows=tuple(self._row(admin, change) for change in found),
            decided=decided,
            next_href=more,
        )
        return self._frame.desk.page(visit, page)

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/changes/{change_id}`."""
        change = await self._four_eyes.show(admin, visit.parameter("change_id"))
        may_decide = self._four_eyes.may_decide(admin, change)
        is_open = change.is_open(self._clock.now())
        review = await self._reviews.of_change(change)
        page = ChangePage(
            **self._frame.common(visit, admin, Room.CHANGES),
            notice=_notice(visit),
            kind=change.kind,
            state=self._state(change),
            facts=tuple((await self._four_eyes.shown(change)).items()),
            digest=change.digest,
            asked_by=await self._name(change.asked_by),
            agency_code=change.agency_code,
            asked_at=moment_of(change.asked_at),
            expires_at=moment_of(change.expires_at),
            decided_by=await self._name(change.decided_by) if change.decided_by else None,
            decided_at=moment_of(change.decided_at) if change.decided_at else None,
            action=_path(change),
            may_decide=may_decide and is_open,
            may_withdraw=is_open and change.asked_by == admin.account_id,
            may_finish=may_decide and change.state is ChangeState.APPROVED,
            safety=None if review is None else safety_facts(review),
        )
        return self._frame.desk.page(visit, page)

    async def decide(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/changes/{change_id}`: `decision` is `approve`, `refuse`, `withdraw` or `finish`."""
        fields = await visit.form()
        change_id, digest = visit.parameter("change_id"), fields.get("digest", "")
        match fields.get("decision"):
            case "approve":
                await self._four_eyes.approve(admin, change_id, digest)
                notice = "approved"
            case "finish":
                await self._four_eyes.finish(admin, change_id)
                notice = "approved"
            case "refuse":
                await self._four_eyes.refuse(admin, change_id, digest)
                notice = "refused"
            case "withdraw":
                await self._four_eyes.withdraw(admin, change_id)
                notice = "withdrawn"
            case _:
                raise InvalidEntryError("decision", "missing")
        return self._frame.desk.redirect(visit, f"{PATH}/{change_id}?notice={notice}")

    def _row(self, admin: Administrator, change: ChangeRequest) -> ChangeRow:
        return ChangeRow(
            href=_path(change),
            kind=change.kind,
            state=self._state(change),
            asked_at=moment_of(change.asked_at),
            own=change.asked_by == admin.account_id,
        )

    def _state(self, change: ChangeRequest) -> str:
        late = change.state is ChangeState.WAITING and not change.is_open(self._clock.now())
        return "expired" if late else change.state.value

    async def _name(self, account_id: AccountId) -> str:
        """Who it was, by name and office; the account's identifier once nothing else is known."""
        account = await self._accounts.get(account_id)
        profile = await self._accounts.profile(account_id) if account else None
        if account is None or profile is None or account.kind is not AccountKind.OFFICER:
            return account_id
        office = profile.officer.agency_name if profile.officer else ""
        return ", ".join(part for part in (str(profile.claims.get("name", "")), office) if part) or account_id


def _path(change: ChangeRequest) -> str:
    return f"{PATH}/{change.change_id}"


def _notice(visit: Visit) -> str | None:
    notice = visit.query.get("notice")
    return notice if notice in NOTICES else None
