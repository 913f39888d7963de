"""What a person takes away of what protects the account: what signs in, where, what happened, and who lets one in."""

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from idp.domain.abuse.browser_kind import BrowserKind
from idp.domain.accounts.recovery import TrustedPerson
from idp.domain.ids import AccountId
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.clock import Clock
from idp.ports.own_contacts import OwnContacts
from idp.ports.passkeys import Passkeys
from idp.ports.person_certificates import AccountCertificates
from idp.ports.recoveries import Recoveries, TrustedPeople
from idp.ports.security_alerts import SecurityAlerts
from idp.ports.security_history import SecurityHistory
from idp.ports.session_records import SessionRecords
from idp.ports.sign_in_history import SignInHistory
from idp.ports.trusted_browsers import TrustedBrowsers

PAGE: Final = 200
_MOST_SESSIONS: Final = 1000
_MOST_REQUESTS: Final = 100_000
"""Far more than the throttles let anybody begin in the year for which they are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyExportPorts:
    """Where it lies."""

    authenticators: Authenticators
    passkeys: Passkeys
    certificates: AccountCertificates
    sessions: SessionRecords
    trusted: TrustedBrowsers
    history: SecurityHistory
    past: SignInHistory
    alerts: SecurityAlerts
    contacts: OwnContacts
    people: TrustedPeople
    recoveries: Recoveries
    accounts: Accounts
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
            "past_sign_ins": self._past(account_id),
            "security_alerts": self._alerts(account_id),
            "contact_changes": self._changes(account_id),
            "trusted_people": self._people(account_id),
            "trusted_by": self._trusted_by(account_id),
            "recovery_requests": self._requests(account_id),
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

    async def _past(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for one in await self._at.past.of_account(account_id):
            yield {"at": one.at, "place": None if one.place is None else msgspec.to_builtins(one.place)}

    async def _alerts(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        before = ""
        while page := await self._at.alerts.of_account(account_id, before, PAGE):
            for one in page:
                yield {"at": one.at, "kind": one.kind.value, "place": one.place, "seen_at": one.seen_at}
            if len(page) < PAGE:
                return
            before = page[-1].alert_id

    async def _changes(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for one in await self._at.contacts.of_account(account_id):
            yield {
                "kind": one.kind.value,
                "former": None if one.former is None else one.former.address,
                "changed_at": one.changed_at,
                "held_until": one.held_until,
                "undone_at": one.undone_at,
            }

    async def _people(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for one in await self._at.people.of_account(account_id):
            yield await self._bond(one, one.helper)

    async def _trusted_by(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for one in await self._at.people.trusting(account_id):
            yield await self._bond(one, one.account_id)

    async def _bond(self, person: TrustedPerson, other: AccountId) -> dict[str, Any]:
        profile = await self._at.accounts.profile(other)
        name = profile.claims.get("name") if profile else None
        return {"name": name, "named_at": person.named_at, "accepted_at": person.accepted_at}

    async def _requests(self, account_id: AccountId) -> AsyncIterator[dict[str, Any]]:
        for one in await self._at.recoveries.of_account(account_id, self._at.clock.now(), _MOST_REQUESTS):
            yield {
                "way": one.way.value,
                "lost": sorted(one.lost),
                "words_needed": one.needed,
                "words_given": one.confirmed,
                "asked_at": one.asked_at,
                "ready_at": one.ready_at,
                "expires_at": one.expires_at,
                "ended": None if one.ended is None else one.ended.value,
                "ended_at": one.ended_at,
            }


def _kind(browser: BrowserKind) -> dict[str, str]:
    return {"browser": browser.family.value, "system": browser.system.value}
