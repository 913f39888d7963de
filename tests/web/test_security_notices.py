import re
from dataclasses import replace
from typing import cast

import pytest

from idp.adapters.crypto.system import SystemEntropy
from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.accounts.security_alert import AlertKind, SecurityAlert
from idp.domain.enrolment.activation_link import new_link
from idp.domain.ids import AccountId, Seconds, TokenHash
from idp.journeys.contact_links import ContactLinks
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.ports.keys import SubjectKeys
from idp.ports.mail import Mail
from idp.ports.messages import LONGEST, MessageError, ShortMessage
from idp.web.place_names import place_name
from idp.web.rendering import Renderer
from idp.web.security_notices import SentSecurityNotices
from idp.web.static_files import StaticFiles
from idp.web.views.mail import CodeMessage
from idp.web.wording.alerts import ALERTS
from idp.web.written_words import WrittenWords

EMAIL = Contact(ContactKind.EMAIL, "an@example.vn")
PHONE = Contact(ContactKind.PHONE, "+84912345678")
NEW_YEAR = Seconds(1_798_738_200)
LONG_ID = "0" * 36


class Sent:
    def __init__(self) -> None:
        self.all: list[Mail | ShortMessage] = []

    async def reaches_beyond_ascii(self) -> bool:
        return False

    async def send(self, message: Mail | ShortMessage) -> None:
        self.all.append(message)

    @property
    def last(self) -> str:
        message = self.all[-1]
        return f"{message.subject}\n{message.text}" if isinstance(message, Mail) else message.text


class Keys:
    def tag(self, purpose: str, value: str) -> str:
        return f"{purpose}-{len(value)}".ljust(43, "x")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(StaticFiles())


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def notices(renderer: Renderer, sent: Sent) -> SentSecurityNotices:
    words = WrittenWords(renderer, sent, sent)
    keys = cast("SubjectKeys", Keys())
    undoing, stopping = ContactLinks(keys), RecoveryTokens(keys, SystemEntropy())
    return SentSecurityNotices(words, undoing, stopping, issuer="https://dinhdanh.example.gov.vn")


def alert(kind: AlertKind, place: str | None = None) -> SecurityAlert:
    return SecurityAlert(
        alert_id="1", account_id=AccountId("a"), kind=kind, at=NEW_YEAR, place=place, reference=LONG_ID
    )


def test_every_kind_of_alert_has_its_words() -> None:
    assert set(ALERTS) == set(AlertKind)


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("contact", [EMAIL, PHONE])
@pytest.mark.parametrize("kind", AlertKind)
async def test_an_alert_says_what_to_do_fits_a_telephone_and_never_looks_like_a_code(
    notices: SentSecurityNotices, sent: Sent, kind: AlertKind, contact: Contact, locale: str
) -> None:
    await notices.alert(contact, alert(kind, "VN-HN"), locale)
    assert re.search(r"https://dinhdanh\.example\.gov\.vn/\S+$", sent.last.strip(), re.MULTILINE)
    assert not re.search(r"^\s*[0-9]{4,}\s*$", sent.last, re.MULTILINE)
    assert contact is EMAIL or len(sent.last) <= LONGEST
    assert contact.address not in sent.last


async def test_a_mail_tells_when_and_where(notices: SentSecurityNotices, sent: Sent) -> None:
    await notices.alert(EMAIL, alert(AlertKind.NEW_DEVICE, "VN-HN"), "vi")
    assert sent.last.startswith("Tài khoản của bạn được dùng trên thiết bị mới\n")
    assert "1 tháng 1, 2027" in sent.last
    assert "Việt Nam (VN-HN)" in sent.last
    await notices.alert(EMAIL, alert(AlertKind.NEW_DEVICE), "en")
    assert "Where" not in sent.last


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (AlertKind.CONTACT_CHANGED, f"/account/contacts/undo/{LONG_ID}.contact-undo-36"),
        (AlertKind.RECOVERY_BEGUN, f"/recover/stop/{LONG_ID}.recovery-stop-36"),
        (AlertKind.RECOVERY_CONFIRMED, f"/recover/stop/{LONG_ID}.recovery-stop-36"),
        (AlertKind.PASSWORD_CHANGED, "/recover\n"),
        (AlertKind.NEW_DEVICE, "/account/security\n"),
        (AlertKind.ACCOUNT_LOCKED, "/help\n"),
    ],
)
async def test_the_link_leads_to_what_can_be_done(
    notices: SentSecurityNotices, sent: Sent, kind: AlertKind, path: str
) -> None:
    await notices.alert(PHONE, alert(kind), "vi")
    assert f"https://dinhdanh.example.gov.vn{path}" in sent.last


@pytest.mark.parametrize(("locale", "said"), [("en", "A link that opens"), ("vi", "Một liên kết mở")])
@pytest.mark.parametrize("contact", [EMAIL, PHONE])
async def test_of_a_link_it_is_told_that_there_is_one_and_how_to_stop_it(
    notices: SentSecurityNotices, sent: Sent, contact: Contact, locale: str, said: str
) -> None:
    reference = new_link(AccountId(LONG_ID), TokenHash(b"h"), NEW_YEAR).reference
    await notices.alert(contact, replace(alert(AlertKind.RECOVERY_BEGUN), reference=reference), locale)
    assert sent.last.startswith(said)
    assert f"/recover/stop/{reference}.recovery-stop-" in sent.last
    assert len(sent.last) <= LONGEST or contact is EMAIL


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("contact", [EMAIL, PHONE])
async def test_a_code_stands_alone_on_a_line(
    notices: SentSecurityNotices, sent: Sent, contact: Contact, locale: str
) -> None:
    await notices.contact_code(contact, "482913", locale)
    assert sent.last.splitlines().count("482913") == 1
    await notices.contact_taken(contact, locale)
    assert len(sent.last) <= LONGEST or contact is EMAIL


async def test_what_does_not_fit_a_telephone_is_not_cut_short(renderer: Renderer, sent: Sent) -> None:
    words = WrittenWords(renderer, sent, sent)

    def endless(spoken: str) -> CodeMessage:
        return CodeMessage(locale="vi", code="1" * LONGEST, valid_minutes=15)

    with pytest.raises(MessageError):
        await words.send(PHONE, "vi", endless, endless)
    assert sent.all == []


@pytest.mark.parametrize(
    ("code", "locale", "name"),
    [
        ("VN-HN", "vi", "Việt Nam (VN-HN)"),
        ("FR", "vi", "Pháp"),
        ("FR", "en", "France"),
        ("XX-1", "en", "XX-1"),
        ("", "vi", ""),
        (None, "vi", ""),
    ],
)
def test_a_place_is_named_as_far_as_it_is_known(code: str | None, locale: str, name: str) -> None:
    assert place_name(code, locale) == name


@pytest.mark.parametrize(
    ("contact", "reached"),
    [
        (Contact(ContactKind.EMAIL, "an@tiếng-việt.vn"), True),
        (Contact(ContactKind.EMAIL, "nguyễn@example.vn"), False),
        (Contact(ContactKind.PHONE, "+84912345678"), True),
    ],
)
async def test_what_the_mail_server_does_not_take_is_not_reached(contact: Contact, reached: bool) -> None:
    assert await WrittenWords(Renderer(StaticFiles()), Sent(), Sent()).reaches(contact) is reached
