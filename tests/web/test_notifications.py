from datetime import UTC, datetime

import pytest

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.ids import Seconds
from idp.ports.mail import Mail, MailError
from idp.ports.messages import ShortMessage
from idp.web.notifications import MailedNotifications
from idp.web.rendering import Renderer
from idp.web.static_files import StaticFiles

EMAIL = Contact(ContactKind.EMAIL, "an@example.vn")
PHONE = Contact(ContactKind.PHONE, "+84912345678")


class Sent:
    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.telephones = Telephones()

    async def reaches_beyond_ascii(self) -> bool:
        return False

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)


class Telephones:
    def __init__(self) -> None:
        self.messages: list[ShortMessage] = []

    async def send(self, message: ShortMessage) -> None:
        self.messages.append(message)


class NewYear:
    def now(self) -> Seconds:
        return Seconds(int(datetime(2026, 12, 31, 17, 30, tzinfo=UTC).timestamp()))

    def milliseconds(self) -> int:
        return self.now() * 1000


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(StaticFiles())


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def notifications(renderer: Renderer, sent: Sent) -> MailedNotifications:
    return MailedNotifications(renderer, sent, sent.telephones, NewYear(), account_url="https://id.example/account")


@pytest.mark.parametrize("locale", ["vi", "en"])
async def test_a_code_stands_alone_on_a_line(notifications: MailedNotifications, sent: Sent, locale: str) -> None:
    await notifications.activation_code(EMAIL, "482913", locale)
    (mail,) = sent.mails
    assert mail.recipient == "an@example.vn"
    assert mail.text.splitlines().count("482913") == 1
    assert "482913" not in mail.subject
    assert "15" in mail.text


async def test_an_idle_account_s_owner_is_told_the_day_of_the_lock(
    notifications: MailedNotifications, sent: Sent
) -> None:
    locks_at = Seconds(int(datetime(2027, 1, 30, 17, 30, tzinfo=UTC).timestamp()))
    await notifications.idle_account(EMAIL, locks_at, "vi-VN")
    await notifications.idle_account(EMAIL, locks_at, "en")
    assert "tài khoản sẽ bị khóa vào ngày 31 tháng 1, 2027." in sent.mails[0].text
    assert "it will be locked on 31 January 2027." in sent.mails[1].text
    assert all("https://id.example/account" in mail.text.splitlines() for mail in sent.mails)


async def test_a_code_goes_to_a_telephone_and_a_letter_does_not(notifications: MailedNotifications, sent: Sent) -> None:
    await notifications.activation_code(PHONE, "482913", "vi")
    (message,) = sent.telephones.messages
    assert message.recipient == "+84912345678"
    assert message.text.splitlines().count("482913") == 1
    with pytest.raises(MailError):
        await notifications.identity_verified(PHONE, "vi")
    assert sent.mails == []


async def test_a_person_is_told_the_last_day_on_which_a_proof_counts(
    notifications: MailedNotifications, sent: Sent
) -> None:
    # The first moment of 1 October in the country.
    ends_at = Seconds(int(datetime(2026, 9, 30, 17, tzinfo=UTC).timestamp()))
    await notifications.identity_ages(EMAIL, ends_at, "vi-VN")
    await notifications.identity_ages(EMAIL, ends_at, "en")
    assert "30 tháng 9, 2026" in sent.mails[0].text
    assert "30 September 2026" in sent.mails[1].text
    assert all("https://id.example/account" in mail.text.splitlines() for mail in sent.mails)


@pytest.mark.parametrize(
    ("address", "reached"), [("an@faß.de", False), ("an@fass.de", True), ("ánh@example.vn", False)]
)
async def test_no_message_reaches_an_address_that_says_another_domain_than_it_would_go_to(
    notifications: MailedNotifications, address: str, reached: bool
) -> None:
    assert await notifications.reaches(Contact(ContactKind.EMAIL, address)) is reached
