"""`/api/admin/locks`: authorities' requests with their clocks, and the locks of an account."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from idp.domain.accounts.account_lock import AccountLock, Lifter, lifter_of
from idp.domain.accounts.lock_request import LONGEST_TEXT, Direction, LockRequest, RequestReason
from idp.domain.ids import AccountId, Seconds
from idp.domain.moment import LATEST
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.locks import PAGE, EnteredRequest, LockDesk
from idp.ports.clock import Clock
from idp.web.api.answers import AskedChange
from idp.web.api.gate import Gate


class Request(BaseModel):
    """An authority's request; moments in seconds since 1970. `due_at` is when its next step has to be done."""

    request_id: str
    account_id: str
    direction: str
    authority: str
    reason: str
    legal_reference: str
    document_digest: str
    state: str
    entered_at: int
    due_at: int | None
    late: bool
    until: int | None
    forwarded_at: int | None
    decided_at: int | None
    refusal: str | None = Field(description="In writing, where it was refused.")


class Requests(BaseModel):
    """A page, the newest first; `next` is the key of the following one."""

    requests: list[Request]
    next: str | None


class Lock(BaseModel):
    """One lock of an account: open while `ended` is null."""

    ground: str
    authority: str
    reference: str
    since: int
    until: int | None
    ended: int | None
    reason: str = Field(description="Of suspensions.")
    ended_by: Lifter = Field(description="Who may end it, while it is open.")


class Named(BaseModel):
    """Whose locks are asked for, by any sign-in identifier. In the body, so that it stands in no address."""

    identifier: str = Field(max_length=254)


class Account(BaseModel):
    """The account that was found."""

    account_id: str


class Entered(BaseModel):
    """What the authority's letter says. `lock_reference` names the lock that would end, where one would."""

    direction: Direction
    authority: str = Field(max_length=LONGEST_TEXT)
    reason: RequestReason
    legal_reference: str = Field(max_length=LONGEST_TEXT + 1)
    document_digest: str = Field(max_length=64, description="SHA-256, hexadecimal.")
    lock_reference: str = Field(default="", max_length=64)
    until: int | None = Field(default=None, ge=0, le=LATEST)


class Refusal(BaseModel):
    """Why it is refused."""

    refusal: str = Field(max_length=LONGEST_TEXT + 1)


def locks_api(desk: LockDesk, clock: Clock, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/locks", tags=["locks"])
    router.include_router(_requests_api(desk, clock, gate))
    router.include_router(_accounts_api(desk, clock, gate))
    return router


def _requests_api(desk: LockDesk, clock: Clock, gate: Gate) -> APIRouter:
    router = APIRouter(prefix="/requests")
    Viewer = Annotated[Administrator, gate(Action.LOCKS_VIEW)]  # noqa: N806 -- a type
    Worker = Annotated[Administrator, gate(Action.LOCKS_WORK)]  # noqa: N806 -- a type

    @router.get("")
    async def list_requests(
        admin: Viewer, *, closed: bool = False, after: Annotated[str, Query(max_length=64)] = ""
    ) -> Requests:
        """Requests that are open, or those that are not any more."""
        found = await desk.listed(admin, closed=closed, before=after)
        told = [_told(request, clock.now()) for request in found]
        return Requests(requests=told, next=found[-1].request_id if len(found) == PAGE else None)

    @router.get("/{request_id}")
    async def show_request(admin: Viewer, request_id: str) -> Request:
        """One request."""
        return _told(await desk.find(admin, request_id), clock.now())

    @router.post("/{request_id}/forward")
    async def forward_request(admin: Worker, request_id: str) -> Request:
        """Hand it on to who decides."""
        await desk.forward(admin, request_id)
        return _told(await desk.find(admin, request_id), clock.now())

    @router.post("/{request_id}/refuse")
    async def refuse_request(admin: Worker, request_id: str, refusal: Refusal) -> Request:
        """Refuse in writing."""
        await desk.refuse(admin, request_id, refusal.refusal)
        return _told(await desk.find(admin, request_id), clock.now())

    @router.post("/{request_id}/carry-out", status_code=202)
    async def ask_to_carry_out(admin: Worker, request_id: str) -> AskedChange:
        """Ask that it is carried out."""
        return AskedChange(change_id=(await desk.ask(admin, request_id)).change_id)

    return router


def _accounts_api(desk: LockDesk, clock: Clock, gate: Gate) -> APIRouter:
    router = APIRouter(prefix="/accounts")
    Viewer = Annotated[Administrator, gate(Action.LOCKS_VIEW)]  # noqa: N806 -- a type
    Worker = Annotated[Administrator, gate(Action.LOCKS_WORK)]  # noqa: N806 -- a type

    @router.post("")
    async def find_account(admin: Viewer, named: Named) -> Account:
        """The account of an identifier; the look is recorded."""
        return Account(account_id=await desk.account_of(admin, named.identifier))

    @router.get("/{account_id}")
    async def list_locks(admin: Viewer, account_id: str) -> list[Lock]:
        """Every lock of an account, the latest first."""
        return [_lock(lock) for lock in await desk.locks_of(admin, AccountId(account_id))]

    @router.post("/{account_id}/requests", status_code=201)
    async def enter_request(admin: Worker, account_id: str, entered: Entered) -> Request:
        """Enter what an authority asks for."""
        values = EnteredRequest(
            direction=entered.direction.value,
            authority=entered.authority,
            reason=entered.reason.value,
            legal_reference=entered.legal_reference,
            document_digest=entered.document_digest,
            lock_reference=entered.lock_reference,
            until=None if entered.until is None else Seconds(entered.until),
        )
        return _told(await desk.enter(admin, AccountId(account_id), values), clock.now())

    @router.post("/{account_id}/end-own", status_code=204)
    async def end_own_lock(admin: Annotated[Administrator, gate(Action.LOCKS_END_OWN)], account_id: str) -> None:
        """End the lock that the person asked for, who came to a counter."""
        await desk.end_own(admin, AccountId(account_id))

    return router


def _told(request: LockRequest, now: Seconds) -> Request:
    return Request(
        request_id=request.request_id,
        account_id=request.account_id,
        direction=request.direction.value,
        authority=request.authority,
        reason=request.reason.value,
        legal_reference=request.legal_reference,
        document_digest=request.document_digest,
        state=request.state.value,
        entered_at=request.entered_at,
        due_at=request.due_at,
        late=request.is_late(now),
        until=request.until,
        forwarded_at=request.forwarded_at,
        decided_at=request.decided_at,
        refusal=request.refusal or None,
    )


def _lock(lock: AccountLock) -> Lock:
    return Lock(
        ground=lock.ground.value,
        authority=lock.authority,
        reference=lock.reference,
        since=lock.since,
        until=lock.until,
        ended=lock.ended,
        reason=lock.reason,
        ended_by=lifter_of(lock),
    )
