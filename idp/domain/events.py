"""Audit events: every outcome is declared once, with its fields.

No event carries a token, a secret or a personal value: people, clients, sessions and grants are named by identifier,
and where a request came from by a keyed pseudonym (`Origin.source`).
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from idp.domain.ids import AccountId, ClientId, GrantId, RequestId, SessionId


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: its identifier and a keyed pseudonym of its network address."""

    request_id: RequestId
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every audit event has. `name` is stable: exports and dashboards rely on it."""

    name: ClassVar[str] = ""
    origin: Origin

    def fields(self) -> dict[str, Any]:
        """The event's own fields as plain values, `None` left out."""
        raw = msgspec.to_builtins(self)
        origin = raw.pop("origin")
        return {**origin, **{key: value for key, value in raw.items() if value is not None}}


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
class SecondFactorAccepted(Event):
    """A second factor was right."""

    name: ClassVar[str] = "second_factor.accepted"
    account_id: AccountId
    method: str
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRefused(Event):
    """A second factor was wrong, repeated or tried too often."""

    name: ClassVar[str] = "second_factor.refused"
    account_id: AccountId
    method: str
    reason: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """A session and every grant bound to it ended; `notified` counts the clients that are told."""

    name: ClassVar[str] = "session.ended"
    account_id: AccountId
    session_id: SessionId
    reason: str
    notified: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRefused(Event):
    """An authorization request ended in an error; `error` is the OAuth or own code."""

    name: ClassVar[str] = "authorization.refused"
    error: str
    client_id: ClientId | None = None
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationGranted(Event):
    """A client was given an authorization code."""

    name: ClassVar[str] = "authorization.granted"
    client_id: ClientId
    account_id: AccountId
    session_id: SessionId
    grant_id: GrantId
    scopes: tuple[str, ...]
    acr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Event):
    """The person agreed to share; what was agreed to is named, never its value."""

    name: ClassVar[str] = "consent.given"
    account_id: AccountId
    client_id: ClientId
    scopes: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRefused(Event):
    """The person did not agree."""

    name: ClassVar[str] = "consent.refused"
    account_id: AccountId
    client_id: ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Event):
    """The person took an earlier consent back; the client's grants ended with it."""

    name: ClassVar[str] = "consent.withdrawn"
    account_id: AccountId
    client_id: ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensIssued(Event):
    """Tokens left the token endpoint. `token_id` is the access token's `jti`."""

    name: ClassVar[str] = "tokens.issued"
    client_id: ClientId
    grant_type: str
    token_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    grant_id: GrantId | None = None
    account_id: AccountId | None = None
    generation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRefused(Event):
    """The token endpoint refused; `error` is the RFC 6749 code, `reason` the private detail."""

    name: ClassVar[str] = "tokens.refused"
    error: str
    reason: str
    client_id: ClientId | None = None
    grant_type: str | None = None
    grant_id: GrantId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRevoked(Event):
    """A grant and all its tokens ended before their time."""

    name: ClassVar[str] = "grant.revoked"
    grant_id: GrantId
    reason: str
    client_id: ClientId | None = None
    account_id: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenRevoked(Event):
    """One access token was revoked by its client (RFC 7009)."""

    name: ClassVar[str] = "access_token.revoked"
    client_id: ClientId
    token_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsReleased(Event):
    """Claims left for a client (`at`: `userinfo` or `id_token`); their names, never their values."""

    name: ClassVar[str] = "claims.released"
    client_id: ClientId
    account_id: AccountId
    grant_id: GrantId
    at: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused(Event):
    """A protected endpoint refused a bearer token or a client (`endpoint`, `error`)."""

    name: ClassVar[str] = "access.refused"
    endpoint: str
    error: str
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIntrospected(Event):
    """A client asked whether a token is active (RFC 7662)."""

    name: ClassVar[str] = "token.introspected"
    client_id: ClientId
    active: bool
    token_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutDelivered(Event):
    """A back-channel logout token was accepted by the client."""

    name: ClassVar[str] = "logout.delivered"
    client_id: ClientId
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutAbandoned(Event):
    """A back-channel logout token could not be delivered within its time; operators look into it."""

    name: ClassVar[str] = "logout.abandoned"
    client_id: ClientId
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalsCounted(Event):
    """A flood of refused anonymous requests, written once per source and second."""

    name: ClassVar[str] = "refusals.counted"
    endpoint: str
    error: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsImported(Event):
    """An operator loaded records; `counts` by kind, `digest` of the file."""

    name: ClassVar[str] = "records.imported"
    digest: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLocked(Event):
    """An account was locked (`locked`) or unlocked by an operator or a rule (`reason`)."""

    name: ClassVar[str] = "account.lock"
    account_id: AccountId
    locked: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeyChanged(Event):
    """A signing key entered a new state."""

    name: ClassVar[str] = "signing_key.changed"
    key_id: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged(Event):
    """A client was registered, changed, disabled, or given another secret (`change`)."""

    name: ClassVar[str] = "client.changed"
    client_id: ClientId
    change: str
