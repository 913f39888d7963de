"""Views of the messages of getting back into an account."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.mail import MailView


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeMail(MailView):
    """The code that proves a verified contact; it stands alone on a line."""

    template: ClassVar[str] = "recovery_code.txt"

    code: str
    valid_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAskedMail(MailView):
    """Somebody (`owner`, by name) who trusts the reader wants to get back in."""

    template: ClassVar[str] = "help_asked.txt"

    owner: str
    help_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAskedMail(MailView):
    """Somebody (`owner`, by name) named the reader as a trusted person."""

    template: ClassVar[str] = "trust_asked.txt"

    owner: str
    account_url: str
