"""What a person takes away of what protects the account: what signs in, where, and what happened."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from idp.domain.browser_kind import BrowserKind
from idp.domain.ids import AccountId
from idp.ports.accounts import Authenticators
from idp.ports.clock import Clock
from idp.ports.passkeys import Passkeys
from idp.ports.person_certificates import AccountCertificates
from idp.ports.security_history import SecurityHistory
from idp.ports.session_records import SessionRecords
from idp.ports.trusted_browsers import TrustedBrowsers

PAGE: Final = 200
_MOST_SESSIONS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyExportPorts:
    """Where it lies."""

    authenticators: Authenticators
    passkeys: Passkeys
    certificates: AccountCertificates
    sessions: SessionRecords
    trusted: TrustedBrowsers
    history: SecurityHistory
    clock: Clock


class SafetyExport:
    """Lists it; no secret, no hash and nothing that a browser shows is among it."""

    def __init__(self, ports: SafetyExportPorts) -> None:
        self._at = ports

    def lists(self, account_id: AccountId) -> dict[str, AsyncIterator[dict[str, Any]]]:
        """The lists by name."""
        return {
            "ways_to_sign_in": self._ways(account_id),
            "sessions": self._sessions(account_id),
            "trusted_browsers": self._trusted(account_id),
            "security_events": self._events(account_id),
        }

    async def _ways(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for one in await self._at.authenticators.enrolled(account_id):
            yield {
                "kind": one.kind.value,
                "name": one.name or None,
                "enrolled_at": one.created_at,
                "last_used_at": one.last_used_at,
                "codes_left": one.remaining or None,
            }
        for key in await self._at.passkeys.of_account(account_id):
            yield {
                "kind": key.method.value,
                "name": key.name or None,
                "enrolled_at": key.created_at,
                "last_used_at": key.last_used_at,
            }
        for card in await self._at.certificates.of_account(account_id):
            yield {
                "kind": "certificate",
                "name": card.name or None,
                "subject": card.certificate.subject,
                "enrolled_at": card.created_at,
                "last_used_at": card.last_used_at,
            }

    async def _sessions(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for one in await self._at.sessions.of_account(account_id, self._at.clock.now(), _MOST_SESSIONS):
            yield {**_kind(one.browser), "place": one.place, "started_at": one.started_at, "ends_at": one.expires_at}

    async def _trusted(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for one in await self._at.trusted.of_account(account_id, self._at.clock.now()):
            yield {**_kind(one.browser), "place": one.place, "trusted_at": one.trusted_at, "ends_at": one.expires_at}

    async def _events(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        after = ""
        while page := await self._at.history.of_account(account_id, after, PAGE):
            for one in page:
                yield {"at": one.at, "name": one.name, "details": one.details}
            if len(page) < PAGE:
                return
            after = page[-1].event_id


def _kind(browser: BrowserKind) -> dict[str, str]:
    return {"browser": browser.family.value, "system": browser.system.value}
