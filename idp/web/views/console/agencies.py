"""Views of the tree of agencies."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyLink:
    """An agency in a list or on the way to one; `over` when it is no more."""

    code: str
    name: str
    kind: str
    href: str
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyFacts:
    """What is known of the agency shown."""

    code: str
    name: str
    kind: str
    valid_from: datetime | None
    valid_to: datetime | None
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgenciesPage(ConsolePage):
    """A place in the tree; `agency` is None above the topmost."""

    template: ClassVar[str] = "agencies.html"

    agency: AgencyFacts | None
    above: tuple[AgencyLink, ...]
    below: tuple[AgencyLink, ...]
    next_href: str | None = None
    officers_href: str | None = None
    find_href: str | None = None
    found_href: str | None = None
    change_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyFormPage(ConsolePage):
    """Forms `agency` and, for one that is there, `end-agency`; `typed` is what was typed or what stands.

    Fields of `agency`: `code` for a new one, `name`, `kind` (one of `kinds`), `parent`, `valid_from`; of `end-agency`:
    `valid_to`, `successors`.
    """

    template: ClassVar[str] = "agency_form.html"

    code: str | None
    action: str
    end_action: str | None
    back_href: str
    typed: dict[str, str]
    kinds: tuple[str, ...]
