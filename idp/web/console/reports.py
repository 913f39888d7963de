"""`/admin/reports`: charts drawn on the server, each with its numbers."""

from collections import Counter
from collections.abc import Sequence

from idp.domain.country_time import beginning_of, day_of
from idp.domain.ids import Seconds
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.reports import Completion, Report, Reports, Share, Span
from idp.ports.clients import Clients
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.common import Locale
from idp.web.views.console.reports import HEIGHT, WIDTH, Bar, BarChart, Column, RateRow, ReportsPage, TimeChart

PATH = Room.REPORTS.value.path
_GAP = 0.15
"""Of a column's place, how much stays free."""


class ReportPages:
    """Shows reports."""

    def __init__(self, reports: Reports, registered: Clients, frame: Frame) -> None:
        self._reports = reports
        self._registered = registered
        self._frame = frame

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/reports`, `?span=day`, `week` or `month`."""
        asked = visit.query.get("span")
        span = Span(asked) if asked in set(Span) else Span.WEEK
        report = await self._reports.make(admin, span)
        page = ReportsPage(
            **self._frame.common(visit, admin, Room.REPORTS),
            span=span.value,
            spans=tuple(each.value for each in Span),
            signed_in=time_chart(report),
            clients=bar_chart("client", await self._named(report.clients, visit.locale)),
            methods=bar_chart("amr", report.methods),
            levels=bar_chart("level", report.levels),
            refusals=bar_chart("refusal", report.refusals),
            ways=bar_chart("way", report.by_way),
            devices=tuple(_rate(each) for each in report.by_device),
            languages_used=tuple(_rate(each) for each in report.by_language),
        )
        return self._frame.desk.page(visit, page)

    async def _named(self, shares: Sequence[Share], locale: Locale) -> list[Share]:
        """The services by the names that people know; one that is gone by its identifier."""
        named = []
        for share in shares:
            client = await self._registered.get(share.name) if share.name else None
            named.append(Share(client.name_in(locale), share.count) if client else share)
        return named


def time_chart(report: Report) -> TimeChart:
    """Return the columns of every hour, and the numbers of every day."""
    highest = max((count for _, count in report.hours), default=0)
    place = WIDTH / max(1, len(report.hours))
    columns = tuple(
        _column(number * place, place, count, highest) for number, (_, count) in enumerate(report.hours) if count
    )
    days: Counter[Seconds] = Counter()
    for hour, count in report.hours:
        days[beginning_of(day_of(hour))] += count
    busiest = max(report.hours, key=lambda pair: pair[1], default=(report.since, 0))
    return TimeChart(
        columns=columns,
        highest=highest,
        total=sum(count for _, count in report.hours),
        busiest=moment_of(busiest[0]) if highest else None,
        first=moment_of(report.since),
        last=moment_of(report.until),
        days=tuple((moment_of(day), count) for day, count in sorted(days.items())),
    )


def _column(x: float, place: float, count: int, highest: int) -> Column:
    height = max(1.0, HEIGHT * count / highest)
    return Column(
        round(x + place * _GAP / 2, 2), round(HEIGHT - height, 2), round(place * (1 - _GAP), 2), round(height, 2)
    )


def bar_chart(kind: str, shares: Sequence[Share]) -> BarChart:
    """Return bars as long as their share of the longest."""
    total = sum(share.count for share in shares)
    longest = max((share.count for share in shares), default=0)
    bars = tuple(_bar(share, total, longest) for share in shares)
    return BarChart(kind, bars)


def _bar(share: Share, total: int, longest: int) -> Bar:
    name, _, detail = share.name.partition(":")
    return Bar(name, share.count, round(100 * share.count / total, 1), round(100 * share.count / longest, 2), detail)


def _rate(completion: Completion) -> RateRow:
    rate = completion.rate
    percent = None if rate is None else round(100 * rate, 1)
    return RateRow(completion.name, completion.begun, completion.completed, percent)
