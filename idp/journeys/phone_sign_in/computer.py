"""The computer's side: it shows a picture and a number, waits, and takes the proof once, on the browser that asked."""

from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.authenticators.phone_sign_in import LIFETIME, PhoneRequest, PhoneStage
from idp.domain.events import PhoneSignInBegun, PhoneSignInRefused, PhoneSignInUsed
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Method, Proof
from idp.domain.values import dataclass
from idp.journeys.admission import obstacle
from idp.journeys.attempt import Attempt, AttemptChangedError, Attempts, Loaded
from idp.journeys.phone_sign_in.requests import PhoneRequests, reference_of
from idp.journeys.phone_sign_in.surroundings import surroundings_of
from idp.journeys.refusals import NotAllowedYetError
from idp.journeys.risk.assessment import RiskAssessment
from idp.journeys.throttling import SlowDownError, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.ports.session_records import SessionRecords

_NUMBER_FROM: Final = 10
_NUMBERS: Final = 90
"""The numbers are those of two digits that nobody writes with a zero in front."""

TIME_TO_FINISH: Final = 60
"""Seconds that the computer has at least to take its proof after the yes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the computer shows: `carried` goes into the picture."""

    carried: str
    request: PhoneRequest


@dataclass(frozen=True, slots=True)
class Owners:
    """What tells whether a yes still stands: whose it is, and the session that said it."""

    accounts: Accounts
    sessions: SessionRecords


class PhoneSignIn:
    """Requests of computers."""

    def __init__(
        self,
        attempts: Attempts,
        owners: Owners,
        requests: PhoneRequests,
        throttling: Throttling,
        risk: RiskAssessment,
        audit: AuditTrail,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._attempts = attempts
        self._owners = owners
        self._requests = requests
        self._throttling = throttling
        self._risk = risk
        self._audit = audit
        self._clock = clock
        self._entropy = entropy

    async def begin(self, attempt: Attempt, visitor: Visitor) -> Picture:
        """A new picture, in place of one that was shown before. Raises `SlowDownError`."""
        now = self._clock.now()
        throttles = self._throttling.for_pictures(attempt.attempt_id, visitor.origin.source)
        try:
            await self._throttling.take(throttles, now)
        except SlowDownError:
            await self._refused(attempt, "throttled", visitor)
            raise
        request = PhoneRequest(
            number=str(_NUMBER_FROM + int(self._entropy.digits(9)) % _NUMBERS),
            created_at=now,
            expires_at=Seconds(now + LIFETIME),
            computer=surroundings_of(visitor),
            audience=attempt.audience,
            client_id=attempt.client_id,
            account_id=attempt.account_id,
        )
        carried = self._entropy.token()
        begun = PhoneSignInBegun(origin=visitor.origin, account_id=attempt.account_id, client_id=attempt.client_id)
        await self._audit.record(begun)
        await self._requests.begin(attempt.attempt_id, carried, request)
        return Picture(carried, request)

    async def shown(self, attempt: Attempt) -> Picture | None:
        """The picture that the attempt showed last, however its request stands; None when there is none."""
        now = self._clock.now()
        carried = await self._requests.carried_by(attempt.attempt_id, now)
        loaded = await self._requests.find(reference_of(carried), now) if carried else None
        return Picture(carried, loaded.request) if carried and loaded else None

    async def stage(self, attempt: Attempt) -> PhoneStage | None:
        """How far the request of the attempt came; None when nothing waits any more."""
        picture = await self.shown(attempt)
        if picture is None:
            return None
        waits = picture.request.is_open(self._clock.now())
        return picture.request.stage if waits or picture.request.decided_at is not None else None

    async def finish(self, loaded: Loaded, visitor: Visitor) -> Loaded:
        """The attempt with the phone proved. Raises a `RefusedError`, `AttemptChangedError`.

        The request is claimed first: of any number at once one takes the proof, and nothing can be taken twice. Whoever
        opened it has to be the person of the attempt, and may still sign in here.
        """
        attempt = loaded.attempt
        picture = await self.shown(attempt)
        if picture is None or not _is_allowed(picture.request, self._clock.now()):
            raise NotAllowedYetError
        request = await self._requests.claim(reference_of(picture.carried), self._clock.now())
        if request is None:
            # Another request of this browser was faster: the attempt has moved on.
            raise AttemptChangedError
        if request.opened_by is None or request.decided_at is None:
            raise NotAllowedYetError
        account = await self._owners.accounts.get(request.opened_by)
        if account is None or (account.is_active and not await self._goes_together(attempt, account, request)):
            await self._refused(attempt, "over", visitor, request.opened_by)
            raise NotAllowedYetError
        hindrance = obstacle(account, attempt.audience)
        if hindrance is not None:
            await self._refused(attempt, type(hindrance).__name__, visitor, account.account_id)
            raise hindrance
        used = PhoneSignInUsed(
            origin=visitor.origin,
            account_id=account.account_id,
            first_factor=not attempt.all_proofs,
            client_id=attempt.client_id,
        )
        await self._audit.record(used)
        changed = attempt.identified(account).proved(Proof(Method.PHONE, request.decided_at))
        return await self._attempts.advance(loaded, await self._risk.assess(attempt, changed, visitor))

    async def _goes_together(self, attempt: Attempt, account: Account, request: PhoneRequest) -> bool:
        """Whether the yes is that of the person who signs in, and neither its session nor all of them ended since."""
        if attempt.account_id not in {None, account.account_id}:
            return False
        if request.answered_in is not None and await self._owners.sessions.has_ended(request.answered_in):
            return False
        if request.valid_from is None:  # opened by a node of the release before
            return request.decided_at is not None and request.decided_at >= account.sessions_valid_from - 1
        return request.stands_for(account.sessions_valid_from)

    async def _refused(
        self, attempt: Attempt, reason: str, visitor: Visitor, account_id: AccountId | None = None
    ) -> None:
        refused = PhoneSignInRefused(
            origin=visitor.origin,
            reason=reason,
            account_id=account_id or attempt.account_id,
            client_id=attempt.client_id,
        )
        await self._audit.record(refused)


def _is_allowed(request: PhoneRequest, now: Seconds) -> bool:
    if request.stage is not PhoneStage.ALLOWED or request.decided_at is None:
        return False
    return now < max(request.expires_at, request.decided_at + TIME_TO_FINISH)
