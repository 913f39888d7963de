"""Views of the safety of the own account: what signs in, where one is signed in, what happened."""

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from idp.domain.abuse.browser_kind import BrowserKind
from idp.domain.values import dataclass
from idp.web.views.own_data import OwnDataPage


class SecurityNotice(StrEnum):
    """What was just done, said once at the top of the page."""

    ADDED = "added"
    RENAMED = "renamed"
    REMOVED = "removed"
    CODES_RENEWED = "codes_renewed"
    SESSION_ENDED = "session_ended"
    OTHERS_ENDED = "others_ended"
    TRUSTED = "trusted"
    DISTRUSTED = "distrusted"
    PASSWORD_CHANGED = "password_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorRow:
    """One thing to sign in with. `kind` is `passkeys`, `codes` or `certificates`; `href` leads to its own page."""

    kind: str
    href: str
    name: str
    added_at: datetime
    last_used_at: datetime | None = None
    is_synced: bool = False
    ends_at: datetime | None = None
    has_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session; `end_action` is None for the one that looks at the page."""

    browser: BrowserKind
    place: str | None
    started_at: datetime
    used_at: datetime
    end_action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedRow:
    """One trusted browser; `is_this`: the one that looks at the page."""

    browser: BrowserKind
    place: str | None
    trusted_at: datetime
    ends_at: datetime
    revoke_action: str
    is_this: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HappenedRow:
    """One event of the history, or one alert: `name` and `details` are words of `idp.web.wording.security`."""

    name: str
    at: datetime
    details: dict[str, str] = field(default_factory=dict)
    service: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityPage(OwnDataPage):
    """`/account/security`.

    Forms: `end-session-N`, `end-other-sessions`, `trust-browser`, `distrust-N`, `distrust-all`. `codes_left` is None
    where there are no recovery codes. `can_trust`: two factors were proved on this browser, which is not trusted yet.
    """

    template: ClassVar[str] = "account_security.html"

    authenticators: tuple[AuthenticatorRow, ...]
    codes_left: int | None
    sessions: tuple[SessionRow, ...]
    trusted: tuple[TrustedRow, ...]
    can_trust: bool
    alerts: tuple[HappenedRow, ...]
    happened: tuple[HappenedRow, ...]
    takes_certificates: bool
    notice: SecurityNotice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorPage(OwnDataPage):
    """One thing to sign in with: forms `rename` (field `name`) and `remove`.

    `is_last`: without it the password alone is left. `is_guarded`: removing it takes a sign-in as strong as it.
    """

    template: ClassVar[str] = "account_authenticator.html"

    authenticator: AuthenticatorRow
    is_last: bool
    is_guarded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityHistoryPage(OwnDataPage):
    """`/account/security/history`: what happened, the latest first."""

    template: ClassVar[str] = "account_history.html"

    rows: tuple[HappenedRow, ...]
    next_href: str | None = None
    first: bool = True
