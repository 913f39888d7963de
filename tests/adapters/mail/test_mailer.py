from pathlib import Path

import pytest

from idp.adapters.mail.file_mailer import FileMailer
from idp.adapters.mail.mailer import open_mailer
from idp.adapters.mail.smtp_mailer import SmtpMailer
from idp.settings import Settings
from tests.adapters.turned_clock import CountedEntropy, TurnedClock


@pytest.mark.parametrize(
    ("mail", "issuer", "kind", "sender"),
    [
        ("file:MAIL", "https://id.gov.vn", FileMailer, "no-reply@id.gov.vn"),
        ("file:MAIL", "http://[::1]:8000", FileMailer, "no-reply@localhost"),
        ("smtp://localhost", "https://id.gov.vn:8443", SmtpMailer, "no-reply@id.gov.vn"),
        ("smtps://localhost?from=otp@gov.vn", "https://id.gov.vn", SmtpMailer, "otp@gov.vn"),
    ],
)
def test_the_setting_decides_how_mail_leaves_and_from_whom(
    mail: str, issuer: str, kind: type, sender: str, tmp_path: Path
) -> None:
    settings = Settings(mail=mail.replace("MAIL", str(tmp_path)), issuer=issuer)
    mailer = open_mailer(settings, TurnedClock(), CountedEntropy())
    assert isinstance(mailer, kind)
    assert mailer._sender == sender
