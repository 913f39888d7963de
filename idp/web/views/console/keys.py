"""Views of the keys."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """One key; `may_retire` where somebody could ask for it."""

    key_id: str
    purpose: str
    algorithm: str
    state: str
    state_since: datetime
    rotates_at: datetime | None
    may_retire: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage(ConsolePage):
    """Forms `rotate` (`subject` among `rotations`) and `retire-<key_id>`, for whoever may ask.

    Of each rotation: what the form sends, the purpose, and the algorithm where it is of one alone.
    """

    template: ClassVar[str] = "keys.html"

    action: str
    rows: tuple[KeyRow, ...]
    rotations: tuple[tuple[str, str, str], ...]
