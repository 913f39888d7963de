"""Messages to people, worded by the templates and handed to the mailer (`ports.notifications.Notifications`)."""

from datetime import UTC, datetime

from idp.domain.account import Contact
from idp.journeys.activation_codes import LIFETIMES, Channel
from idp.ports.clock import Clock
from idp.ports.mail import Mail, Mailer
from idp.web.rendering import Renderer
from idp.web.views.common import Locale
from idp.web.views.mail import ActivationCodeMail, FactorEnrolledMail, MailView, RecoveryCodeUsedMail


class MailNotices:
    """Sends each message to an e-mail contact in the person's language."""

    def __init__(self, renderer: Renderer, mailer: Mailer, clock: Clock, issuer: str) -> None:
        self._renderer = renderer
        self._mailer = mailer
        self._clock = clock
        self._account_url = f"{issuer}/account"

    async def activation_code(self, contact: Contact, code: str, locale: str) -> None:
        """The code that proves the contact."""
        minutes = LIFETIMES[Channel.CONTACT] // 60
        await self._send(contact, ActivationCodeMail(locale=_spoken(locale), code=code, valid_minutes=minutes))

    async def factor_enrolled(self, contact: Contact, locale: str) -> None:
        """Somebody, hopefully the owner, enrolled a second factor."""
        view = FactorEnrolledMail(locale=_spoken(locale), enrolled_at=self._now(), account_url=self._account_url)
        await self._send(contact, view)

    async def recovery_code_used(self, contact: Contact, remaining: int, locale: str) -> None:
        """A recovery code was used."""
        view = RecoveryCodeUsedMail(
            locale=_spoken(locale), used_at=self._now(), left=remaining, account_url=self._account_url
        )
        await self._send(contact, view)

    async def _send(self, contact: Contact, view: MailView) -> None:
        subject, text = self._renderer.mail(view)
        await self._mailer.send(Mail(contact.address, subject, text))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)


def _spoken(locale: str) -> Locale:
    return "en" if locale == "en" else "vi"
