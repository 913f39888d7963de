"""Views of the assurance policy."""

from datetime import datetime
from typing import ClassVar

from idp.domain.levels.assurance_policy import LevelMapping
from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule; the words for `section` stand in `idp.web.wording.console`. `fresh_within` in seconds."""

    key: str
    section: str
    name: str
    action: str | None
    amount: str | None
    level: str
    fresh_within: int | None
    resistance: str | None
    where_possible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version: `in_force`, `scheduled`, `overtaken` by a newer one before its date, or `former`."""

    number: int
    counts_from: datetime | None
    state: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage(ConsolePage):
    """One version with its rules, and the list of all."""

    template: ClassVar[str] = "policy.html"

    version: int
    in_force: bool
    rules: tuple[RuleRow, ...]
    levels: tuple[LevelMapping, ...]
    versions: tuple[VersionRow, ...]
    change_path: str | None
    next_href: str | None
    latest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """What a dry run counted for one client; `share` of those with one more step, in per cent as the reader writes it.

    `more` has those in it who would have signed in `again` or had to `enrol` first.
    """

    name: str
    total: int
    more: int
    share: str
    again: int
    enrol: int
    failed: int
    eased: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """A dry run; `left_out` counts the clients that are not told one by one."""

    since: datetime
    until: datetime
    total: TrialRow
    rows: tuple[TrialRow, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChangePage(ConsolePage):
    """Form `policy` (fields of `typed`, hidden `rule`): `step` is `try` or `ask`."""

    template: ClassVar[str] = "policy_change.html"

    action: str
    rule: str
    typed: dict[str, str]
    freshness: tuple[int, ...]
    latest: int
    trial: TrialView | None = None
