"""Audit events: every outcome is declared once, with its fields.

No event carries a token, a secret or a personal value: people, clients, sessions and grants are named by identifier,
and where a request came from by a keyed pseudonym (`Origin.source`).
"""

from idp.domain.events.authorization import (
    AccessRefused,
    AccessTokenRevoked,
    AuthorizationGranted,
    AuthorizationRefused,
    ClaimsReleased,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    GrantRevoked,
    LogoutAbandoned,
    LogoutDelivered,
    RefusalsCounted,
    TokenIntrospected,
    TokenRefused,
    TokensIssued,
)
from idp.domain.events.base import Event, Origin
from idp.domain.events.operation import (
    AccountLocked,
    ClientChanged,
    RecordsImported,
    SigningKeyChanged,
)
from idp.domain.events.sign_in import (
    ActivationCodeAccepted,
    ActivationCodeRefused,
    ActivationCodeSent,
    AuthenticatorEnrolled,
    PasswordAccepted,
    PasswordRefused,
    SecondFactorAccepted,
    SecondFactorPreferenceChanged,
    SecondFactorRefused,
    SessionEnded,
    SessionStarted,
)

__all__ = [
    "AccessRefused",
    "AccessTokenRevoked",
    "AccountLocked",
    "ActivationCodeAccepted",
    "ActivationCodeRefused",
    "ActivationCodeSent",
    "AuthenticatorEnrolled",
    "AuthorizationGranted",
    "AuthorizationRefused",
    "ClaimsReleased",
    "ClientChanged",
    "ConsentGiven",
    "ConsentRefused",
    "ConsentWithdrawn",
    "Event",
    "GrantRevoked",
    "LogoutAbandoned",
    "LogoutDelivered",
    "Origin",
    "PasswordAccepted",
    "PasswordRefused",
    "RecordsImported",
    "RefusalsCounted",
    "SecondFactorAccepted",
    "SecondFactorPreferenceChanged",
    "SecondFactorRefused",
    "SessionEnded",
    "SessionStarted",
    "SigningKeyChanged",
    "TokenIntrospected",
    "TokenRefused",
    "TokensIssued",
]
