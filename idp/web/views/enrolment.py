"""Views of enrolment: prove more first, then one-time codes, then recovery codes."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivatePage(FormPage):
    """Form `activate`: field `code`.

    `sent_to` is the masked contact; None when the code is one handed over at a counter. `resend_action` is the path
    that the form `resend` posts to, when another code may be sent. Until `held_until` none is, since others let the
    person back in. `unreached` is the masked contact that no message goes to from here.
    """

    template: ClassVar[str] = "activate.html"

    sent_to: str | None = None
    resend_action: str | None = None
    resent: bool = False
    held_until: datetime | None = None
    unreached: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolOtpPage(FormPage):
    """Form `enrol-otp`: field `code`. The page draws `otpauth_uri` as a QR picture and shows `secret` (base32).

    `is_further`: one more device of somebody who is signed in; the form has a field `name` then.
    """

    template: ClassVar[str] = "enrol_otp.html"

    secret: str
    otpauth_uri: str
    passkey_href: str | None = None
    is_further: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesPage(FormPage):
    """Form `recovery-codes`: field `saved`. The codes are shown this once.

    `take_place`: they take the place of others once they are confirmed as kept.
    """

    template: ClassVar[str] = "recovery_codes.html"

    codes: tuple[str, ...]
    take_place: bool = False
