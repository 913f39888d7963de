"""The views of what people ask about their own data: a copy, a correction, the end of the account."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.own_data import OwnDataPage


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPage(OwnDataPage):
    """`/account/export`, with the form `export`."""

    template: ClassVar[str] = "own_export.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingPage(OwnDataPage):
    """`/account/closing`: the form `close` (field `understood`) or, once that was sent, `keep`.

    `closes_at` is when the account closes; `would_close_at` when it would if the person asked now; `officer`: the
    agency takes the account back instead.
    """

    template: ClassVar[str] = "own_closing.html"

    closes_at: datetime | None
    would_close_at: datetime
    officer: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class CorrectionItem:
    """One claim of a request: what is recorded, and what the person says is right."""

    name: str
    wanted: str


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One request of the person; `take_back_action` while nobody answered."""

    state: str
    asked_at: datetime
    answer_due: datetime
    complete_due: datetime
    items: tuple[CorrectionItem, ...]
    reason: str
    answer: str
    answered_at: datetime | None
    take_back_action: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionsOwnPage(OwnDataPage):
    """`/account/corrections`: the form `correct` (a field a claim, `reason`), then the person's requests.

    `recorded` maps claims to what is recorded, `typed` to what was typed.
    """

    template: ClassVar[str] = "own_corrections.html"

    recorded: dict[str, str]
    typed: dict[str, str]
    requests: tuple[CorrectionView, ...]
    asked: bool = False
