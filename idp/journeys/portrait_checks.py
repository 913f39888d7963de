"""Checks of a face against the portrait of a register entry: begun at the biometric verifier, answered by it alone.

Reaching a level from afar and a sign-in with a face both begin and end one; what came of it is theirs.
"""

import base64
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from idp.domain.enrolment.biometric_check import CheckObstacle, CheckOutcome, RefusedCheckError, Subject, subject_of
from idp.domain.events import BiometricConsentGiven
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.journeys.bound_documents import DocumentGoneError
from idp.journeys.throttling import SlowDownError, Throttles, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.audit import AuditTrail
from idp.ports.biometric_verifier import (
    BiometricVerifier,
    StartedCheck,
    UntrustedOutcomeError,
    VerifierUnavailableError,
)
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.identity_records import IdentityRecords
from idp.ports.population_registry import PopulationRegistry, RegistryUnavailableError

NOT_BEGUN: Final = (SlowDownError, RegistryUnavailableError, VerifierUnavailableError, RefusedCheckError)
"""Why a check does not begin; `reason_of` names each for the audit record."""

NOT_ENDED: Final = (DocumentGoneError, VerifierUnavailableError, RefusedCheckError)
"""Why a check that was begun proves nothing."""


@dataclass(frozen=True, slots=True)
class Return:
    """Where a person comes back to: a `path` of ours, with the `state` that says from which check."""

    path: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitChecks:
    """Begins checks and asks what came of them. `issuer` is where people come back to."""

    issuer: str
    registry: PopulationRegistry
    verifier: BiometricVerifier
    records: IdentityRecords
    throttling: Throttling
    audit: AuditTrail
    clock: Clock

    async def begin(
        self, account_id: AccountId, wording: str, back: Return, throttles: Throttles, visitor: Visitor
    ) -> tuple[Subject, StartedCheck]:
        """Begin a check of somebody who agreed just now to what a page in this `wording` says.

        A try is taken from `throttles`, and given back where nobody answers. Raises one of `NOT_BEGUN`.
        """
        agreed = BiometricConsentGiven(origin=visitor.origin, account_id=account_id, wording=wording)
        await self.audit.record(agreed)
        await self.throttling.take(throttles, self.clock.now())
        try:
            subject = await self._subject(account_id)
            return_to = f"{self.issuer}{back.path}?{urlencode({'state': back.state})}"
            return subject, await self.verifier.start(subject.portrait, return_to, visitor.locale)
        except (RegistryUnavailableError, VerifierUnavailableError):
            await self.throttling.give_back(throttles)
            raise

    async def outcome(self, check_id: str, begun_at: Seconds) -> CheckOutcome | CheckObstacle:
        """What the verifier found about this check since it began here, or why that is nothing.

        The port lets only outcomes through that the verifier signed. Raises `VerifierUnavailableError`.
        """
        try:
            found = await self.verifier.outcome(check_id)
        except UntrustedOutcomeError:
            return CheckObstacle.UNTRUSTED
        if found is None:
            return CheckObstacle.UNFINISHED
        if found.check_id != check_id:
            return CheckObstacle.UNTRUSTED
        earliest, latest = begun_at - CLOCK_TOLERANCE, self.clock.now() + CLOCK_TOLERANCE
        return found if earliest <= found.at <= latest else CheckObstacle.NOT_OF_THIS_TIME

    async def _subject(self, account_id: AccountId) -> Subject:
        record = await self.records.of_account(account_id)
        if record is None:
            raise RefusedCheckError(CheckObstacle.NOT_IN_REGISTER)
        return subject_of(record, await self.registry.find(record.personal_number), self.clock.now())


def portrait_digest(portrait: str) -> str:
    """Return the SHA-256 of a portrait's reference, base64url."""
    return base64.urlsafe_b64encode(sha256(portrait.encode()).digest()).rstrip(b"=").decode("ascii")


def reason_of(failure: Exception) -> str:
    """Return what the audit record says of a check that did not begin or end."""
    match failure:
        case RefusedCheckError(obstacle=obstacle):
            return str(obstacle)
        case SlowDownError():
            return "throttled"
        case DocumentGoneError():
            return "unknown_or_used"
        case RegistryUnavailableError():
            return "register_unavailable"
        case _:
            return "verifier_unavailable"
