"""Events of signing in: what was proved or refused, sessions, and second factors enrolled."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId, SessionId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordAccepted(Event):
    """The password of an account was right; nobody is signed in yet."""

    name: ClassVar[str] = "password.accepted"
    account_id: AccountId
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRefused(Event):
    """A password was wrong, or the identifier unknown (`account_id` absent)."""

    name: ClassVar[str] = "password.refused"
    reason: str
    account_id: AccountId | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """An account got another password; every session and grant that the old one had opened ended with it."""

    name: ClassVar[str] = "password.changed"
    account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorAccepted(Event):
    """A second factor was right; `evidence` is the SHA-256 of what a service signed about it, where one did."""

    name: ClassVar[str] = "second_factor.accepted"
    account_id: AccountId
    method: str
    client_id: ClientId | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRefused(Event):
    """A second factor was wrong, repeated or tried too often."""

    name: ClassVar[str] = "second_factor.refused"
    account_id: AccountId
    method: str
    reason: str
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCheckStarted(Event):
    """A face is compared at the biometric verifier for a sign-in (`check_id` is the comparison's name there)."""

    name: ClassVar[str] = "face_check.started"
    account_id: AccountId
    check_id: str
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationCodeSent(Event):
    """A code left for a verified contact, or was handed over at a counter (`channel`)."""

    name: ClassVar[str] = "activation_code.sent"
    account_id: AccountId
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationCodeRefused(Event):
    """An activation code was wrong, old or tried too often."""

    name: ClassVar[str] = "activation_code.refused"
    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationCodeAccepted(Event):
    """The person holds a verified contact, or stood at a counter."""

    name: ClassVar[str] = "activation_code.accepted"
    account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorEnrolled(Event):
    """A second factor was enrolled, its recovery codes with it."""

    name: ClassVar[str] = "authenticator.enrolled"
    account_id: AccountId
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorPreferenceChanged(Event):
    """The person chose whether to be asked for a second factor always."""

    name: ClassVar[str] = "account.second_factor_preference"
    account_id: AccountId
    always: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(Event):
    """Somebody is signed in, or proved more inside a session (`stepped_up`)."""

    name: ClassVar[str] = "session.started"
    account_id: AccountId
    session_id: SessionId
    acr: str
    amr: tuple[str, ...]
    stepped_up: bool
    client_id: ClientId | None = None
    account_kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """A session and every grant bound to it ended; `notified` counts the clients that are told."""

    name: ClassVar[str] = "session.ended"
    account_id: AccountId
    session_id: SessionId
    reason: str
    notified: int = 0
