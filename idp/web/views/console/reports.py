"""Views of the reports: each chart with its numbers beside it."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.console.common import ConsolePage

WIDTH = 720
HEIGHT = 160


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart over time, in the units of its picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class TimeChart:
    """Columns over time. `days` are the numbers again, a day a row, for whoever reads instead of looking."""

    columns: tuple[Column, ...]
    highest: int
    total: int
    busiest: datetime | None
    first: datetime
    last: datetime
    days: tuple[tuple[datetime, int], ...]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, its number, and its length in hundredths of the longest; `detail` is a code beside them."""

    name: str
    count: int
    percent: float
    length: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars, the longest first. `kind` is of the names, worded in `idp.web.wording.console`."""

    kind: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class RateRow:
    """Of the sign-ins begun, how many were completed; `percent` is None where none was begun."""

    name: str
    begun: int
    completed: int
    percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsPage(ConsolePage):
    """The charts of one span of time."""

    template: ClassVar[str] = "reports.html"

    span: str
    spans: tuple[str, ...]
    signed_in: TimeChart
    clients: BarChart
    methods: BarChart
    levels: BarChart
    refusals: BarChart
    ways: BarChart
    devices: tuple[RateRow, ...]
    languages_used: tuple[RateRow, ...]
