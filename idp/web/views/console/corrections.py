"""Views of requests for correction."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRow:
    """One line of the queue: no word of the person stands in it."""

    href: str
    state: str
    asked_at: datetime
    due_at: datetime
    late: bool
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionsPage(ConsolePage):
    """A page of the queue, or of what is closed."""

    template: ClassVar[str] = "corrections.html"

    rows: tuple[CorrectionRow, ...]
    closed: bool
    next_href: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One claim: what is recorded, and what the person says is right."""

    name: str
    recorded: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPage(ConsolePage):
    """One request: the form `answer` (`decision`, `answer`, `longer`), or `ask-again` where the change came to nothing.

    `answer_due` and `complete_due` are the ends of the law's terms.
    """

    template: ClassVar[str] = "correction.html"

    state: str
    late: bool
    asked_at: datetime
    answer_due: datetime
    complete_due: datetime
    differences: tuple[Difference, ...]
    reason: str
    answer: str
    answered_at: datetime | None
    completed_at: datetime | None
    change_href: str | None
    action: str
    may_answer: bool
    may_ask_again: bool
    typed: str = ""
