"""Words alerts to people in their language, and sends them by e-mail or to a telephone."""

from typing import Final

from idp.domain.accounts.account import Contact
from idp.domain.accounts.security_alert import AlertKind, SecurityAlert
from idp.journeys.activation_codes import LIFETIMES, Channel
from idp.journeys.contact_links import ContactLinks
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.web.moments import moment_of
from idp.web.place_names import place_name
from idp.web.views.mail import CodeMessage
from idp.web.views.security_mail import (
    ContactCodeMail,
    ContactTakenMail,
    ContactTakenMessage,
    SecurityAlertMail,
    SecurityAlertMessage,
)
from idp.web.wording.alerts import words_of
from idp.web.written_words import WrittenWords

CODE_MINUTES: Final = LIFETIMES[Channel.CONTACT] // 60


class SentSecurityNotices:
    """Implements `SecurityNotices` and `ContactMessages`."""

    def __init__(self, words: WrittenWords, undoing: ContactLinks, stopping: RecoveryTokens, *, issuer: str) -> None:
        self._words = words
        self._undoing = undoing
        self._stopping = stopping
        self._issuer = issuer

    async def alert(self, contact: Contact, alert: SecurityAlert, locale: str) -> None:
        said, link = words_of(alert), self._link(alert)
        await self._words.send(
            contact,
            locale,
            lambda spoken: SecurityAlertMail(
                locale=spoken,
                words=said,
                happened_at=moment_of(alert.at),
                place=place_name(alert.place, spoken),
                link=link,
            ),
            lambda spoken: SecurityAlertMessage(locale=spoken, words=said, link=link),
        )

    async def reaches(self, contact: Contact) -> bool:
        return await self._words.reaches(contact)

    async def contact_code(self, contact: Contact, code: str, locale: str) -> None:
        await self._words.send(
            contact,
            locale,
            lambda spoken: ContactCodeMail(locale=spoken, code=code, valid_minutes=CODE_MINUTES),
            lambda spoken: CodeMessage(locale=spoken, code=code, valid_minutes=CODE_MINUTES),
        )

    async def contact_taken(self, contact: Contact, locale: str) -> None:
        await self._words.send(
            contact,
            locale,
            lambda spoken: ContactTakenMail(locale=spoken),
            lambda spoken: ContactTakenMessage(locale=spoken),
        )

    def _link(self, alert: SecurityAlert) -> str:
        """Where the person acts: to undo or stop what the alert names, to get back in, or the account's own page."""
        if alert.kind is AlertKind.CONTACT_CHANGED and alert.reference:
            return f"{self._issuer}/account/contacts/undo/{self._undoing.token(alert.reference)}"
        if alert.kind in {AlertKind.RECOVERY_BEGUN, AlertKind.RECOVERY_CONFIRMED} and alert.reference:
            return f"{self._issuer}/recover/stop/{self._stopping.stop(alert.reference)}"
        if alert.kind in {AlertKind.PASSWORD_CHANGED, AlertKind.RECOVERY_COMPLETED}:
            return f"{self._issuer}/recover"
        if alert.kind is AlertKind.TRUSTED_PERSON:
            return f"{self._issuer}/account/recovery"
        return f"{self._issuer}/help" if alert.kind is AlertKind.ACCOUNT_LOCKED else f"{self._issuer}/account/security"
