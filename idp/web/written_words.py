"""Words on their way to one person: rendered in the language asked for, by e-mail or to a telephone."""

from collections.abc import Callable

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.accounts.email_address import goes_astray, is_beyond_ascii
from idp.ports.mail import Mail, Mailer
from idp.ports.messages import LONGEST, MessageError, Messenger, ShortMessage
from idp.web.language import negotiate_locale
from idp.web.rendering import Renderer
from idp.web.views.common import Locale
from idp.web.views.mail import MailView

MakeView = Callable[[Locale], MailView]


class WrittenWords:
    """Sends what views say. Raises `MailError` or `MessageError` when it did not leave."""

    def __init__(self, renderer: Renderer, mailer: Mailer, messenger: Messenger) -> None:
        self._renderer = renderer
        self._mailer = mailer
        self._messenger = messenger

    async def reaches(self, contact: Contact) -> bool:
        """Whether messages to it can leave. Raises `MailError` when nobody tells."""
        if contact.kind is not ContactKind.EMAIL:
            return True
        if goes_astray(contact.address):
            return False
        return not is_beyond_ascii(contact.address) or await self._mailer.reaches_beyond_ascii()

    async def send(self, contact: Contact, locale: str, mail: MakeView, message: MakeView) -> None:
        """Send `mail` to an e-mail address, `message` to a telephone, where no subject goes before the text."""
        view = mail if contact.kind is ContactKind.EMAIL else message
        subject, text = self._renderer.mail(view(negotiate_locale([locale])))
        if contact.kind is ContactKind.EMAIL:
            await self._mailer.send(Mail(recipient=contact.address, subject=subject, text=text))
            return
        short = f"{subject}\n{text}"
        if len(short) > LONGEST:
            raise MessageError("the message is too long for a telephone")
        await self._messenger.send(ShortMessage(contact.address, short))
