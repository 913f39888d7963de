"""The cards that an officer signs in with: which there are, one more, one less."""

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.authenticators.account_certificate import (
    MOST,
    AccountCertificate,
    CertificateObstacle,
    RefusedCertificateError,
    name_of,
)
from idp.domain.events import CertificateAdded, CertificateRefused, CertificateRemoved
from idp.domain.ids import AccountId
from idp.domain.values import dataclass
from idp.journeys.throttling import SlowDownError, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.ports.person_certificates import AccountCertificates, PersonCertificates


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificatesParts:
    """What the journey needs from outside."""

    checks: PersonCertificates
    certificates: AccountCertificates
    throttling: Throttling
    audit: AuditTrail
    clock: Clock
    entropy: Entropy


class OwnCertificates:
    """Whoever calls `add` or `remove` has seen that the officer signed in with two factors a moment ago."""

    def __init__(self, parts: OwnCertificatesParts) -> None:
        self._parts = parts

    async def of(self, account_id: AccountId) -> tuple[AccountCertificate, ...]:
        """The account's certificates, oldest first; those that have run out too."""
        return await self._parts.certificates.of_account(account_id)

    def holder_named_by(self, certificate: bytes | None) -> str | None:
        """Whom the certificate names that the browser shows, if it may be added; None for any other or none."""
        try:
            return self._parts.checks.check(certificate, self._parts.clock.now()).subject if certificate else None
        except RefusedCertificateError:
            return None

    async def add(self, account: Account, certificate: bytes | None, name: str, visitor: Visitor) -> AccountCertificate:
        """Let the account sign in by the certificate that the browser shows.

        Raises `RefusedCertificateError` and `SlowDownError`.
        """
        parts = self._parts
        try:
            await parts.throttling.take(parts.throttling.for_enrolment(account.account_id), parts.clock.now())
            added = self._made(account, certificate, name)
            await self._keep(added, visitor)
        except (RefusedCertificateError, SlowDownError) as refused:
            reason = refused.obstacle if isinstance(refused, RefusedCertificateError) else "throttled"
            await parts.audit.record(
                CertificateRefused(origin=visitor.origin, reason=reason, account_id=account.account_id)
            )
            raise
        return added

    async def remove(self, account_id: AccountId, certificate_id: str, visitor: Visitor) -> bool:
        """Take a certificate away; False when the account has none of that name."""
        event = CertificateRemoved(origin=visitor.origin, account_id=account_id, certificate_id=certificate_id)
        return await self._parts.certificates.remove(account_id, certificate_id, event)

    def _made(self, account: Account, certificate: bytes | None, name: str) -> AccountCertificate:
        parts = self._parts
        if certificate is None:
            raise RefusedCertificateError(CertificateObstacle.NONE_SHOWN)
        now = parts.clock.now()
        checked = parts.checks.check(certificate, now)
        if account.kind is not AccountKind.OFFICER:
            raise RefusedCertificateError(CertificateObstacle.NOT_FOR_PEOPLE)
        return AccountCertificate(
            certificate_id=parts.entropy.identifier(),
            account_id=account.account_id,
            certificate=checked,
            name=name_of(name),
            created_at=now,
        )

    async def _keep(self, added: AccountCertificate, visitor: Visitor) -> None:
        event = CertificateAdded(
            origin=visitor.origin, account_id=added.account_id, certificate_id=added.certificate_id
        )
        if not await self._parts.certificates.add(added, MOST, event):
            held = len(await self._parts.certificates.of_account(added.account_id))
            obstacle = CertificateObstacle.TOO_MANY if held >= MOST else CertificateObstacle.ADDED_ALREADY
            raise RefusedCertificateError(obstacle)
