"""Views of signing out: the question, and the answer."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutPage(FormPage):
    """Form `sign-out`: field `decision`, `yes` or `no`. `services` are the names of those that will be told."""

    template: ClassVar[str] = "sign_out.html"

    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOutPage(PageView):
    """`data-state="signed-out"`. `services` are told; `return_href` leads back to `client` when it is known.

    Otherwise a link leads to the account. `frames` are addresses of services that hear of it from the browser, which
    goes on to `return_href` after them, and with script after three seconds at the latest.
    """

    template: ClassVar[str] = "signed_out.html"

    services: tuple[str, ...] = ()
    return_href: str | None = None
    frames: tuple[str, ...] = ()
