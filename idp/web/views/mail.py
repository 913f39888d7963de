"""Views of the messages we send: plain text, in the language of the person."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class MailView:
    """A message. `template` is its file under `templates/mail/`: the first line is the subject."""

    template: ClassVar[str]

    locale: Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationCodeMail(MailView):
    """The code that proves a contact before a first second factor; it stands alone on a line."""

    template: ClassVar[str] = "activation_code.txt"

    code: str
    valid_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWaitsMail(MailView):
    """A service waits for the person's approval; what it says about it stands on the page alone."""

    template: ClassVar[str] = "approval_waits.txt"

    service: str
    approval_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleAccountMail(MailView):
    """Nobody has signed in for long; the account will be locked on `locks_on` unless somebody does."""

    template: ClassVar[str] = "idle_account.txt"

    locks_on: datetime
    account_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAgesMail(MailView):
    """A proof of the person's identity counts until `last_day`."""

    template: ClassVar[str] = "identity_ages.txt"

    last_day: datetime
    account_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationCodeMail(MailView):
    """The code that proves the contact of somebody who registers; it stands alone on a line."""

    template: ClassVar[str] = "registration_code.txt"

    code: str
    valid_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosesMail(MailView):
    """The owner asked to close the account; it does so on `closes_on`."""

    template: ClassVar[str] = "account_closes.txt"

    closes_on: datetime
    closing_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRefusedMail(MailView):
    """What was typed opened no account, for whatever reason."""

    template: ClassVar[str] = "registration_refused.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyRegisteredMail(MailView):
    """To the holder of an account: somebody tried to open another one with the same number or address."""

    template: ClassVar[str] = "already_registered.txt"

    account_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WardTurnedMail(MailView):
    """A child has turned 6 or 14 (`age`)."""

    template: ClassVar[str] = "ward_turned.txt"

    age: int
    account_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityVerifiedMail(MailView):
    """Somebody proved from afar to be the holder of the account."""

    template: ClassVar[str] = "identity_verified.txt"

    verified_at: datetime
    account_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMessage(MailView):
    """A code for a telephone; it stands alone on a line."""

    template: ClassVar[str] = "code_short.txt"

    code: str
    valid_minutes: int
