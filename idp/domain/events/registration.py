"""Events of registering oneself, and of proving one's identity from afar."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRefused(Event):
    """What somebody typed opens no account (`reason`). `account_id`: that of whoever has one already."""

    name: ClassVar[str] = "registration.refused"
    reason: str
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationCodeSent(Event):
    """The register confirmed what was typed, and a code left for the contact."""

    name: ClassVar[str] = "registration.code_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationCodeRefused(Event):
    """A code for a contact was wrong, old or tried too often."""

    name: ClassVar[str] = "registration.code_refused"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistered(Event):
    """Somebody opened an account and has an identity level, proved by `source`."""

    name: ClassVar[str] = "account.registered"
    account_id: AccountId
    level: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BiometricConsentGiven(Event):
    """A person agreed explicitly to one comparison of face and portrait, in the version `wording`."""

    name: ClassVar[str] = "biometric_consent.given"
    account_id: AccountId
    wording: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteProofingStarted(Event):
    """A check began at the biometric verifier (`check_id` is its name there)."""

    name: ClassVar[str] = "remote_proofing.started"
    account_id: AccountId
    check_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteProofingRefused(Event):
    """A proof from afar did not come about."""

    name: ClassVar[str] = "remote_proofing.refused"
    account_id: AccountId
    reason: str
    check_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvedRemotely(Event):
    """A person reached an identity level from afar; `evidence` is the SHA-256 of what the verifier signed."""

    name: ClassVar[str] = "remote_proofing.passed"
    account_id: AccountId
    level: int
    check_id: str
    evidence: str
