"""Words messages to people in their language and hands them to the mailer."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.ids import Seconds
from idp.journeys.activation_codes import LIFETIMES, Channel
from idp.ports.clock import Clock
from idp.ports.mail import Mail, Mailer, MailError
from idp.ports.messages import Messenger
from idp.web.language import negotiate_locale
from idp.web.moments import moment_of
from idp.web.rendering import Renderer
from idp.web.views import (
    AccountClosesMail,
    ActivationCodeMail,
    AlreadyRegisteredMail,
    ApprovalWaitsMail,
    CodeMessage,
    IdentityAgesMail,
    IdentityVerifiedMail,
    IdleAccountMail,
    Locale,
    MailView,
    RegistrationCodeMail,
    RegistrationRefusedMail,
    WardTurnedMail,
)
from idp.web.written_words import WrittenWords

_ACTIVATION_MINUTES: Final = LIFETIMES[Channel.CONTACT] // 60


class MailedNotifications:
    """`idp.ports.notifications.Notifications` by e-mail; a contact that is no e-mail address raises `MailError`.

    Codes go to telephones too.
    """

    def __init__(
        self, renderer: Renderer, mailer: Mailer, messenger: Messenger, clock: Clock, *, account_url: str
    ) -> None:
        self._renderer = renderer
        self._mailer = mailer
        self._words = WrittenWords(renderer, mailer, messenger)
        self._clock = clock
        self._account_url = account_url

    async def activation_code(self, contact: Contact, code: str, locale: str) -> None:
        """Send the code that proves the contact, which may be a telephone."""
        await self._words.send(
            contact,
            locale,
            lambda spoken: ActivationCodeMail(locale=spoken, code=code, valid_minutes=_ACTIVATION_MINUTES),
            lambda spoken: CodeMessage(locale=spoken, code=code, valid_minutes=_ACTIVATION_MINUTES),
        )

    async def idle_account(self, contact: Contact, locks_at: Seconds, locale: str) -> None:
        """Tell when the account will be locked."""
        day, url = moment_of(locks_at), self._account_url
        await self._send(contact, locale, lambda spoken: IdleAccountMail(locale=spoken, locks_on=day, account_url=url))

    async def identity_ages(self, contact: Contact, ends_at: Seconds, locale: str) -> None:
        """Tell until when the identity counts as proved."""
        last_day, url = moment_of(ends_at - 1), self._account_url
        await self._send(
            contact, locale, lambda spoken: IdentityAgesMail(locale=spoken, last_day=last_day, account_url=url)
        )

    async def account_closes(self, contact: Contact, closes_at: Seconds, locale: str) -> None:
        """Tell when the account closes, and where to keep it."""
        day, url = moment_of(closes_at), f"{self._account_url}/closing"
        await self._send(
            contact, locale, lambda spoken: AccountClosesMail(locale=spoken, closes_on=day, closing_url=url)
        )

    async def approval_waits(self, contact: Contact, service: str, approval_id: str, locale: str) -> None:
        """Tell who waits, and where to answer."""
        url = f"{self._account_url}/approvals/{approval_id}"
        await self._send(
            contact, locale, lambda spoken: ApprovalWaitsMail(locale=spoken, service=service, approval_url=url)
        )

    async def registration_code(self, contact: Contact, code: str, locale: str) -> None:
        """Send the code that proves the contact of somebody who registers."""
        await self._send(
            contact,
            locale,
            lambda spoken: RegistrationCodeMail(locale=spoken, code=code, valid_minutes=_ACTIVATION_MINUTES),
        )

    async def reaches(self, contact: Contact) -> bool:
        """Whether messages to this contact can leave."""
        return await self._words.reaches(contact)

    async def registration_refused(self, contact: Contact, locale: str) -> None:
        """Tell that what was typed opened no account."""
        await self._send(contact, locale, lambda spoken: RegistrationRefusedMail(locale=spoken))

    async def identity_verified(self, contact: Contact, locale: str) -> None:
        """Tell that the identity was verified from afar just now."""
        now, url = self._now(), self._account_url
        await self._send(
            contact, locale, lambda spoken: IdentityVerifiedMail(locale=spoken, verified_at=now, account_url=url)
        )

    async def already_registered(self, contact: Contact, locale: str) -> None:
        """Tell the holder of an account that somebody tried to open another one."""
        url = self._account_url
        await self._send(contact, locale, lambda spoken: AlreadyRegisteredMail(locale=spoken, account_url=url))

    async def ward_turned(self, contact: Contact, age: int, locale: str) -> None:
        """Tell a guardian what changes as a child turns `age`."""
        url = self._account_url
        await self._send(contact, locale, lambda spoken: WardTurnedMail(locale=spoken, age=age, account_url=url))

    async def _send(self, contact: Contact, locale: str, view: Callable[[Locale], MailView]) -> None:
        if contact.kind is not ContactKind.EMAIL:
            raise MailError("a message can only go to an e-mail address")
        subject, text = self._renderer.mail(view(negotiate_locale([locale])))
        await self._mailer.send(Mail(recipient=contact.address, subject=subject, text=text))

    def _now(self) -> datetime:
        return moment_of(self._clock.now())
