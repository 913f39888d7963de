"""What happened to the safety of accounts, read from the audit trail: no sign-in pays for what people see later."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from idp.domain import events
from idp.domain.accounts.security_event import SecurityEvent, event_identifier
from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.audit.audit_query import event_fields
from idp.domain.ids import AccountId, Seconds
from idp.journeys.trail_reading import Projection, TrailReader
from idp.ports.audit import AuditLog
from idp.ports.security_history import SecurityHistory

_SIGN_IN: Final = ("amr", "client_id", "stepped_up")
_REFUSED: Final = ("method", "reason", "client_id")

TOLD: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        events.SessionStarted.name: _SIGN_IN,
        events.SessionEnded.name: ("reason",),
        events.PasswordRefused.name: ("reason", "client_id"),
        events.PasswordChanged.name: (),
        events.SecondFactorRefused.name: _REFUSED,
        events.AuthenticatorEnrolled.name: ("method",),
        events.AuthenticatorAdded.name: ("method",),
        events.AuthenticatorRemoved.name: ("method",),
        events.RecoveryCodesRenewed.name: (),
        events.SecondFactorPreferenceChanged.name: ("always",),
        events.BrowserTrusted.name: (),
        events.BrowserDistrusted.name: ("all_of_them",),
        events.PasskeyAdded.name: (),
        events.PasskeyRemoved.name: (),
        events.PasskeyRefused.name: ("reason",),
        events.CertificateAdded.name: (),
        events.CertificateRemoved.name: (),
        events.PhoneSignInAllowed.name: (),
        events.PhoneSignInRefused.name: ("reason",),
        events.NewDeviceSignedIn.name: (),
        events.ContactChanged.name: ("kind",),
        events.ContactRestored.name: ("kind",),
        events.AccountActivated.name: (),
        events.AccountRegistered.name: (),
        events.RecoveryAsked.name: ("way",),
        events.RecoveryConfirmed.name: (),
        events.RecoveryRefused.name: ("reason", "evidence"),
        events.RecoveryStopped.name: ("veto",),
        events.AccountRecovered.name: ("way", "reset"),
        events.TrustedPersonChanged.name: ("change",),
        events.AccountLocked.name: ("locked", "reason"),
        events.DataExported.name: (),
        events.AccountClosing.name: ("asked",),
    }
)
"""The events that an owner is told, and which of their fields."""


class SecurityHistoryReader:
    """Reads the audit trail on."""

    def __init__(self, log: AuditLog, history: SecurityHistory) -> None:
        self._reader = TrailReader(log, Projection(history.position, history.add, security_event_of, frozenset(TOLD)))

    async def read_on(self, may_go_on: Callable[[], bool]) -> int:
        """Read to the end, in steps, asking `may_go_on` before each; how many events were stored."""
        return await self._reader.read_on(may_go_on)


def security_event_of(record: AuditRecord) -> SecurityEvent | None:
    """Return what a record tells the owner of an account, or None."""
    wanted = TOLD.get(record.name)
    if wanted is None:
        return None
    fields = event_fields(record)
    account_id = fields.get("account_id")
    if not account_id:
        return None
    return SecurityEvent(
        event_id=event_identifier(record.at_milliseconds, record.stream, record.sequence),
        account_id=AccountId(account_id),
        at=Seconds(record.at_milliseconds // 1000),
        name=record.name,
        details={name: _told(fields[name]) for name in wanted if fields.get(name) is not None},
    )


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else str(value)
