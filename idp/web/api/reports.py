"""`/api/admin/reports`: the numbers behind the charts."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.reports import Completion, Reports, Share, Span
from idp.web.api.gate import Gate


class Count(BaseModel):
    """How often; an empty name is all others together."""

    name: str
    count: int


class Rate(BaseModel):
    """Of the sign-ins begun, how many were completed."""

    name: str
    begun: int
    completed: int


class Hour(BaseModel):
    """Sign-ins to services in one hour; `hour` is its beginning, in seconds since 1970."""

    hour: int
    count: int


class ReportNumbers(BaseModel):
    """Everything that the page shows."""

    since: int
    until: int
    hours: list[Hour]
    clients: list[Count]
    methods: list[Count]
    levels: list[Count]
    refusals: list[Count]
    by_device: list[Rate]
    by_language: list[Rate]
    by_way: list[Count]


def reports_api(reports: Reports, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/reports", tags=["reports"])

    @router.get("")
    async def show_report(
        admin: Annotated[Administrator, gate(Action.REPORTS_VIEW)], span: Span = Span.WEEK
    ) -> ReportNumbers:
        """The last day, week or 30 days, up to this hour."""
        report = await reports.make(admin, span)
        return ReportNumbers(
            since=report.since,
            until=report.until,
            hours=[Hour(hour=hour, count=count) for hour, count in report.hours],
            clients=_counts(report.clients),
            methods=_counts(report.methods),
            levels=_counts(report.levels),
            refusals=_counts(report.refusals),
            by_device=_rates(report.by_device),
            by_language=_rates(report.by_language),
            by_way=_counts(report.by_way),
        )

    return router


def _counts(shares: tuple[Share, ...]) -> list[Count]:
    return [Count(name=share.name, count=share.count) for share in shares]


def _rates(completions: tuple[Completion, ...]) -> list[Rate]:
    return [Rate(name=each.name, begun=each.begun, completed=each.completed) for each in completions]
