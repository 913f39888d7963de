import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, Protocol

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from idp.adapters.mail.smtp_mailer import MailServer, SmtpMailer, parse_mail_server, sender_in
from idp.ports.mail import Mail, MailError, RecipientRefusedError
from tests.adapters.certificates import TlsPair, make_tls_pair
from tests.adapters.turned_clock import CountedEntropy, TurnedClock

# What aiosmtpd says about itself.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
]

MAIL = Mail("nguyen@example.vn", "Mã xác nhận", "123456")


class Inbox:
    """What a mail server was given, and how."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.over_tls: list[bool] = []
        self.logins: list[tuple[str, str]] = []
        self.answer = "250 OK"
        self.recipient_answer = "250 OK"
        self.farewell = "221 Bye"
        self.offers_auth = True

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [line for line in responses if self.offers_auth or not line[4:].startswith("AUTH")]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.envelopes.append(envelope)
        self.over_tls.append(server.transport is not None and server.transport.get_extra_info("sslcontext") is not None)
        return self.answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        return self.farewell

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        right = data.password == b"p@ss"
        return AuthResult(success=right, handled=right)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsPair:
    return make_tls_pair(tmp_path_factory.mktemp("tls"), "127.0.0.1")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


class Start(Protocol):
    """Starts a mail server with the options of aiosmtpd and tells where it is."""

    async def __call__(
        self,
        *,
        implicit_tls: ssl.SSLContext | None = None,
        **options: Any,
    ) -> MailServer: ...


@pytest.fixture
async def start(inbox: Inbox) -> AsyncIterator[Start]:
    servers: list[asyncio.Server] = []

    async def start(
        *,
        implicit_tls: ssl.SSLContext | None = None,
        **options: Any,
    ) -> MailServer:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(inbox, **options), "127.0.0.1", 0, ssl=implicit_tls)
        servers.append(server)
        return MailServer("127.0.0.1", server.sockets[0].getsockname()[1], implicit_tls is not None)

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


Make = Callable[[MailServer], SmtpMailer]


@pytest.fixture
def make(tls: TlsPair) -> Iterator[Make]:
    mailers: list[SmtpMailer] = []

    def make(server: MailServer) -> SmtpMailer:
        mailers.append(SmtpMailer(server, "no-reply@id.gov.vn", TurnedClock(), CountedEntropy(), tls.client))
        return mailers[-1]

    yield make
    for mailer in mailers:
        mailer.close()


def authenticating(inbox: Inbox) -> dict[str, Any]:
    return {"authenticator": inbox.authenticate, "auth_required": True}


async def test_a_message_that_was_taken_has_left_however_the_server_says_farewell(
    start: Start, make: Make, inbox: Inbox
) -> None:
    inbox.farewell = "421 Too busy"
    await make(await start()).send(MAIL)
    assert len(inbox.envelopes) == 1


async def test_a_message_is_handed_over_whole(start: Start, make: Make, inbox: Inbox) -> None:
    await make(await start()).send(MAIL)
    (envelope,) = inbox.envelopes
    assert envelope.mail_from == "no-reply@id.gov.vn"
    assert envelope.rcpt_tos == ["nguyen@example.vn"]
    message = message_from_bytes(envelope.original_content or b"", policy=default)
    assert (message["Subject"], message.get_content().strip()) == ("Mã xác nhận", "123456")


async def test_tls_is_used_where_it_is_offered(start: Start, make: Make, inbox: Inbox, tls: TlsPair) -> None:
    await make(await start()).send(MAIL)
    await make(await start(tls_context=tls.server)).send(MAIL)
    await make(await start(implicit_tls=tls.server)).send(MAIL)
    assert inbox.over_tls == [False, True, True]


async def test_a_server_that_shows_another_certificate_gets_nothing(
    start: Start, make: Make, inbox: Inbox, tmp_path: Path
) -> None:
    stranger = make_tls_pair(tmp_path, "127.0.0.1")
    for options in ({"tls_context": stranger.server}, {"implicit_tls": stranger.server}):
        with pytest.raises(MailError, match="SSLCertVerificationError"):
            await make(await start(**options)).send(MAIL)
    assert inbox.envelopes == []


async def test_credentials_are_given_over_tls(start: Start, make: Make, inbox: Inbox, tls: TlsPair) -> None:
    server = await start(tls_context=tls.server, **authenticating(inbox))
    await make(replace(server, username="user", password="p@ss")).send(MAIL)
    server = await start(implicit_tls=tls.server, auth_require_tls=False, **authenticating(inbox))
    await make(replace(server, username="user", password="p@ss")).send(MAIL)
    assert inbox.logins == [("user", "p@ss")] * 2
    assert len(inbox.envelopes) == 2


async def test_credentials_are_never_given_in_clear(start: Start, make: Make, inbox: Inbox) -> None:
    server = await start(auth_require_tls=False, **authenticating(inbox))
    with pytest.raises(MailError, match="offers no TLS"):
        await make(replace(server, username="user", password="p@ss")).send(MAIL)
    assert inbox.logins == []


async def test_refused_credentials_and_messages_are_told_without_the_recipient(
    start: Start, make: Make, inbox: Inbox, tls: TlsPair
) -> None:
    server = await start(tls_context=tls.server, **authenticating(inbox))
    with pytest.raises(MailError, match="SMTPAuthenticationError") as refused:
        await make(replace(server, username="user", password="wrong")).send(MAIL)
    assert "wrong" not in str(refused.value)
    inbox.answer = "550 no mailbox nguyen@example.vn"
    with pytest.raises(MailError, match="SMTPDataError") as refused:
        await make(await start()).send(MAIL)
    assert "nguyen" not in str(refused.value)


async def test_a_server_that_lets_nobody_sign_in_says_nothing_against_the_address(
    start: Start, make: Make, inbox: Inbox, tls: TlsPair
) -> None:
    server = await start(tls_context=tls.server, **authenticating(inbox))
    inbox.offers_auth = False
    with pytest.raises(MailError, match="SMTPNotSupportedError") as refused:
        await make(replace(server, username="user", password="p@ss")).send(MAIL)
    assert type(refused.value) is MailError
    assert inbox.envelopes == []


async def test_a_mailbox_beyond_ascii_is_handed_over_where_the_server_takes_it(
    start: Start, make: Make, inbox: Inbox
) -> None:
    mailer = make(await start(enable_SMTPUTF8=True))
    assert await mailer.reaches_beyond_ascii()
    assert inbox.envelopes == []
    await mailer.send(replace(MAIL, recipient="nguyễn@tiếng-việt.vn"))
    (envelope,) = inbox.envelopes
    assert envelope.rcpt_tos == ["nguyễn@xn--ting-vit-e50d7c.vn"]
    assert envelope.smtp_utf8


async def test_a_mailbox_beyond_ascii_is_refused_for_good_where_the_server_does_not_take_it(
    start: Start, make: Make, inbox: Inbox
) -> None:
    mailer = make(await start())
    assert not await mailer.reaches_beyond_ascii()
    with pytest.raises(RecipientRefusedError) as refused:
        await mailer.send(replace(MAIL, recipient="nguyễn@example.vn"))
    assert "nguyễn" not in str(refused.value)
    await mailer.send(replace(MAIL, recipient="an@tiếng-việt.vn"))
    assert [envelope.rcpt_tos for envelope in inbox.envelopes] == [["an@xn--ting-vit-e50d7c.vn"]]


async def test_a_server_that_is_not_there_tells_nothing_about_mailboxes(make: Make) -> None:
    with pytest.raises(MailError):
        await make(MailServer("127.0.0.1", 1, implicit_tls=False)).reaches_beyond_ascii()


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 No such user", RecipientRefusedError), ("450 Mailbox busy", MailError)]
)
async def test_an_address_that_is_refused_for_good_is_told_from_one_that_is_busy(
    start: Start, make: Make, inbox: Inbox, answer: str, kind: type[MailError]
) -> None:
    inbox.recipient_answer = answer
    with pytest.raises(MailError) as refused:
        await make(await start()).send(MAIL)
    assert type(refused.value) is kind
    assert "nguyen" not in str(refused.value)


async def test_a_server_that_is_not_there_is_told(start: Start, make: Make) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(MailError, match="ConnectionRefusedError"):
        await make(MailServer("127.0.0.1", port, implicit_tls=False)).send(MAIL)


async def test_a_server_that_says_nothing_is_given_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.mail.smtp_mailer._TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(MailError, match="SMTPServerDisconnected"):
        await make(MailServer("127.0.0.1", silent.getsockname()[1], implicit_tls=False)).send(MAIL)


async def test_more_messages_than_may_wait_are_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    mailer = make(MailServer("127.0.0.1", 1, implicit_tls=False))
    opened = threading.Event()
    monkeypatch.setattr(mailer, "_deliver", lambda _: opened.wait())
    waiting = [asyncio.create_task(mailer.send(MAIL)) for _ in range(200)]
    await asyncio.sleep(0)
    with pytest.raises(MailError, match="too many"):
        await mailer.send(MAIL)
    opened.set()
    await asyncio.gather(*waiting)
    await mailer.send(MAIL)


async def test_header_injection_never_reaches_a_server(start: Start, make: Make, inbox: Inbox) -> None:
    with pytest.raises(MailError):
        await make(await start()).send(Mail("a@b.vn\r\nBcc: c@d.vn", "subject", "text"))
    assert inbox.envelopes == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.gov.vn", MailServer("mail.gov.vn", 25, implicit_tls=False)),
        ("smtp://mail.gov.vn:587/", MailServer("mail.gov.vn", 587, implicit_tls=False)),
        ("smtps://mail.gov.vn", MailServer("mail.gov.vn", 465, implicit_tls=True)),
        (
            "smtps://us%40er:p%3Ass@mail.gov.vn:2465?from=a@b.vn",
            MailServer("mail.gov.vn", 2465, implicit_tls=True, username="us@er", password="p:ss"),
        ),
    ],
)
def test_the_server_is_read_from_the_setting(url: str, server: MailServer) -> None:
    assert parse_mail_server(url) == server


def test_the_sender_may_stand_in_the_setting() -> None:
    assert sender_in("smtp://mail.gov.vn?from=no-reply+idp@id.gov.vn") == "no-reply+idp@id.gov.vn"
    assert sender_in("smtp://mail.gov.vn") is None


def test_no_credential_shows_in_a_representation() -> None:
    assert "hidden" not in repr(parse_mail_server("smtp://hidden:hidden@mail.gov.vn"))
