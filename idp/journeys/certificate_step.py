"""The certificate of an officer's card as a factor: the first one, which tells whose it is, or one more.

Whoever ends the TLS connection has seen that the caller holds the key (RFC 9440); that takes no secret which could be
guessed. Everything else is looked at here.
"""

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.authenticators.account_certificate import (
    CertificateObstacle,
    CheckedCertificate,
    RefusedCertificateError,
)
from idp.domain.events import CertificateAccepted, CertificateRefused
from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Method, Proof
from idp.domain.values import dataclass
from idp.journeys.admission import obstacle as obstacle_of
from idp.journeys.attempt import Attempt, Attempts, Loaded
from idp.journeys.floods import Floods
from idp.journeys.refusals import RefusedError
from idp.journeys.risk.assessment import RiskAssessment
from idp.journeys.throttling import SlowDownError, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.person_certificates import AccountCertificates, PersonCertificates


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStepParts:
    """What the step needs from outside."""

    checks: PersonCertificates
    certificates: AccountCertificates
    accounts: Accounts
    attempts: Attempts
    throttling: Throttling
    risk: RiskAssessment
    floods: Floods
    audit: AuditTrail
    clock: Clock


class CertificateStep:
    """Accepts a certificate for an attempt."""

    def __init__(self, parts: CertificateStepParts) -> None:
        self._parts = parts

    def holder_named_by(self, certificate: bytes | None) -> str | None:
        """Whom a certificate of a card names; None for any other or none."""
        try:
            return self._checked(certificate).subject
        except RefusedCertificateError:
            return None

    async def submit(self, loaded: Loaded, certificate: bytes | None, visitor: Visitor) -> Loaded:
        """The attempt with the card proved, of whoever holds it.

        Raises `RefusedCertificateError`, `SlowDownError`, or a `RefusedError` that says why the account may not go on.
        """
        parts, attempt = self._parts, loaded.attempt
        throttles = parts.throttling.for_certificates(visitor.origin.source)
        try:
            await parts.throttling.take(throttles, parts.clock.now())
        except SlowDownError:
            event = _refused(attempt, "throttled", visitor, attempt.account_id)
            await parts.floods.record("sign-in", "throttled", event)
            raise
        try:
            checked = self._checked(certificate)
            account = await self._account(attempt, checked)
            proof = await self._used(attempt, account, checked, visitor)
        except RefusedCertificateError as refused:
            await parts.audit.record(_refused(attempt, refused.obstacle, visitor, attempt.account_id))
            raise
        except _AccountRefusedError as refused:
            event = _refused(attempt, type(refused.obstacle).__name__, visitor, refused.account_id)
            await parts.audit.record(event)
            raise refused.obstacle from None
        await parts.throttling.give_back(throttles)
        changed = attempt.identified(account).proved(proof)
        return await parts.attempts.advance(loaded, await parts.risk.assess(attempt, changed, visitor))

    async def _used(self, attempt: Attempt, account: Account, checked: CheckedCertificate, visitor: Visitor) -> Proof:
        now = self._parts.clock.now()
        accepted = CertificateAccepted(
            origin=visitor.origin, account_id=account.account_id, client_id=attempt.client_id
        )
        if not await self._parts.certificates.accept(account.account_id, checked.thumbprint, now, accepted):
            raise RefusedCertificateError(CertificateObstacle.NOT_ENROLLED)
        return Proof(Method.CERTIFICATE, now)

    def _checked(self, certificate: bytes | None) -> CheckedCertificate:
        if certificate is None:
            raise RefusedCertificateError(CertificateObstacle.NONE_SHOWN)
        return self._parts.checks.check(certificate, self._parts.clock.now())

    async def _account(self, attempt: Attempt, checked: CheckedCertificate) -> Account:
        holder = await self._parts.certificates.holder(checked.thumbprint)
        account = await self._parts.accounts.get(holder) if holder else None
        if account is None or account.kind is not AccountKind.OFFICER:
            raise RefusedCertificateError(CertificateObstacle.NOT_ENROLLED)
        # A colleague's card in the reader must not turn one officer's sign-in into the other's.
        if attempt.account_id is not None and attempt.account_id != account.account_id:
            raise RefusedCertificateError(CertificateObstacle.SOMEBODY_ELSES)
        obstacle = obstacle_of(account, attempt.audience)
        if obstacle:
            raise _AccountRefusedError(account.account_id, obstacle)
        return account


class _AccountRefusedError(Exception):
    """The card holds, and the account may not go on."""

    def __init__(self, account_id: AccountId, obstacle: RefusedError) -> None:
        super().__init__(type(obstacle).__name__)
        self.account_id = account_id
        self.obstacle = obstacle


def _refused(attempt: Attempt, reason: str, visitor: Visitor, account_id: AccountId | None) -> CertificateRefused:
    return CertificateRefused(origin=visitor.origin, reason=reason, account_id=account_id, client_id=attempt.client_id)
