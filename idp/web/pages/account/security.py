"""`/account/security`: what signs in, where one is signed in, which browsers are trusted, and what happened."""

from typing import Final

from idp.domain.accounts.security_alert import SecurityAlert
from idp.domain.accounts.security_event import SecurityEvent
from idp.domain.clients.client import ClientAudience
from idp.domain.ids import ClientId, Seconds, SessionId
from idp.domain.levels.assurance import Level, Resistance
from idp.domain.levels.requirement import Need, Requirement
from idp.domain.values import dataclass
from idp.journeys.account_security.browser_trust import BrowserTrust
from idp.journeys.account_security.fresh_codes import FreshRecoveryCodes
from idp.journeys.account_security.own_authenticators import OwnAuthenticator, OwnAuthenticators
from idp.journeys.account_security.own_sessions import OpenSession, OwnSessions
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.ports.security_alerts import SecurityAlerts
from idp.ports.security_history import SecurityHistory
from idp.web.moments import moment_of
from idp.web.pages.account.data import PAGE
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.account_security import (
    AuthenticatorRow,
    HappenedRow,
    SecurityHistoryPage,
    SecurityNotice,
    SecurityPage,
    SessionRow,
    TrustedRow,
)

PATH: Final = "/account/security"
HISTORY: Final = f"{PATH}/history"
SESSIONS: Final = f"{PATH}/sessions"
TRUSTED: Final = f"{PATH}/trusted-browsers"
AUTHENTICATORS: Final = f"{PATH}/authenticators"

FRESH: Final = 300
"""Seconds since the sign-in within which somebody may change what signs in."""

_LATEST: Final = 5
"""Events and alerts that stand on the first page."""

_ALERTING: Final = 30 * 24 * 3600
"""Seconds that an alert stands there."""


class SecurityDesk:
    """Lets people in, and draws what all these pages have in common."""

    def __init__(self, sessions: Sessions, sign_in: SignIn, desk: Desk) -> None:
        self._sessions = sessions
        self._sign_in = sign_in
        self.desk = desk

    async def let_in(self, visit: Visit, back_to: str = PATH) -> CurrentSession | Answer:
        """Return who is signed in, by whatever; else the way to sign in, which leads to `back_to`."""
        current = await self._sessions.current(visit.session_token)
        if current is not None:
            return current
        return await self._lead(visit, None, Demand(level=Level.ONE, return_to=back_to, reauthenticate=True))

    async def let_change(
        self, visit: Visit, back_to: str, *, resistance: Resistance = Resistance.NONE, fresh_within: int = FRESH
    ) -> CurrentSession | Answer:
        """Return who proved this a moment ago, two factors at least; else the way there, which leads to `back_to`."""
        asked = Requirement(Level.TWO, fresh_within, resistance)
        current = await self._sessions.current(visit.session_token)
        need = await self._sign_in.need(asked, current) if current else Need.SIGN_IN
        if current is not None and need is Need.NOTHING:
            return current
        demand = Demand(
            level=Level.TWO,
            audience=ClientAudience(current.account.kind.value) if current else ClientAudience.BOTH,
            reauthenticate=need is Need.SIGN_IN,
            return_to=back_to,
            resistance=resistance,
        )
        return await self._lead(visit, current, demand)

    def told(self, visit: Visit, notice: SecurityNotice) -> Answer:
        """Go back to the first page, which says what was done."""
        return self.desk.redirect(visit, f"{PATH}?notice={notice}")

    async def _lead(self, visit: Visit, current: CurrentSession | None, demand: Demand) -> Answer:
        return self.desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyParts:
    """What the pages show and change."""

    authenticators: OwnAuthenticators
    codes: FreshRecoveryCodes
    sessions: OwnSessions
    trust: BrowserTrust
    alerts: SecurityAlerts
    history: SecurityHistory
    clients: Clients
    clock: Clock


class SecurityPages:
    """The first page and the history."""

    def __init__(self, parts: SafetyParts, desk: SecurityDesk) -> None:
        self._parts = parts
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET `/account/security`."""
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        parts, account_id = self._parts, current.account.account_id
        now = parts.clock.now()
        happened = await parts.history.of_account(account_id, "", _LATEST)
        told = await parts.alerts.of_account(account_id, "", _LATEST)
        alerts = [one for one in told if one.at > now - _ALERTING]
        trusted = await self._trusted(visit, current)
        page = SecurityPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            authenticators=tuple(row_of(one, now) for one in await parts.authenticators.of(account_id)),
            codes_left=await parts.codes.left(account_id),
            sessions=tuple(_session_row(one) for one in await parts.sessions.of(current)),
            trusted=trusted,
            can_trust=self._can_trust(visit, current) and not any(one.is_this for one in trusted),
            alerts=tuple(_alert_row(one) for one in alerts),
            happened=await self._rows(visit, happened),
            takes_certificates=parts.authenticators.takes_certificates,
            notice=_notice(visit.query.get("notice")),
        )
        if alerts:
            await parts.alerts.mark_seen(account_id, now)
        return self._desk.desk.page(visit, page)

    async def show_history(self, visit: Visit) -> Answer:
        """GET `/account/security/history`; `after` is the last event of the page before."""
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        after = visit.query.get("after", "")
        found = await self._parts.history.of_account(current.account.account_id, after, PAGE + 1)
        page = SecurityHistoryPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            rows=await self._rows(visit, found[:PAGE]),
            next_href=f"{HISTORY}?after={found[PAGE - 1].event_id}" if len(found) > PAGE else None,
            first=not after,
        )
        return self._desk.desk.page(visit, page)

    async def end_session(self, visit: Visit) -> Answer:
        """POST: end one other session. Whoever is signed in at all may, since it only protects."""
        await visit.form()
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        session_id = SessionId(visit.parameter("session_id"))
        if await self._parts.sessions.end(current, session_id, visit.visitor.origin):
            return self._desk.told(visit, SecurityNotice.SESSION_ENDED)
        return self._desk.desk.redirect(visit, PATH)

    async def end_others(self, visit: Visit) -> Answer:
        """POST: end every other session."""
        await visit.form()
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        await self._parts.sessions.end_others(current, visit.visitor.origin)
        return self._desk.told(visit, SecurityNotice.OTHERS_ENDED)

    async def trust(self, visit: Visit) -> Answer:
        """POST: trust this browser, on which two factors were proved."""
        await visit.form()
        current = await self._desk.let_change(visit, PATH)
        if isinstance(current, Answer):
            return current
        if await self._parts.trust.trust(current, visit.visitor):
            return self._desk.told(visit, SecurityNotice.TRUSTED)
        return self._desk.desk.redirect(visit, PATH)

    async def distrust(self, visit: Visit) -> Answer:
        """POST: trust one browser no more."""
        await visit.form()
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        account_id = current.account.account_id
        if await self._parts.trust.revoke(account_id, visit.parameter("browser_id"), visit.visitor):
            return self._desk.told(visit, SecurityNotice.DISTRUSTED)
        return self._desk.desk.redirect(visit, PATH)

    async def distrust_all(self, visit: Visit) -> Answer:
        """POST: trust no browser any more."""
        await visit.form()
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        await self._parts.trust.revoke_all(current.account.account_id, visit.visitor)
        return self._desk.told(visit, SecurityNotice.DISTRUSTED)

    def _can_trust(self, visit: Visit, current: CurrentSession) -> bool:
        known = self._parts.trust.identify(current.account.account_id, visit.visitor)
        return known is not None and current.session.level >= Level.TWO

    async def _trusted(self, visit: Visit, current: CurrentSession) -> tuple[TrustedRow, ...]:
        account_id = current.account.account_id
        this = self._parts.trust.identify(account_id, visit.visitor)
        return tuple(
            TrustedRow(
                browser=one.browser,
                place=one.place,
                trusted_at=moment_of(one.trusted_at),
                ends_at=moment_of(one.expires_at),
                revoke_action=f"{TRUSTED}/{one.browser_id}/revoke",
                is_this=one.browser_id == this,
            )
            for one in await self._parts.trust.of(account_id)
        )

    async def _rows(self, visit: Visit, happened: tuple[SecurityEvent, ...]) -> tuple[HappenedRow, ...]:
        return tuple([await self._row(visit, one) for one in happened])

    async def _row(self, visit: Visit, one: SecurityEvent) -> HappenedRow:
        client_id = one.details.get("client_id")
        client = await self._parts.clients.get(ClientId(client_id)) if client_id else None
        return HappenedRow(
            name=one.name,
            at=moment_of(one.at),
            details=one.details,
            service=client.name_in(visit.locale) if client else None,
        )


def row_of(one: OwnAuthenticator, now: Seconds) -> AuthenticatorRow:
    """What a page tells of something to sign in with."""
    return AuthenticatorRow(
        kind=one.kind.value,
        href=f"{AUTHENTICATORS}/{one.kind}/{one.identifier}",
        name=one.name,
        added_at=moment_of(one.added_at),
        last_used_at=None if one.last_used_at is None else moment_of(one.last_used_at),
        is_synced=one.is_synced,
        ends_at=None if one.ends_at is None else moment_of(one.ends_at),
        has_ended=one.ends_at is not None and one.ends_at <= now,
    )


def _session_row(one: OpenSession) -> SessionRow:
    return SessionRow(
        browser=one.record.browser,
        place=one.record.place,
        started_at=moment_of(one.record.started_at),
        used_at=moment_of(one.used_at),
        end_action=None if one.is_this else f"{SESSIONS}/{one.record.session_id}/end",
    )


def _alert_row(one: SecurityAlert) -> HappenedRow:
    return HappenedRow(name=one.kind.value, at=moment_of(one.at))


def _notice(name: str | None) -> SecurityNotice | None:
    return SecurityNotice(name) if name in {notice.value for notice in SecurityNotice} else None
