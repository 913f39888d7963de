"""The view of `/account`: who am I, how do I prove it, who knows me, where am I signed in."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import PageView


class AccountNotice(StrEnum):
    """What was just done, said once at the top of the page."""

    ALWAYS_ASK_ON = "always_ask_on"
    ALWAYS_ASK_OFF = "always_ask_off"
    CONSENT_WITHDRAWN = "consent_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorView:
    """One-time codes of this person.

    `enrol_href` is shown while they are not enrolled; the form `always-ask` (field `always_ask`, `on` or `off`)
    posts to `always_ask_action` once they are.
    """

    enrolled: bool
    enrol_href: str | None = None
    enrolled_at: datetime | None = None
    recovery_codes_left: int = 0
    always_ask: bool = False
    always_ask_action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedService:
    """A service that has received data: `shared` are claims or scopes, labelled in `idp.web.wording`.

    `withdraw_action` is the path its form posts to; None for a public service, whose basis is the law.
    """

    name: str
    since: datetime
    shared: tuple[str, ...] = ()
    withdraw_action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """The session that looks at the page."""

    started: datetime
    last_used: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage(PageView):
    """`/account`. Every form on it carries `csrf_token`.

    The form `sign-out-account` posts to `sign_out_action`, `sign-out-everywhere` to `sign_out_everywhere_action`.
    """

    template: ClassVar[str] = "account.html"

    csrf_token: str
    name: str
    masked_personal_number: str | None = None
    identity_level: int = 0
    verify_href: str | None = None
    contacts: tuple[str, ...] = ()
    position: str | None = None
    agency: str | None = None
    second_factor: SecondFactorView
    services: tuple[ConnectedService, ...] = ()
    session: OpenSession
    sign_out_action: str
    sign_out_everywhere_action: str
    notice: AccountNotice | None = None
