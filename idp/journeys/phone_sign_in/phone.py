"""The phone's side: whoever is signed in there opens the picture, compares the number, and answers once."""

from dataclasses import replace
from hmac import compare_digest
from typing import Final

from idp.domain.authenticators.phone_sign_in import (
    Closeness,
    Nearness,
    PhoneRequest,
    PhoneStage,
    Surroundings,
    carried,
    may_answer,
    nearness_of,
)
from idp.domain.events import Origin, PhoneSignInAllowed, PhoneSignInOpened, PhoneSignInRefused
from idp.domain.ids import AccountId, SessionId
from idp.domain.values import dataclass
from idp.journeys.floods import Floods
from idp.journeys.phone_sign_in.refusals import (
    OtherAccountError,
    OtherKindError,
    PhoneRefusedError,
    ProveMoreError,
    RequestOverError,
    TooFarApartError,
    WrongNumberError,
)
from idp.journeys.phone_sign_in.requests import LoadedRequest, PhoneRequests, reference_of
from idp.journeys.phone_sign_in.surroundings import surroundings_of
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy

_TRIES: Final = 3
"""Changes of one request that may come in between."""


@dataclass(frozen=True, slots=True)
class PhoneApproval:
    """An open request as its person sees it on the phone."""

    loaded: LoadedRequest

    @property
    def request(self) -> PhoneRequest:
        """What is asked."""
        return self.loaded.request

    @property
    def approval_id(self) -> str:
        """Its name on the person's pages."""
        return self.request.approval_id

    @property
    def nearness(self) -> Nearness:
        """How the two devices lie to each other."""
        phone = self.request.phone
        return nearness_of(self.request.computer, phone) if phone else Nearness.UNKNOWN


class PhoneApprovals:
    """Opens requests, finds the one that waits for a person, and takes the answer."""

    def __init__(
        self,
        requests: PhoneRequests,
        throttling: Throttling,
        audit: AuditTrail,
        floods: Floods,
        clock: Clock,
        entropy: Entropy,
        closeness: Closeness,
    ) -> None:
        self._requests = requests
        self._throttling = throttling
        self._audit = audit
        self._floods = floods
        self._clock = clock
        self._entropy = entropy
        self._closeness = closeness

    def has_proved_enough(self, current: CurrentSession) -> bool:
        """Whether this session may answer for another device just now."""
        return may_answer(current.session.proofs, self._clock.now())

    def with_what_is_known(self, current: CurrentSession) -> CurrentSession:
        """The session as it counts for proving possession anew."""
        return replace(current, session=replace(current.session, proofs=carried(current.session.proofs)))

    async def open(self, picture: str, current: CurrentSession, visitor: Visitor) -> str:
        """The name of the approval that the picture leads this person to; who opens first is the one who answers.

        Raises `PhoneRefusedError` and `SlowDownError`.
        """
        account_id, now = current.account.account_id, self._clock.now()
        try:
            await self._throttling.take(self._throttling.for_opened_pictures(account_id), now)
        except SlowDownError:
            await self._refused("throttled", None, account_id, visitor.origin)
            raise
        reference = reference_of(picture)
        for _ in range(_TRIES):
            loaded = await self._requests.find(reference, now)
            approval_id = await self._opened(loaded, current, visitor)
            if approval_id is not None:
                return approval_id
        raise RequestOverError

    async def of(self, account_id: AccountId) -> PhoneApproval | None:
        """The open request that waits for the account; of several the one that was opened first."""
        loaded = await self._requests.waiting_for(account_id, self._clock.now())
        return PhoneApproval(loaded) if loaded else None

    async def get(self, account_id: AccountId, approval_id: str) -> PhoneApproval | None:
        """The same by its name; None also for what waits for somebody else."""
        loaded = await self._requests.waiting_as(account_id, approval_id, self._clock.now())
        return PhoneApproval(loaded) if loaded else None

    async def allow(self, approval: PhoneApproval, number: str, current: CurrentSession, origin: Origin) -> None:
        """Let the computer have its proof. Raises `PhoneRefusedError` and `SlowDownError`.

        A wrong number ends the request: the one who guesses has one try in ninety, and the next takes a new picture.
        """
        if not self.has_proved_enough(current):
            raise ProveMoreError
        account_id, request = current.account.account_id, approval.request
        if not request.stands_for(current.account.sessions_valid_from):
            # The computer would refuse the yes: it was opened before everything was ended.
            await self._refused(RequestOverError.reason, request, account_id, origin)
            raise RequestOverError
        throttles = self._throttling.for_phone_numbers(account_id)
        try:
            await self._throttling.take(throttles, self._clock.now())
        except SlowDownError:
            await self._refused("throttled", request, account_id, origin)
            raise
        try:
            await self._claim(approval)
        except RequestOverError:
            # Nobody looked at the number.
            await self._throttling.give_back(throttles)
            raise
        if not compare_digest(request.number.encode(), number.encode()):
            await self._end(approval, PhoneStage.WRONG_NUMBER, WrongNumberError.reason, origin)
            raise WrongNumberError
        await self._throttling.give_back(throttles)
        allowed = PhoneSignInAllowed(
            origin=origin, account_id=account_id, nearness=approval.nearness, client_id=request.client_id
        )
        await self._audit.record(allowed)
        await self._change(approval, PhoneStage.ALLOWED, current.session.session_id)

    async def deny(self, approval: PhoneApproval, origin: Origin) -> None:
        """End the request. Raises `RequestOverError`."""
        await self._claim(approval)
        await self._end(approval, PhoneStage.DENIED, "denied", origin)

    async def _opened(self, loaded: LoadedRequest | None, current: CurrentSession, visitor: Visitor) -> str | None:
        """The approval's name, None when somebody else changed the request in between."""
        account = current.account
        request = loaded.request if loaded else None
        phone, origin = surroundings_of(visitor), visitor.origin
        obstacle = self._obstacle(request, current, phone)
        if obstacle is not None or loaded is None or request is None:
            refusal = obstacle or RequestOverError()
            await self._refused(refusal.reason, request, account.account_id, origin)
            raise refusal
        if request.stage is PhoneStage.OPENED:
            await self._requests.wait_for(account.account_id, loaded.reference, request, self._clock.now())
            return request.approval_id
        opened = request.opened(account.account_id, self._entropy.token(), phone, account.sessions_valid_from)
        if not await self._requests.replace(loaded, opened):
            return None
        await self._audit.record(
            PhoneSignInOpened(
                origin=origin,
                account_id=account.account_id,
                nearness=nearness_of(request.computer, phone),
                client_id=request.client_id,
            )
        )
        await self._requests.wait_for(account.account_id, loaded.reference, opened, self._clock.now())
        return opened.approval_id

    def _obstacle(
        self, request: PhoneRequest | None, current: CurrentSession, phone: Surroundings
    ) -> PhoneRefusedError | None:
        account = current.account
        if request is None or not request.is_open(self._clock.now()):
            return RequestOverError()
        rows = (
            (request.opened_by not in {None, account.account_id}, RequestOverError),
            (not request.is_for(account.account_id), OtherAccountError),
            (not request.admits(account.kind), OtherKindError),
            (not self._closeness.admits(nearness_of(request.computer, phone)), TooFarApartError),
        )
        return next((refusal() for applies, refusal in rows if applies), None)

    async def _claim(self, approval: PhoneApproval) -> None:
        """Of several who answer at once, let one in. Raises `RequestOverError` for the others.

        So the answer is in the record before it counts; what is stopped dead in between expires unanswered.
        """
        if not await self._requests.begin_answer(approval.loaded, self._clock.now()):
            raise RequestOverError

    async def _end(self, approval: PhoneApproval, stage: PhoneStage, reason: str, origin: Origin) -> None:
        await self._audit.record(_refusal(reason, approval.request, approval.request.opened_by, origin))
        await self._change(approval, stage)

    async def _change(self, approval: PhoneApproval, stage: PhoneStage, answered_in: SessionId | None = None) -> None:
        """Only an answer changes a request that was opened, and this is the one answer."""
        decided = approval.request.decided(stage, self._clock.now(), answered_in)
        if not await self._requests.replace(approval.loaded, decided):
            raise RequestOverError

    async def _refused(self, reason: str, request: PhoneRequest | None, account_id: AccountId, origin: Origin) -> None:
        await self._floods.record("phone", reason, _refusal(reason, request, account_id, origin))


def _refusal(
    reason: str, request: PhoneRequest | None, account_id: AccountId | None, origin: Origin
) -> PhoneSignInRefused:
    client_id = request.client_id if request else None
    return PhoneSignInRefused(origin=origin, reason=reason, account_id=account_id, client_id=client_id)
