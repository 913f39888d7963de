"""Views of alerts and of what is said while somebody changes a contact."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.mail import MailView
from idp.web.wording.alerts import AlertWords


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityAlertMail(MailView):
    """Something happened with an account. `place` is a country, with a province's code where that is known."""

    template: ClassVar[str] = "security_alert.txt"

    words: AlertWords
    happened_at: datetime
    place: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityAlertMessage(MailView):
    """The same in two lines for a telephone."""

    template: ClassVar[str] = "security_alert_short.txt"

    words: AlertWords
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCodeMail(MailView):
    """The code that proves a contact; it stands alone on a line."""

    template: ClassVar[str] = "contact_code.txt"

    code: str
    valid_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTakenMail(MailView):
    """Somebody wanted a contact that signs in to another account."""

    template: ClassVar[str] = "contact_taken.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTakenMessage(MailView):
    """The same for a telephone."""

    template: ClassVar[str] = "contact_taken_short.txt"
