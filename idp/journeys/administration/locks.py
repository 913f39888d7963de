"""Locks in the console: authorities' requests with their clocks, and the end of a lock that a person asked for."""

from dataclasses import replace
from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.accounts.account_lock import AccountLock, LockGround
from idp.domain.accounts.lock_request import (
    DAYS_TO_DECIDE,
    DAYS_TO_FORWARD,
    LONGEST_TEXT,
    OPEN,
    Direction,
    LockRequest,
    RequestReason,
    RequestState,
)
from idp.domain.accounts.sign_in_identifier import parse_sign_in_identifier
from idp.domain.events import LockEnded, LocksLookedUp, PeopleSearched
from idp.domain.ids import AccountId, Seconds
from idp.domain.invisible_characters import legible
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.domain.people.record_access import Purpose, Seen
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.carry_out_lock import CarryOutLockRequest, moved_event
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotFoundError
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.record_looks import Occasion, RecordLooks
from idp.ports.account_locks import AccountLocks
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.ports.lock_requests import LockRequests, SpecialDays

PAGE: Final = 50
_HOUR: Final = 3600
_DIGEST: Final = 64
_HEXADECIMAL: Final = frozenset("0123456789abcdef")
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredRequest:
    """What an administrator typed from an authority's letter. `until`: a moment, None for a lock without an end."""

    direction: str
    authority: str
    reason: str
    legal_reference: str
    document_digest: str
    lock_reference: str = ""
    until: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPorts:
    """What the desk reads and writes."""

    requests: LockRequests
    locks: AccountLocks
    accounts: Accounts
    days: SpecialDays
    audit: AuditTrail
    own_identity: OwnIdentity
    looks: RecordLooks
    budget: LookUpBudget


class LockDesk:
    """What the room of locks asks."""

    def __init__(self, ports: LockPorts, four_eyes: FourEyes, clock: Clock, entropy: Entropy) -> None:
        self._at = ports
        self._four_eyes = four_eyes
        self._clock = clock
        self._entropy = entropy

    async def listed(self, admin: Administrator, *, closed: bool, before: str = "") -> tuple[LockRequest, ...]:
        """A page of requests, the newest first: those that are open, or (`closed`) all others."""
        admin.must(Action.LOCKS_VIEW)
        states = [state for state in RequestState if (state not in OPEN) is closed]
        return await self._at.requests.listed(states, before, PAGE)

    async def find(self, admin: Administrator, request_id: str) -> LockRequest:
        """One request. Raises `NotFoundError`."""
        admin.must(Action.LOCKS_VIEW)
        request = await self._at.requests.get(request_id)
        if request is None:
            raise NotFoundError
        return request

    async def account_of(self, admin: Administrator, identifier: str) -> AccountId:
        """The account that signs in by what was typed; the look leaves a trace, whatever it finds.

        Raises `InvalidEntryError` and `TooManyLookUpsError`.
        """
        admin.must(Action.LOCKS_VIEW)
        try:
            canonical = parse_sign_in_identifier(identifier).canonical
        except RefusedIdentifier:
            raise InvalidEntryError("identifier", "malformed") from None
        await self._at.budget.take(admin)
        account = await self._at.accounts.find(canonical)
        if account is None:
            await self._found_nobody(admin)
            raise InvalidEntryError("identifier", "unknown")
        event = LocksLookedUp(origin=admin.origin, account_id=account.account_id, officer=admin.account_id)
        await self._at.audit.record(event)
        await self._look(admin, account)
        return account.account_id

    async def locks_of(self, admin: Administrator, account_id: AccountId) -> tuple[AccountLock, ...]:
        """Every lock of an account, the latest first; the person sees who looked. Raises `NotFoundError`."""
        admin.must(Action.LOCKS_VIEW)
        account = await self._at.accounts.get(account_id)
        if account is None:
            raise NotFoundError
        await self._look(admin, account)
        return await self._at.locks.of_account(account_id)

    async def end_own(self, admin: Administrator, account_id: AccountId) -> None:
        """End the lock that the person asked for, who came to a counter. Raises `AdministrationError`."""
        admin.must(Action.LOCKS_END_OWN)
        await self._at.own_identity.refuse_account(admin.account_id, account_id)
        ground = LockGround.PERSON
        event = LockEnded(origin=admin.origin, account_id=account_id, ground=ground.value, by=admin.account_id)
        if not await self._at.locks.end(account_id, ground, "", self._clock.now(), event):
            raise ChangedMeanwhileError

    async def enter(self, admin: Administrator, account_id: AccountId, entered: EnteredRequest) -> LockRequest:
        """Keep a request that came in; its clock runs from now on. Raises `InvalidEntryError`, `NotFoundError`."""
        admin.must(Action.LOCKS_WORK)
        if await self._at.accounts.get(account_id) is None:
            raise NotFoundError
        await self._at.own_identity.refuse_account(admin.account_id, account_id)
        direction, reason = await self._check(account_id, entered)
        now = self._clock.now()
        calendar = await self._at.days.calendar()
        request = LockRequest(
            request_id=self._entropy.identifier(),
            account_id=account_id,
            direction=direction,
            authority=legible(entered.authority),
            reason=reason,
            legal_reference=legible(entered.legal_reference),
            document_digest=entered.document_digest.strip().lower(),
            lock_reference=entered.lock_reference,
            until=entered.until,
            entered_at=now,
            entered_by=admin.account_id,
            due_at=calendar.due(now, DAYS_TO_FORWARD),
        )
        await self._at.requests.add(request, moved_event(admin, request, late=False))
        return request

    async def forward(self, admin: Administrator, request_id: str) -> None:
        """Hand the request on to who decides; that clock runs from now on. Raises `AdministrationError`."""
        request = await self._workable(admin, request_id)
        if request.state is not RequestState.ENTERED:
            raise ChangedMeanwhileError
        now = self._clock.now()
        calendar = await self._at.days.calendar()
        moved = replace(
            request,
            state=RequestState.FORWARDED,
            version=request.version + 1,
            due_at=calendar.due(now, DAYS_TO_DECIDE),
            forwarded_at=now,
            forwarded_by=admin.account_id,
        )
        await self._move(admin, request, moved)

    async def refuse(self, admin: Administrator, request_id: str, refusal: str) -> None:
        """Refuse in writing, with the reasons. Raises `AdministrationError`."""
        request = await self._workable(admin, request_id)
        if request.state is not RequestState.FORWARDED:
            raise ChangedMeanwhileError
        text = legible(refusal, lines=True)
        if not text:
            raise InvalidEntryError("refusal", "missing")
        if len(text) > LONGEST_TEXT:
            raise InvalidEntryError("refusal", "too_long")
        moved = replace(
            request,
            state=RequestState.REFUSED,
            version=request.version + 1,
            due_at=None,
            refusal=text,
            decided_at=self._clock.now(),
            decided_by=admin.account_id,
        )
        await self._move(admin, request, moved)

    async def ask(self, admin: Administrator, request_id: str) -> ChangeRequest:
        """Ask that the request is carried out; another administrator decides. Raises `AdministrationError`."""
        request = await self._workable(admin, request_id)
        if request.state is not RequestState.FORWARDED:
            raise ChangedMeanwhileError
        return await self._four_eyes.ask(admin, CarryOutLockRequest.name, request_id, {})

    async def _workable(self, admin: Administrator, request_id: str) -> LockRequest:
        """One request that is not about the administrator."""
        admin.must(Action.LOCKS_WORK)
        request = await self.find(admin, request_id)
        await self._at.own_identity.refuse_account(admin.account_id, request.account_id)
        return request

    async def _found_nobody(self, admin: Administrator) -> None:
        event = PeopleSearched(
            origin=admin.origin,
            account_id=admin.account_id,
            agency_code=admin.agency_code,
            purpose=Purpose.LOCK.value,
            by="identifier",
            outcome="nobody",
        )
        await self._at.audit.record(event)

    async def _look(self, admin: Administrator, account: Account) -> None:
        """Leave the trace of a look: one for each officer and hour."""
        now = self._clock.now()
        name, hour = f"locks {account.account_id} {admin.account_id}", Seconds(now - now % _HOUR)
        occasion = Occasion(name, Purpose.LOCK, admin.agency_code, hour)
        await self._at.looks.leave(admin, [account.person_id], occasion, [Seen.ACCOUNT])

    async def _move(self, admin: Administrator, request: LockRequest, moved: LockRequest) -> None:
        event = moved_event(admin, moved, late=request.is_late(self._clock.now()))
        if not await self._at.requests.move(request, moved, event):
            raise ChangedMeanwhileError

    async def _check(self, account_id: AccountId, entered: EnteredRequest) -> tuple[Direction, RequestReason]:
        _check_text("authority", entered.authority, _LONGEST_NAME)
        _check_text("legal_reference", entered.legal_reference, LONGEST_TEXT)
        digest = entered.document_digest.strip().lower()
        if len(digest) != _DIGEST or not _HEXADECIMAL.issuperset(digest):
            raise InvalidEntryError("document_digest", "malformed" if digest else "missing")
        try:
            direction, reason = Direction(entered.direction), RequestReason(entered.reason)
        except ValueError:
            raise InvalidEntryError("reason", "unknown") from None
        if entered.until is not None and entered.until <= self._clock.now():
            raise InvalidEntryError("until", "past")
        if direction is Direction.UNLOCK:
            held = await self._at.locks.of_account(account_id)
            references = {lock.reference for lock in held if lock.ended is None and lock.ground is LockGround.AUTHORITY}
            if entered.lock_reference not in references:
                raise InvalidEntryError("lock_reference", "unknown")
        elif entered.lock_reference:
            raise InvalidEntryError("lock_reference", "unknown")
        return direction, reason


def _check_text(field: str, text: str, longest: int) -> None:
    if not legible(text):
        raise InvalidEntryError(field, "missing")
    if len(text) > longest:
        raise InvalidEntryError(field, "too_long")
