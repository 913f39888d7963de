"""A living face as a factor: off to the biometric verifier and back. It alone tells what it found, once, to us.

What it compares with is the portrait in the register of the human behind the account, a citizen's or an officer's.
"""

from typing import Final

from idp.domain.enrolment.biometric_check import (
    CheckObstacle,
    CheckOutcome,
    RefusedCheckError,
    check_face,
)
from idp.domain.events import (
    FaceCheckStarted,
    SecondFactorAccepted,
    SecondFactorRefused,
)
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Level, Method, Proof
from idp.domain.values import dataclass
from idp.journeys.attempt import Attempt, Attempts, Loaded
from idp.journeys.bound_documents import BoundDocuments, DocumentGoneError, Held
from idp.journeys.portrait_checks import NOT_BEGUN, NOT_ENDED, PortraitChecks, Return, portrait_digest, reason_of
from idp.journeys.throttling import Throttles, Throttling
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock

LIFETIME: Final = 600
"""Seconds that a person has at the verifier."""

CONSENT_WORDING: Final = "sign-in-2026-11"
"""The version of what the page says before somebody agrees."""


@dataclass(frozen=True, slots=True)
class FaceCheck:
    """What is remembered while a person is at the verifier: for which attempt, about which portrait."""

    attempt_id: str
    account_id: AccountId
    check_id: str
    portrait_digest: str
    begun_at: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class BiometricStepParts:
    """What the step needs from outside."""

    portraits: PortraitChecks
    checks: BoundDocuments[FaceCheck]
    attempts: Attempts
    throttling: Throttling
    devices: KnownDevices
    audit: AuditTrail
    clock: Clock


class BiometricStep:
    """Begins and ends a check for an attempt whose account is known and proved something."""

    def __init__(self, parts: BiometricStepParts) -> None:
        self._parts = parts

    @property
    def verifier_origin(self) -> str:
        """Where people are sent."""
        return self._parts.portraits.verifier.origin

    @property
    def verifier_name(self) -> str:
        """What that service is called."""
        return self._parts.portraits.verifier.name

    async def start(self, loaded: Loaded, browser_token: str, back: str, visitor: Visitor) -> str:
        """Begin a check for somebody who agreed to it just now; where to send him or her.

        `back` is the path that the person comes back to. Raises `SlowDownError`, `RegistryUnavailableError`,
        `VerifierUnavailableError`, or `RefusedCheckError` when the register has nothing to compare with.
        """
        parts, attempt = self._parts, loaded.attempt
        account_id, state = attempt.known_account, parts.checks.new_identifier()
        throttles = self._throttles(account_id, visitor)
        try:
            subject, started = await self._parts.portraits.begin(
                account_id, CONSENT_WORDING, Return(back, state), throttles, visitor
            )
        except NOT_BEGUN as failure:
            await self._refused(attempt, reason_of(failure), visitor)
            raise
        digest = portrait_digest(subject.portrait)
        check = FaceCheck(attempt.attempt_id, account_id, started.check_id, digest, parts.clock.now())
        await parts.checks.begin(state, check, browser_token)
        event = FaceCheckStarted(
            origin=visitor.origin, account_id=account_id, check_id=started.check_id, client_id=attempt.client_id
        )
        await parts.audit.record(event)
        return started.address

    async def finish(self, loaded: Loaded, state: str, browser_token: str, visitor: Visitor) -> Loaded:
        """Ask the verifier what it found: the attempt with the face proved. Each `state` counts once.

        Raises `DocumentGoneError` for a state that is none of this attempt's in this browser, or was used;
        `VerifierUnavailableError` (the state can be used again then), or `RefusedCheckError`.
        """
        parts, attempt = self._parts, loaded.attempt
        try:
            held = await self._held(attempt, state, browser_token)
            check = held.document
            outcome = await self._parts.portraits.outcome(check.check_id, check.begun_at)
            await parts.checks.claim(held)
            proved = _proved(check, outcome)
        except NOT_ENDED as failure:
            await self._refused(attempt, reason_of(failure), visitor)
            raise
        await parts.throttling.give_back(self._throttles(check.account_id, visitor))
        accepted = SecondFactorAccepted(
            origin=visitor.origin,
            account_id=check.account_id,
            method=Method.BIOMETRIC,
            client_id=attempt.client_id,
            evidence=proved.evidence_digest,
        )
        await parts.audit.record(accepted)
        # Clocks differ: nothing was found before the check began here, and nothing in the future.
        at = Seconds(min(max(proved.at, check.begun_at), parts.clock.now()))
        return await parts.attempts.advance(loaded, attempt.proved(Proof(Method.BIOMETRIC, at)))

    async def _held(self, attempt: Attempt, state: str, browser_token: str) -> Held[FaceCheck]:
        held = await self._parts.checks.load(state, browser_token)
        if (held.document.attempt_id, held.document.account_id) != (attempt.attempt_id, attempt.known_account):
            raise DocumentGoneError
        return held

    def _throttles(self, account_id: AccountId, visitor: Visitor) -> Throttles:
        device = self._parts.devices.recognise(visitor.device, account_id, Level.TWO)
        return self._parts.throttling.for_face_check(account_id, known_device=device)

    async def _refused(self, attempt: Attempt, reason: str, visitor: Visitor) -> None:
        event = SecondFactorRefused(
            origin=visitor.origin,
            account_id=attempt.known_account,
            method=Method.BIOMETRIC,
            reason=reason,
            client_id=attempt.client_id,
        )
        await self._parts.audit.record(event)


def _proved(check: FaceCheck, outcome: CheckOutcome | CheckObstacle) -> CheckOutcome:
    """Raises `RefusedCheckError` unless the outcome says: it is this person."""
    if isinstance(outcome, CheckObstacle):
        raise RefusedCheckError(outcome)
    check_face(outcome, check.portrait_digest)
    return outcome
