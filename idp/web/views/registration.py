"""Views of registering oneself: who are you, the code, a password, done."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage(FormPage):
    """Form `register`: fields `personal_number`, `name`, `birthdate`, `email`; what was typed is kept."""

    template: ClassVar[str] = "register.html"

    personal_number: str = ""
    name: str = ""
    birthdate: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCodePage(FormPage):
    """Form `register-code`: field `code`. The form `resend` posts to `resend_action`."""

    template: ClassVar[str] = "register_code.html"

    sent_to: str
    resend_action: str
    resent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPasswordPage(FormPage):
    """Form `register-password`: fields `password` and `again`. `shortest`: characters. `username` signs in later."""

    template: ClassVar[str] = "register_password.html"

    shortest: int
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredPage(PageView):
    """The account is open; `sign_in_href` leads to its page."""

    template: ClassVar[str] = "registered.html"

    sign_in_href: str
