"""The view of taking over an officer's account by a link."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePasswordPage(FormPage):
    """Form `choose-password`: fields `password` and `again`. `shortest`: characters."""

    template: ClassVar[str] = "choose_password.html"

    shortest: int
