"""What an audit event adds to the numbers."""

from collections.abc import Iterator
from typing import Final

from idp.adapters.observability import families
from idp.adapters.observability.numbers import Labels
from idp.domain.events import (
    ActivationCodeAccepted,
    ActivationCodeRefused,
    CertificateAccepted,
    CertificateRefused,
    ChallengeMet,
    ChallengeRefused,
    Event,
    PasskeyAccepted,
    PasskeyRefused,
    PasswordAccepted,
    PasswordRefused,
    RefusalsCounted,
    SecondFactorAccepted,
    SecondFactorRefused,
    SessionStarted,
    TokenRefused,
    TokensIssued,
)

_EVENTS: Final = families.AUDIT_EVENTS.name
_SIGN_INS: Final = families.SIGN_INS.name
_SESSIONS: Final = families.SESSIONS_STARTED.name
_CHALLENGES: Final = families.CHALLENGES.name
_ISSUED: Final = families.TOKENS_ISSUED.name
_REFUSED: Final = families.TOKENS_REFUSED.name
_PASSWORD: Final = "password"
_PROOFS: Final[dict[type[Event], Labels]] = {
    PasswordAccepted: (_PASSWORD, "accepted"),
    PasswordRefused: (_PASSWORD, "refused"),
    PasskeyAccepted: ("passkey", "accepted"),
    PasskeyRefused: ("passkey", "refused"),
    ActivationCodeAccepted: ("activation_code", "accepted"),
    ActivationCodeRefused: ("activation_code", "refused"),
    CertificateAccepted: ("certificate", "accepted"),
    CertificateRefused: ("certificate", "refused"),
}

Count = tuple[str, Labels, float]


def counts_of(event: Event) -> Iterator[Count]:
    """Yield the counters that `event` adds to: name, label values, how much."""
    yield _EVENTS, (event.name,), 1
    match event:
        case TokensIssued():
            yield _ISSUED, (event.grant_type,), 1
        case TokenRefused():
            yield _REFUSED, (event.error,), 1
        case RefusalsCounted():
            yield from _flood(event)
        case SessionStarted():
            yield _SESSIONS, ("step_up" if event.stepped_up else "sign_in",), 1
        case ChallengeMet():
            yield _CHALLENGES, (event.way,), 1
        case ChallengeRefused():
            yield _CHALLENGES, (event.reason,), 1
        case SecondFactorAccepted():
            yield _SIGN_INS, (str(event.method), "accepted"), 1
        case SecondFactorRefused():
            yield _SIGN_INS, (str(event.method), "refused"), 1
        case _ if type(event) in _PROOFS:
            yield _SIGN_INS, _PROOFS[type(event)], 1
        case _:
            pass


def _flood(event: RefusalsCounted) -> Iterator[Count]:
    """A flood is one event for many refusals (`idp.journeys.floods`); numbers count them all."""
    if event.endpoint == "token":
        yield _REFUSED, (event.error,), event.count
    elif event.endpoint == "sign-in":
        yield _SIGN_INS, (_PASSWORD, "refused"), event.count
    elif event.endpoint == "passkey":
        yield _SIGN_INS, ("passkey", "refused"), event.count
    elif event.endpoint == "challenge":
        yield _CHALLENGES, (event.error,), event.count
