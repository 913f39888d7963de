"""Mail by SMTP (RFC 5321) with TLS from the start (`smtps`, RFC 8314) or by STARTTLS where offered (RFC 3207)."""

import asyncio
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from email.message import EmailMessage
from threading import BoundedSemaphore
from typing import Final
from urllib.parse import unquote, urlsplit

from idp.adapters.mail.message import compose
from idp.domain.values import dataclass
from idp.ports.clock import Clock, Entropy
from idp.ports.mail import Mail, MailError, RecipientRefusedError

_TIMEOUT: Final = 10.0
_CONNECTIONS: Final = 4
_MOST_WAITING: Final = 200
_PERMANENT: Final = 500


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and as whom; `implicit_tls` for `smtps`."""

    host: str
    port: int
    implicit_tls: bool
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def parse_mail_server(url: str) -> MailServer:
    """Return the server of a validated `smtp://` or `smtps://` URL."""
    parts = urlsplit(url)
    implicit_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or (smtplib.SMTP_SSL_PORT if implicit_tls else smtplib.SMTP_PORT),
        implicit_tls=implicit_tls,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def sender_in(url: str) -> str | None:
    """Return the sender's address that a mail setting names (`?from=…`), or None."""
    query = urlsplit(url).query
    return unquote(query.removeprefix("from=")) or None


class SmtpMailer:
    """`Mailer` through one server; each message has its own connection and at most 10 s for each step of it.

    The server's certificate is always checked, and credentials never leave without TLS. Whether it offers SMTPUTF8
    (RFC 6531) is known from the newest connection.
    """

    def __init__(
        self, server: MailServer, sender: str, clock: Clock, entropy: Entropy, tls: ssl.SSLContext | None = None
    ) -> None:
        """`tls` replaces the system's trusted authorities."""
        self._server = server
        self._sender = sender
        self._clock = clock
        self._entropy = entropy
        self._tls = tls or ssl.create_default_context()
        self._room = BoundedSemaphore(_MOST_WAITING)
        self._pool = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="mail")
        self._offers_utf8: bool | None = None

    async def send(self, mail: Mail) -> None:
        identifier = self._entropy.identifier()
        message = compose(mail, sender=self._sender, message_id=identifier, now=self._clock.now())
        await self._submit(message)

    async def reaches_beyond_ascii(self) -> bool:
        if self._offers_utf8 is None:
            await self._submit(None)
        return bool(self._offers_utf8)

    def close(self) -> None:
        """Wait for the messages that are on their way."""
        self._pool.shutdown(wait=True)

    async def _submit(self, message: EmailMessage | None) -> None:
        if not self._room.acquire(blocking=False):
            raise MailError("too many messages wait for the mail server")
        future = self._pool.submit(self._deliver, message)
        future.add_done_callback(lambda _: self._room.release())
        await asyncio.wrap_future(future)

    def _deliver(self, message: EmailMessage | None) -> None:
        """Hand a message over, or only ask what the server offers.

        What the server took is on its way, however it says farewell: sent again it would arrive twice.
        """
        taken = False
        try:
            with self._connect() as connection:
                if not self._server.implicit_tls:
                    self._upgrade(connection)
                if self._server.username:
                    connection.login(self._server.username, self._server.password)
                connection.ehlo_or_helo_if_needed()
                self._offers_utf8 = connection.has_extn("smtputf8")
                if message is not None:
                    _hand_over(connection, message)
                    taken = True
        except smtplib.SMTPRecipientsRefused as error:
            if all(code >= _PERMANENT for code, _ in error.recipients.values()):
                raise RecipientRefusedError("the mail server refused the address") from None
            raise MailError("the mail server does not take the address now") from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            if taken:
                return
            # The server's answer may repeat the recipient: only the kind of failure is told.
            raise MailError(f"the mail server did not take the message ({type(error).__name__})") from None

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.implicit_tls:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=self._tls)
        return smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)

    def _upgrade(self, connection: smtplib.SMTP) -> None:
        """Switch to TLS where the server offers it; with credentials it has to."""
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=self._tls)
        elif self._server.username:
            raise MailError("the mail server offers no TLS, so that no password may be sent to it")


def _hand_over(connection: smtplib.SMTP, message: EmailMessage) -> None:
    """Send the message. A server may support other things as little, which says nothing against the address."""
    try:
        connection.send_message(message)
    except smtplib.SMTPNotSupportedError:
        raise RecipientRefusedError("the mail server takes no mailbox outside of ASCII") from None
