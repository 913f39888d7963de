from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from idp.adapters.mail.message import compose
from idp.domain.ids import Seconds
from idp.ports.mail import Mail, MailError, RecipientRefusedError

MAIL = Mail("nguyen@example.vn", "Mã xác nhận của bạn", "Xin chào,\n\n123456\n\nTrân trọng")


def composed(mail: Mail = MAIL, sender: str = "no-reply@id.gov.vn") -> bytes:
    return compose(mail, sender=sender, message_id="01", now=Seconds(1_800_000_000)).as_bytes()


def test_a_message_reads_back_as_it_was_meant() -> None:
    message = message_from_bytes(composed(), policy=default)
    assert message["Subject"] == "Mã xác nhận của bạn"
    assert message["To"] == "nguyen@example.vn"
    assert message["From"] == "no-reply@id.gov.vn"
    assert message["Message-ID"] == "<01@id.gov.vn>"
    assert message["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert "\n123456\n" in message.get_content().replace("\r\n", "\n")


def test_a_subject_beyond_ascii_is_an_encoded_word() -> None:
    """RFC 2047 section 2; headers stay ASCII on the wire."""
    header = composed().partition(b"\r\n\r\n")[0]
    assert b"=?utf-8?" in header
    assert header.isascii()


def test_a_domain_beyond_ascii_goes_by_its_a_labels() -> None:
    header = composed(replace(MAIL, recipient="an@tiếng-việt.vn")).partition(b"\r\n\r\n")[0]
    assert b"To: an@xn--" in header
    assert header.isascii()


def test_an_address_whose_messages_would_go_to_another_domain_is_refused_for_good() -> None:
    with pytest.raises(RecipientRefusedError) as refused:
        composed(replace(MAIL, recipient="an@faß.de"))
    assert "faß" not in str(refused.value)


def test_a_mailbox_beyond_ascii_stands_in_utf_8() -> None:
    """RFC 6532 section 3.2."""
    assert "To: nguyễn@example.vn\r\n".encode() in composed(replace(MAIL, recipient="nguyễn@example.vn"))


@pytest.mark.parametrize(
    "mail",
    [
        Mail("a@b.vn\r\nBcc: c@d.vn", "subject", "text"),
        Mail("a@b.vn\nBcc: c@d.vn", "subject", "text"),
        Mail("a@b.vn", "subject\r\nBcc: c@d.vn", "text"),
        Mail("a@b.vn", "subject\n\nbody", "text"),
        Mail("a@b.vn", "subject\0", "text"),
        Mail("a@b.vn\u2028c", "subject", "text"),
        Mail("", "subject", "text"),
        Mail("a@b.vn", "", "text"),
        Mail("a@b.vn, c@d.vn", "subject", "text"),
        Mail("A <a@b.vn>", "subject", "text"),
        Mail("nobody", "subject", "text"),
        Mail("a@", "subject", "text"),
        Mail("@b.vn", "subject", "text"),
        Mail("nguyễn@b.vn, c@d.vn", "subject", "text"),
        Mail('"ễ"@b.vn', "subject", "text"),
        Mail("a" * 400 + "@b.vn", "subject", "text"),
        Mail("a@b.vn", "s" * 400, "text"),
        Mail("a@b.vn", "subject", "\ud800"),
    ],
)
def test_what_would_break_out_of_its_header_is_refused_without_repeating_it(mail: Mail) -> None:
    with pytest.raises(MailError) as refused:
        composed(mail)
    assert "b.vn" not in str(refused.value)


def test_a_sender_that_would_break_out_of_its_header_is_refused() -> None:
    with pytest.raises(MailError):
        composed(sender="a@b.vn\r\nBcc: c@d.vn")
