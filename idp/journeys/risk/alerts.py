"""Alerts read from the audit trail: no sign-in waits for them, and whatever leaves an event can alert.

Changes of contacts bring their own alerts in their transaction, since no event tells where the former contact was.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from idp.domain import events as told
from idp.domain.abuse.risk import Risk
from idp.domain.accounts.recovery import Way
from idp.domain.accounts.security_alert import AlertKind, SecurityAlert
from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Method
from idp.journeys.trail_reading import Projection, TrailReader
from idp.ports.audit import AuditLog
from idp.ports.security_alerts import SecurityAlerts

Fields = Mapping[str, Any]
Applies = Callable[[Fields], bool]

DENIED: Final = frozenset({"denied", "wrong_number"})
"""Refusals of a sign-in by phone that its owner meant, or that somebody guessed at."""

TRUSTED: Final = frozenset({"named", "accepted"})
"""Changes by which somebody comes closer to letting others into the account."""

COUNTER: Final = "counter"
"""Why a passkey is refused whose counter went back."""

_payload: Final = msgspec.json.Decoder(dict[str, Any])


def _always(_: Fields) -> bool:
    return True


def _never(_: Fields) -> bool:
    return False


ALERTS: Final[Mapping[str, tuple[AlertKind, Applies]]] = MappingProxyType(
    {
        told.NewDeviceSignedIn.name: (AlertKind.NEW_DEVICE, _always),
        told.SignInAssessed.name: (
            AlertKind.RISK_RAISED,
            lambda event: event["risk"] in {Risk.RAISED.name.lower(), Risk.HIGH.name.lower()},
        ),
        told.PasswordChanged.name: (AlertKind.PASSWORD_CHANGED, _always),
        told.AuthenticatorEnrolled.name: (AlertKind.AUTHENTICATOR_ADDED, _always),
        told.AuthenticatorAdded.name: (AlertKind.AUTHENTICATOR_ADDED, _always),
        told.PasskeyAdded.name: (AlertKind.AUTHENTICATOR_ADDED, _always),
        told.CertificateAdded.name: (AlertKind.AUTHENTICATOR_ADDED, _always),
        told.AuthenticatorRemoved.name: (AlertKind.AUTHENTICATOR_REMOVED, _always),
        told.PasskeyRemoved.name: (AlertKind.AUTHENTICATOR_REMOVED, _always),
        told.CertificateRemoved.name: (AlertKind.AUTHENTICATOR_REMOVED, _always),
        told.SecondFactorPreferenceChanged.name: (AlertKind.ALWAYS_ASK_OFF, lambda event: not event["always"]),
        told.PasskeyRefused.name: (AlertKind.PASSKEY_COPIED, lambda event: event["reason"] == COUNTER),
        told.SecondFactorAccepted.name: (
            AlertKind.RECOVERY_CODE_USED,
            lambda event: event["method"] == Method.RECOVERY_CODE,
        ),
        told.RecoveryCodesRenewed.name: (AlertKind.RECOVERY_CODES_RENEWED, _always),
        told.RecoveryAsked.name: (AlertKind.RECOVERY_BEGUN, _always),
        # A way in like the others; what its message says, and stops, is told by what it names.
        told.ActivationLinkMade.name: (AlertKind.RECOVERY_BEGUN, _always),
        told.RecoveryConfirmed.name: (AlertKind.RECOVERY_CONFIRMED, _always),
        told.RecoveryStopped.name: (AlertKind.RECOVERY_VETOED, _always),
        told.AccountRecovered.name: (AlertKind.RECOVERY_COMPLETED, _always),
        told.TrustedPersonChanged.name: (AlertKind.TRUSTED_PERSON, lambda event: event["change"] in TRUSTED),
        told.PhoneSignInRefused.name: (AlertKind.PHONE_REFUSED, lambda event: event["reason"] in DENIED),
        told.AccountLocked.name: (AlertKind.ACCOUNT_LOCKED, lambda event: bool(event["locked"])),
    }
)
"""Which events alert whom they are about, by the name that they have for ever."""

CAN_BE_STOPPED: Final = frozenset({AlertKind.RECOVERY_BEGUN, AlertKind.RECOVERY_CONFIRMED})
"""Alerts whose message brings a link that stops what they are about."""

_NEVER_BY_STRANGERS: Final[Mapping[AlertKind, Applies]] = MappingProxyType(
    {
        AlertKind.RECOVERY_CONFIRMED: _always,
        # Links know no way: whoever makes one administers.
        AlertKind.RECOVERY_BEGUN: lambda event: event.get("way", Way.OFFICE) in {Way.COUNTER, Way.OFFICE},
    }
)
"""Alerts with a link that stops something, and that it takes helpers or an officer to cause: each of them leaves."""


class AlertReader:
    """Reads the audit trail on."""

    def __init__(self, log: AuditLog, alerts: SecurityAlerts) -> None:
        self._reader = TrailReader(log, Projection(alerts.position, alerts.add, alert_of, frozenset(ALERTS)))

    async def read_on(self, may_go_on: Callable[[], bool]) -> int:
        """Read to the end, in steps, asking `may_go_on` before each; how many alerts were made."""
        return await self._reader.read_on(may_go_on)


def alert_of(record: AuditRecord) -> SecurityAlert | None:
    """Return the alert that a record makes, or None."""
    found = ALERTS.get(record.name)
    if found is None:
        return None
    event = _payload.decode(record.payload)["event"]
    kind, applies = found
    account_id = event.get("account_id")
    if account_id is None or not applies(event):
        return None
    return SecurityAlert(
        # Sorts by time, and is the same whoever reads the record.
        alert_id=f"{record.at_milliseconds:014d}-{record.stream}-{record.sequence}",
        account_id=AccountId(account_id),
        kind=kind,
        at=Seconds(record.at_milliseconds // 1000),
        place=event.get("place"),
        reference=event.get("recovery_id") if kind in CAN_BE_STOPPED else None,
        is_limited=not _NEVER_BY_STRANGERS.get(kind, _never)(event),
    )
