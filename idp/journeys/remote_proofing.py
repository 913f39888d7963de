"""Reaching identity level 2 from afar: agree, go to the biometric verifier, come back. It alone tells what it found."""

from dataclasses import field
from typing import Final

from idp.domain.accounts.account import ContactKind
from idp.domain.enrolment.biometric_check import (
    LEVEL,
    CheckObstacle,
    CheckOutcome,
    RefusedCheckError,
    Subject,
    check_outcome,
    proved_record,
)
from idp.domain.events import (
    IdentityProvedRemotely,
    RemoteProofingRefused,
    RemoteProofingStarted,
)
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.journeys.bound_documents import BoundDocuments, DocumentGoneError, Held
from idp.journeys.portrait_checks import NOT_BEGUN, NOT_ENDED, PortraitChecks, Return, portrait_digest, reason_of
from idp.journeys.throttling import Throttling
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.identity_records import IdentityRecords, RecordChangedError
from idp.ports.mail import MailError
from idp.ports.registration_messages import RegistrationMessages

VERIFY: Final = "/account/identity/verify"
BACK: Final = f"{VERIFY}/return"

LIFETIME: Final = 20 * 60
"""Seconds that a person has at the verifier."""

CONSENT_WORDING: Final = "2026-11"
"""The version of what the page says before somebody agrees."""

_TRIES: Final = 3
"""How often a record that somebody else changes meanwhile is read again."""


@dataclass(frozen=True, slots=True)
class CheckUnderWay:
    """What is remembered while a person is at the verifier."""

    account_id: AccountId
    check_id: str
    subject: Subject = field(repr=False)
    begun_at: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteProofingParts:
    """What proving from afar needs from outside."""

    portraits: PortraitChecks
    documents: BoundDocuments[CheckUnderWay]
    records: IdentityRecords
    accounts: Accounts
    messages: RegistrationMessages
    throttling: Throttling
    audit: AuditTrail
    clock: Clock


class RemoteProofing:
    """The two steps. Whoever calls them has seen that the person is signed in with two factors."""

    def __init__(self, parts: RemoteProofingParts) -> None:
        self._parts = parts

    @property
    def verifier_origin(self) -> str:
        """Where people are sent."""
        return self._parts.portraits.verifier.origin

    @property
    def verifier_name(self) -> str:
        """What that service is called."""
        return self._parts.portraits.verifier.name

    async def start(self, account_id: AccountId, browser_token: str, visitor: Visitor) -> str:
        """Begin a check for somebody who agreed to it just now; where to send him or her.

        Raises `SlowDownError`, `RegistryUnavailableError`, `VerifierUnavailableError`, or `RefusedCheckError` when the
        register has nothing to compare with.
        """
        parts = self._parts
        state, throttles = parts.documents.new_identifier(), parts.throttling.for_remote_proofing(account_id)
        try:
            subject, started = await self._parts.portraits.begin(
                account_id, CONSENT_WORDING, Return(BACK, state), throttles, visitor
            )
        except NOT_BEGUN as failure:
            await self._refused(account_id, reason_of(failure), visitor)
            raise
        check = CheckUnderWay(account_id, started.check_id, subject, parts.clock.now())
        await parts.documents.begin(state, check, browser_token)
        event = RemoteProofingStarted(origin=visitor.origin, account_id=account_id, check_id=started.check_id)
        await parts.audit.record(event)
        return started.address

    async def finish(self, account_id: AccountId, state: str, browser_token: str, visitor: Visitor) -> None:
        """Ask the verifier what it found, and raise the level if that carries it. Each `state` counts once.

        Raises `DocumentGoneError` for a state that is none of this person's in this browser, or was used;
        `VerifierUnavailableError` (the state can be used again then), or `RefusedCheckError`.
        """
        check_id: str | None = None
        try:
            held = await self._held(account_id, state, browser_token)
            check_id = held.document.check_id
            outcome = await self._parts.portraits.outcome(check_id, held.document.begun_at)
            await self._parts.documents.claim(held)
            await self._prove(held.document, outcome, visitor)
        except NOT_ENDED as failure:
            await self._refused(account_id, reason_of(failure), visitor, check_id)
            raise

    async def _held(self, account_id: AccountId, state: str, browser_token: str) -> Held[CheckUnderWay]:
        held = await self._parts.documents.load(state, browser_token)
        if held.document.account_id != account_id:
            raise DocumentGoneError
        return held

    async def _prove(self, check: CheckUnderWay, outcome: CheckOutcome | CheckObstacle, visitor: Visitor) -> None:
        parts = self._parts
        if isinstance(outcome, CheckObstacle):
            raise RefusedCheckError(outcome)
        check_outcome(outcome, portrait_digest(check.subject.portrait))
        event = IdentityProvedRemotely(
            origin=visitor.origin,
            account_id=check.account_id,
            level=LEVEL,
            check_id=check.check_id,
            evidence=outcome.evidence_digest,
        )
        for _ in range(_TRIES):
            record = await parts.records.of_account(check.account_id)
            if record is None or record.personal_number != check.subject.entry.personal_number:
                raise RefusedCheckError(CheckObstacle.DIFFERENT)
            try:
                await parts.records.save(proved_record(record, check.subject, outcome, parts.clock.now()), event)
            except RecordChangedError:
                continue
            await self._tell(check.account_id, visitor)
            return
        raise RefusedCheckError(CheckObstacle.DIFFERENT)

    async def _tell(self, account_id: AccountId, visitor: Visitor) -> None:
        """Tell the person; a message that does not leave must not undo what was proved."""
        for contact in await self._parts.accounts.contacts(account_id):
            if contact.kind is ContactKind.EMAIL:
                try:
                    await self._parts.messages.identity_verified(contact, visitor.locale)
                except MailError:
                    return

    async def _refused(self, account_id: AccountId, reason: str, visitor: Visitor, check_id: str | None = None) -> None:
        event = RemoteProofingRefused(origin=visitor.origin, account_id=account_id, reason=reason, check_id=check_id)
        await self._parts.audit.record(event)
