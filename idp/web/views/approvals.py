"""Views of what waits for a person's approval."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage, PageView, SharedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingApproval:
    """One line of the list: who asks, what it says, and until when it waits.

    `computer` is given for a sign-in of the person's own on another device: the name of its browser, empty where it
    does not say. `service` may be empty then.
    """

    href: str
    service: str
    binding_message: str
    asked_at: datetime
    expires_at: datetime
    computer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalsPage(PageView):
    """`/account/approvals`: newest first, each with a form to refuse it by (field `decision` = `deny`).

    `allowed` tells what was just decided, None when nothing was.
    """

    template: ClassVar[str] = "approvals.html"

    csrf_token: str
    waiting: tuple[WaitingApproval, ...]
    allowed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPage(FormPage):
    """Form `approval`: field `decision`, `allow` or `deny`. `client` is always given."""

    template: ClassVar[str] = "approval.html"

    binding_message: str
    expires_at: datetime
    shared: tuple[SharedItem, ...]
