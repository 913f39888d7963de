"""Views of the changes that wait for a second pair of eyes."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage
from idp.web.views.console.safety import SafetyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(ConsolePage):
    """The first page: how many changes wait for this administrator."""

    template: ClassVar[str] = "home.html"

    to_decide: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One line of the list; the words for `kind` and `state` stand in `idp.web.wording.console`."""

    href: str
    kind: str
    state: str
    asked_at: datetime
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage(ConsolePage):
    """A page of the list."""

    template: ClassVar[str] = "changes.html"

    rows: tuple[ChangeRow, ...]
    decided: bool
    next_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage(ConsolePage):
    """One change with everything that would happen: label and value, as its kind tells.

    `safety`: what happened to the account that it is about, while it can be decided. Forms `decide` (`decision` =
    `approve` / `refuse`, hidden `digest`), `withdraw` and `finish`, where they count.
    """

    template: ClassVar[str] = "change.html"

    kind: str
    state: str
    facts: tuple[tuple[str, str], ...]
    digest: str
    asked_by: str
    agency_code: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    action: str
    may_decide: bool
    may_withdraw: bool
    may_finish: bool
    safety: SafetyFacts | None = None
