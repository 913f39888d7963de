"""Views of officers: who works in an agency, one of them, and joining."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage
from idp.web.views.console.locks import LockRow
from idp.web.views.console.safety import SafetyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post; `state` is `held`, `to_come` or `over`."""

    agency_code: str
    position: str
    roles: tuple[str, ...]
    held_from: datetime
    held_to: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerRow:
    """One line of the list; `locked`: nobody is let in under the account."""

    href: str
    name: str
    username: str
    locked: bool
    post: PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficersPage(ConsolePage):
    """Who works in one agency, by given name."""

    template: ClassVar[str] = "officers.html"

    agency_code: str
    agency_href: str
    rows: tuple[OfficerRow, ...]
    find_href: str
    next_href: str | None = None
    join_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindOfficerPage(ConsolePage):
    """Form `find` as that of the people room; `rows` None before it was sent, `more`: there may be others."""

    template: ClassVar[str] = "officer_find.html"

    action: str
    purposes: tuple[str, ...]
    typed: dict[str, str]
    rows: tuple[OfficerRow, ...] | None = None
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPage(ConsolePage):
    """Form `join`: `personal_number`, `name`, `username`, `position`, `held_from`, `held_to`."""

    template: ClassVar[str] = "officer_join.html"

    agency_code: str
    action: str
    back_href: str
    typed: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage(ConsolePage):
    """An activation link, shown this once in `#activation-link`."""

    template: ClassVar[str] = "officer_link.html"

    name: str
    link: str
    valid_hours: int
    officer_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerPage(ConsolePage):
    """One officer; forms `move`, `ask-roles`, `ask-wide-roles`, `take-roles`, `end-post`, `suspension`, `reset`.

    Each is there where it counts. `seen` is what was shown: a change of something else is refused. `safety`:
    what happened to the account, for whoever may ask for roles. `suspensions`: the reasons that a suspension may have.
    """

    template: ClassVar[str] = "officer.html"

    name: str
    username: str
    officer_id: str
    locked: bool
    locks: tuple[LockRow, ...]
    suspensions: tuple[str, ...]
    may_resume: bool
    has_password: bool
    posts: tuple[PostView, ...]
    seen: str
    action: str
    list_href: str | None
    may_manage: bool
    in_office: bool
    may_reset: bool
    held_roles: tuple[str, ...]
    grantable: tuple[str, ...]
    grantable_wide: tuple[str, ...]
    safety: SafetyFacts | None
    typed: dict[str, str]
