"""Carrying out what an authority asked for: locking an account, or ending its lock, by two pairs of eyes."""

from collections.abc import Mapping
from dataclasses import replace

from idp.domain.accounts.lock_request import LockRequest, RequestState
from idp.domain.events import LockRequestMoved
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, NotFoundError
from idp.journeys.administration.own_identity import OwnIdentity
from idp.ports.clock import Clock
from idp.ports.lock_requests import LockRequests


class CarryOutLockRequest:
    """Implements `ChangeKind`: an account is locked, or unlocked, as an authority asked. The subject is the request."""

    name = "locks.carry_out"
    asks = Action.LOCKS_WORK
    decides = Action.LOCKS_DECIDE

    def __init__(self, requests: LockRequests, own_identity: OwnIdentity, clock: Clock) -> None:
        self._requests = requests
        self._own_identity = own_identity
        self._clock = clock

    async def version(self, subject: str) -> str:
        """How many steps the request has taken."""
        return f"{(await self._known(subject)).version}"

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads."""
        request = await self._known(change.subject)
        return {
            "lock.direction": f"lock.{request.direction}",
            "lock.account": request.account_id,
            "lock.authority": request.authority,
            "lock.reason": f"lock_reason.{request.reason}",
            "lock.legal_reference": request.legal_reference,
            "lock.document_digest": request.document_digest,
        }

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Carry the request out, once. Raises `OwnIdentityError` when it is about the decider."""
        request = await self._known(change.subject)
        await self._own_identity.refuse_account(decider.account_id, request.account_id)
        if request.state is RequestState.CARRIED_OUT:
            return
        if f"{request.version}" != change.version or request.state is not RequestState.FORWARDED:
            raise ChangedMeanwhileError
        now = self._clock.now()
        done = replace(
            request,
            state=RequestState.CARRIED_OUT,
            version=request.version + 1,
            due_at=None,
            decided_at=now,
            decided_by=decider.account_id,
        )
        event = moved_event(decider, done, late=request.is_late(now))
        if not await self._requests.carry_out(request, done, event):
            raise ChangedMeanwhileError

    async def _known(self, request_id: str) -> LockRequest:
        request = await self._requests.get(request_id)
        if request is None:
            raise NotFoundError
        return request


def moved_event(admin: Administrator, request: LockRequest, *, late: bool) -> LockRequestMoved:
    """What the audit trail says of a step of a request; `late`: it should have been done before."""
    return LockRequestMoved(
        origin=admin.origin,
        account_id=request.account_id,
        officer=admin.account_id,
        request_id=request.request_id,
        direction=request.direction.value,
        state=request.state.value,
        late=late,
    )
