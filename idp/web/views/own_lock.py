"""Views of locking the own account."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLockPage(FormPage):
    """Form `lock-account`: one button, and the way back."""

    template: ClassVar[str] = "own_lock.html"

    back_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLockedPage(PageView):
    """`data-state="locked"`: nobody is signed in any more. `services` are the names of those that are told."""

    template: ClassVar[str] = "own_locked.html"

    services: tuple[str, ...] = ()
