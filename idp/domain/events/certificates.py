"""Events of certificates on officers' cards."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAccepted(Event):
    """An officer showed the certificate of his or her card."""

    name: ClassVar[str] = "certificate.accepted"
    account_id: AccountId
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRefused(Event):
    """A certificate let nobody in, or could not be added (`reason`). `account_id`: whose it was, or who showed it."""

    name: ClassVar[str] = "certificate.refused"
    reason: str
    account_id: AccountId | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAdded(Event):
    """An officer's account signs in by another certificate from now on (`certificate_id` is our name for it)."""

    name: ClassVar[str] = "certificate.added"
    account_id: AccountId
    certificate_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRemoved(Event):
    """An account does not sign in by a certificate any more."""

    name: ClassVar[str] = "certificate.removed"
    account_id: AccountId
    certificate_id: str
