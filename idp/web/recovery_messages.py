"""Words the messages of getting back into an account, and hands them to the mailer."""

from collections.abc import Callable
from typing import Final

from idp.domain.account import Contact, ContactKind
from idp.journeys.activation_codes import LIFETIMES, Channel
from idp.ports.mail import Mail, Mailer, MailError
from idp.web.language import negotiate_locale
from idp.web.rendering import Renderer
from idp.web.views.common import Locale
from idp.web.views.mail import MailView
from idp.web.views.recovery_mail import HelpAskedMail, RecoveryCodeMail, TrustAskedMail

_MINUTES: Final = LIFETIMES[Channel.CONTACT] // 60


class MailedRecoveryMessages:
    """`idp.ports.recovery_messages.RecoveryMessages` by e-mail; another contact raises `MailError`."""

    def __init__(self, renderer: Renderer, mailer: Mailer, *, recovery_url: str) -> None:
        self._renderer = renderer
        self._mailer = mailer
        self._recovery_url = recovery_url

    async def recovery_code(self, contact: Contact | None, code: str, locale: str) -> None:
        """Send the code that proves the contact."""
        await self._send(
            contact, locale, lambda spoken: RecoveryCodeMail(locale=spoken, code=code, valid_minutes=_MINUTES)
        )

    async def help_asked(self, contact: Contact, owner: str, request_id: str, locale: str) -> None:
        """Tell who asks for help, and where to give it."""
        url = f"{self._recovery_url}/requests/{request_id}"
        await self._send(contact, locale, lambda spoken: HelpAskedMail(locale=spoken, owner=owner, help_url=url))

    async def trust_asked(self, contact: Contact, owner: str, locale: str) -> None:
        """Tell who trusts the reader, and where to agree."""
        url = self._recovery_url
        await self._send(contact, locale, lambda spoken: TrustAskedMail(locale=spoken, owner=owner, account_url=url))

    async def _send(self, contact: Contact | None, locale: str, view: Callable[[Locale], MailView]) -> None:
        subject, text = self._renderer.mail(view(negotiate_locale([locale])))
        if contact is None:
            return
        if contact.kind is not ContactKind.EMAIL:
            raise MailError("a message can only go to an e-mail address")
        await self._mailer.send(Mail(recipient=contact.address, subject=subject, text=text))
