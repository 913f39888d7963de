"""`/admin/locks`: what authorities asked for, by when it is to be done, and the locks of an account."""

from datetime import date, datetime
from typing import Final

from idp.domain.accounts.account_lock import AccountLock, LockGround, lifter_of
from idp.domain.accounts.lock_request import LockRequest, RequestReason, RequestState
from idp.domain.country_time import end_of
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.locks import PAGE, EnteredRequest, LockDesk
from idp.ports.clock import Clock
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.locks import AccountLocksPage, LockRequestPage, LockRow, LocksPage, RequestRow

PATH: Final = Room.LOCKS.value.path
ACCOUNTS: Final = f"{PATH}/accounts"
REQUESTS: Final = f"{PATH}/requests"
NOTICES: Final = frozenset({"entered", "forwarded", "refused", "lock_ended"})
_FIELDS: Final = ("direction", "authority", "reason", "legal_reference", "document_digest", "lock_reference", "until")


class LockPages:
    """Shows requests and locks, and takes their steps."""

    def __init__(self, desk: LockDesk, clock: Clock, frame: Frame) -> None:
        self._desk = desk
        self._clock = clock
        self._frame = frame

    async def listed(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/locks`: requests that are open; `?closed=yes` those that are not any more."""
        return self._frame.desk.page(visit, await self._list(visit, admin))

    async def find(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/locks`: to the account that was named."""
        fields = await visit.form()
        typed = fields.get("identifier", "")
        try:
            account_id = await self._desk.account_of(admin, typed)
        except InvalidEntryError as error:
            page = await self._list(visit, admin, typed, Problem(error.field, error.reason))
            return self._frame.desk.page(visit, page, error.status)
        return self._frame.desk.redirect(visit, f"{ACCOUNTS}/{account_id}")

    async def account(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/locks/accounts/{account_id}`."""
        return self._frame.desk.page(visit, await self._account(visit, admin, {}))

    async def enter(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/locks/accounts/{account_id}`: an authority's request."""
        fields = await visit.form()
        typed = {name: fields.get(name, "") for name in _FIELDS}
        account_id = AccountId(visit.parameter("account_id"))
        try:
            entered = await self._desk.enter(admin, account_id, _entered(typed))
        except InvalidEntryError as error:
            page = await self._account(visit, admin, typed, Problem(error.field, error.reason))
            return self._frame.desk.page(visit, page, error.status)
        return self._frame.desk.redirect(visit, f"{REQUESTS}/{entered.request_id}?notice=entered")

    async def end_own(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/locks/accounts/{account_id}/end`: end the lock that the person asked for."""
        await visit.form()
        account_id = AccountId(visit.parameter("account_id"))
        await self._desk.end_own(admin, account_id)
        return self._frame.desk.redirect(visit, f"{ACCOUNTS}/{account_id}?notice=lock_ended")

    async def request(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/locks/requests/{request_id}`."""
        return self._frame.desk.page(visit, await self._request(visit, admin))

    async def step(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/locks/requests/{request_id}`: `step` is `forward`, `refuse` or `carry_out`."""
        fields = await visit.form()
        request_id = visit.parameter("request_id")
        notice = "forwarded"
        match fields.get("step"):
            case "forward":
                await self._desk.forward(admin, request_id)
            case "carry_out":
                change = await self._desk.ask(admin, request_id)
                return self._frame.desk.redirect(visit, f"{CHANGES}/{change.change_id}?notice=asked")
            case "refuse":
                typed, notice = fields.get("refusal", ""), "refused"
                try:
                    await self._desk.refuse(admin, request_id, typed)
                except InvalidEntryError as error:
                    page = await self._request(visit, admin, typed, Problem(error.field, error.reason))
                    return self._frame.desk.page(visit, page, error.status)
            case _:
                raise InvalidEntryError("step", "missing")
        return self._frame.desk.redirect(visit, f"{REQUESTS}/{request_id}?notice={notice}")

    async def _list(
        self, visit: Visit, admin: Administrator, typed: str = "", problem: Problem | None = None
    ) -> LocksPage:
        closed = visit.query.get("closed") == "yes"
        found = await self._desk.listed(admin, closed=closed, before=visit.query.get("after", ""))
        more = f"?{'closed=yes&' if closed else ''}after={found[-1].request_id}" if len(found) == PAGE else None
        return LocksPage(
            **self._frame.common(visit, admin, Room.LOCKS),
            action=PATH,
            rows=tuple(_row(request, self._clock.now()) for request in found),
            closed=closed,
            next_href=more,
            typed=typed,
            problem=problem,
        )

    async def _account(
        self, visit: Visit, admin: Administrator, typed: dict[str, str], problem: Problem | None = None
    ) -> AccountLocksPage:
        account_id = AccountId(visit.parameter("account_id"))
        locks = await self._desk.locks_of(admin, account_id)
        held = [lock for lock in locks if lock.ended is None]
        own = any(lock.ground is LockGround.PERSON for lock in held) and admin.may(Action.LOCKS_END_OWN)
        return AccountLocksPage(
            **self._frame.common(visit, admin, Room.LOCKS),
            account_id=account_id,
            rows=tuple(lock_row(lock) for lock in locks),
            end_own_action=f"{ACCOUNTS}/{account_id}/end" if own else None,
            request_action=f"{ACCOUNTS}/{account_id}" if admin.may(Action.LOCKS_WORK) else None,
            reasons=tuple(reason.value for reason in RequestReason),
            unlockable=tuple((lock.reference, lock.authority) for lock in held if lock.ground is LockGround.AUTHORITY),
            typed=dict.fromkeys(_FIELDS, "") | typed,
            notice=_notice(visit),
            problem=problem,
        )

    async def _request(
        self, visit: Visit, admin: Administrator, typed: str = "", problem: Problem | None = None
    ) -> LockRequestPage:
        request = await self._desk.find(admin, visit.parameter("request_id"))
        may_work = admin.may(Action.LOCKS_WORK)
        return LockRequestPage(
            **self._frame.common(visit, admin, Room.LOCKS),
            direction=request.direction.value,
            state=request.state.value,
            authority=request.authority,
            reason=request.reason.value,
            legal_reference=request.legal_reference,
            document_digest=request.document_digest,
            account_href=f"{ACCOUNTS}/{request.account_id}",
            account_id=request.account_id,
            entered_at=moment_of(request.entered_at),
            forwarded_at=_perhaps(request.forwarded_at),
            decided_at=_perhaps(request.decided_at),
            due_at=_last_moment(request.due_at),
            until=_last_moment(request.until),
            late=request.is_late(self._clock.now()),
            refusal=request.refusal,
            action=f"{REQUESTS}/{request.request_id}",
            may_forward=may_work and request.state is RequestState.ENTERED,
            may_decide=may_work and request.state is RequestState.FORWARDED,
            typed=typed,
            notice=_notice(visit),
            problem=problem,
        )


def _entered(typed: dict[str, str]) -> EnteredRequest:
    return EnteredRequest(
        direction=typed["direction"],
        authority=typed["authority"],
        reason=typed["reason"],
        legal_reference=typed["legal_reference"],
        document_digest=typed["document_digest"],
        lock_reference=typed["lock_reference"] if typed["direction"] == "unlock" else "",
        until=last_day(typed["until"]),
    )


def last_day(text: str) -> Seconds | None:
    """Return the end of a day as it was typed, None for none. Raises `InvalidEntryError`."""
    if not text.strip():
        return None
    try:
        return end_of(date.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise InvalidEntryError("until", "malformed") from None


def _row(request: LockRequest, now: Seconds) -> RequestRow:
    return RequestRow(
        href=f"{REQUESTS}/{request.request_id}",
        direction=request.direction.value,
        authority=request.authority,
        state=request.state.value,
        entered_at=moment_of(request.entered_at),
        due_at=_last_moment(request.due_at),
        late=request.is_late(now),
    )


def lock_row(lock: AccountLock) -> LockRow:
    """Return what a page shows of a lock."""
    by_request = lock.ground is LockGround.AUTHORITY and lock.reference
    return LockRow(
        ground=lock.ground.value,
        authority=lock.authority,
        reason=lock.reason,
        lifter=lifter_of(lock).value,
        since=moment_of(lock.since),
        until=_last_moment(lock.until),
        ended=_perhaps(lock.ended),
        request_href=f"{REQUESTS}/{lock.reference}" if by_request else None,
    )


def _notice(visit: Visit) -> str | None:
    notice = visit.query.get("notice")
    return notice if notice in NOTICES else None


def _perhaps(seconds: Seconds | None) -> datetime | None:
    return None if seconds is None else moment_of(seconds)


def _last_moment(end: Seconds | None) -> datetime | None:
    """The last second before an end, whose day is the last one that counts."""
    return None if end is None else moment_of(end - 1)
