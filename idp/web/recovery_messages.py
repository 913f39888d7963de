"""Words the messages of getting back into an account, and sends them."""

from collections.abc import Callable
from typing import Final

from idp.domain.accounts.account import Contact
from idp.journeys.activation_codes import LIFETIMES, Channel
from idp.web.language import negotiate_locale
from idp.web.rendering import Renderer
from idp.web.views.common import Locale
from idp.web.views.mail import CodeMessage, MailView
from idp.web.views.recovery_mail import HelpAskedMail, RecoveryCodeMail, TrustAskedMail
from idp.web.written_words import WrittenWords

_MINUTES: Final = LIFETIMES[Channel.CONTACT] // 60


class SentRecoveryMessages:
    """Implements `RecoveryMessages`: codes also to telephones, what is longer by e-mail."""

    def __init__(self, renderer: Renderer, words: WrittenWords, *, recovery_url: str) -> None:
        self._renderer = renderer
        self._words = words
        self._recovery_url = recovery_url

    async def recovery_code(self, contact: Contact | None, code: str, locale: str) -> None:
        """Send the code that proves the contact."""

        def mail(spoken: Locale) -> MailView:
            return RecoveryCodeMail(locale=spoken, code=code, valid_minutes=_MINUTES)

        if contact is None:
            self._renderer.mail(mail(negotiate_locale([locale])))
            return
        await self._words.send(
            contact, locale, mail, lambda spoken: CodeMessage(locale=spoken, code=code, valid_minutes=_MINUTES)
        )

    async def help_asked(self, contact: Contact, owner: str, request_id: str, locale: str) -> None:
        """Tell who asks for help, and where to give it."""
        url = f"{self._recovery_url}/requests/{request_id}"
        await self._send(contact, locale, lambda spoken: HelpAskedMail(locale=spoken, owner=owner, help_url=url))

    async def trust_asked(self, contact: Contact, owner: str, locale: str) -> None:
        """Tell who trusts the reader, and where to agree."""
        url = self._recovery_url
        await self._send(contact, locale, lambda spoken: TrustAskedMail(locale=spoken, owner=owner, account_url=url))

    async def _send(self, contact: Contact, locale: str, view: Callable[[Locale], MailView]) -> None:
        await self._words.send(contact, locale, view, view)
