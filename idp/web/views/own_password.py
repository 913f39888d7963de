"""The view of changing one's password."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePasswordPage(FormPage):
    """Form `change-password`: fields `password` and `again`, and `current` where the old one is asked for.

    `shortest`: characters.
    """

    template: ClassVar[str] = "own_password.html"

    shortest: int
    asks_for_the_old: bool
    back_href: str
