"""Views of the sign-in journey: who are you, prove it, choose another way, agree to share."""

from enum import StrEnum
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import Audience, FormPage, Refusal, SharedItem


class SignInReason(StrEnum):
    """Why someone who may be signed in already is asked again."""

    REAUTHENTICATE = "reauthenticate"


class Method(StrEnum):
    """Ways to prove oneself, as the field `method` of the form `methods` names them."""

    OTP = "otp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"
    PHONE = "phone"
    BIOMETRIC = "biometric"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class WorkView:
    """What a try costs while somebody guesses: a puzzle for the script, `wait` seconds for whoever has none."""

    puzzle: str
    bits: int
    wait: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(FormPage):
    """Form `sign-in`: fields `username` (what was typed is kept) and `password`.

    `register_href` leads to where people open an account, where they can, `phone_href` to signing in with a phone,
    `certificate_href` to signing in with an officer's card.
    `work` is None in calm times.
    `passkey_options` are what the script asks of the browser for the form `passkey`.
    """

    template: ClassVar[str] = "sign_in.html"

    username: str = ""
    audience: Audience = "both"
    why: SignInReason | None = None
    register_href: str | None = None
    phone_href: str | None = None
    certificate_href: str | None = None
    passkey_options: str | None = None
    work: WorkView | None = None

    @property
    def retry_after(self) -> int | None:
        """As of every page; and where the work is missing, waiting takes its place, which the page tells by itself."""
        if self.error is None:
            return None
        if self.work and self.error.refusal is Refusal.WORK_FIRST:
            return self.work.wait
        return self.error.wait_seconds

    @property
    def filled_in(self) -> tuple[str, ...]:
        """What differs, unless the page shows something of this person or this try."""
        if self.username or self.error or self.work:
            return ()
        return "csrf_token", "form_action", "register_href", "phone_href", "certificate_href", "passkey_options"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtpPage(FormPage):
    """Form `otp`: field `code`. `other_ways_href` leads to the page of `methods`, when there are any."""

    template: ClassVar[str] = "otp.html"

    other_ways_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPage(FormPage):
    """Form `recovery`: field `code`, a recovery code."""

    template: ClassVar[str] = "recovery.html"

    other_ways_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsPage(FormPage):
    """Form `methods`: field `method`, one of `methods`, strongest first."""

    template: ClassVar[str] = "methods.html"

    methods: tuple[Method, ...]
    selected: Method | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPage(FormPage):
    """Form `consent`: field `decision`, `allow` or `deny`. `client` is always given.

    `question` goes out and comes back hidden: the answer is to what was shown, and to nothing else.
    """

    template: ClassVar[str] = "consent.html"
    question: str

    shared: tuple[SharedItem, ...]
