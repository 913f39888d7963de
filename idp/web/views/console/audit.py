"""Views of the audit trail."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One record: when, what, and the fields of the event as text."""

    at: datetime
    name: str
    sequence: int
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage(ConsolePage):
    """Form `audit-search`: fields `name`, `since`, `until`, `stream` and one for each of `filters`.

    `before` is where the form `further` goes on; None when the trail begins here.
    """

    template: ClassVar[str] = "audit.html"

    action: str
    filters: tuple[str, ...]
    typed: dict[str, str]
    streams: tuple[str, ...] = ()
    rows: tuple[AuditRow, ...] = ()
    before: int | None = None
    looked_back_to: datetime | None = None

    @property
    def has_filters(self) -> bool:
        """Whether more is asked for than a name and days."""
        return any(self.typed[name] for name in self.filters)

    @property
    def stream_choices(self) -> tuple[tuple[str, str], ...]:
        """Value and words of each stream."""
        return tuple((stream, stream) for stream in self.streams)
