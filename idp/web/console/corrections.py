"""`/admin/requests`: what people ask to have corrected, by when the law wants an answer, and the answer in writing."""

from datetime import datetime
from typing import Final

from starlette.routing import Route

from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action
from idp.domain.people.correction import CorrectionRequest, CorrectionState
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.corrections import PAGE, CorrectionDesk
from idp.journeys.administration.errors import InvalidEntryError
from idp.ports.clock import Clock
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.frame import Frame
from idp.web.console.parts import ConsoleParts
from idp.web.console.rooms import Room
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.corrections import CorrectionPage, CorrectionRow, CorrectionsPage, Difference

PATH: Final = Room.CORRECTIONS.value.path
NOTICES: Final = frozenset({"rejected", "asked"})


class CorrectionPages:
    """The queue, one request, and its answer."""

    def __init__(self, desk: CorrectionDesk, clock: Clock, frame: Frame) -> None:
        self._desk = desk
        self._clock = clock
        self._frame = frame

    async def listed(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/requests`: what waits; `?closed=yes` what does not any more."""
        closed = visit.query.get("closed") == "yes"
        found = await self._desk.listed(admin, closed=closed, after=visit.query.get("after", ""))
        more = f"?{'closed=yes&' if closed else ''}after={found[-1].request_id}" if len(found) == PAGE else None
        page = CorrectionsPage(
            **self._frame.common(visit, admin, Room.CORRECTIONS),
            rows=tuple(self._row(request) for request in found),
            closed=closed,
            next_href=more,
        )
        return self._frame.desk.page(visit, page)

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/requests/{request_id}`."""
        return self._frame.desk.page(visit, await self._page(visit, admin))

    async def answer(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/requests/{request_id}`: `decision` is `accept`, `reject` or `again`."""
        fields = await visit.form()
        request_id, text = visit.parameter("request_id"), fields.get("answer", "")
        try:
            match fields.get("decision"):
                case "accept":
                    longer = fields.get("longer") == "yes"
                    place = _change(await self._desk.accept(admin, request_id, text, longer=longer))
                case "again":
                    place = _change(await self._desk.ask_again(admin, request_id))
                case _:
                    await self._desk.reject(admin, request_id, text)
                    place = f"{PATH}/{request_id}?notice=rejected"
        except InvalidEntryError as error:
            page = await self._page(visit, admin, text, Problem(error.field, error.reason))
            return self._frame.desk.page(visit, page, error.status)
        return self._frame.desk.redirect(visit, place)

    async def _page(
        self, visit: Visit, admin: Administrator, typed: str = "", problem: Problem | None = None
    ) -> CorrectionPage:
        case = await self._desk.show(admin, visit.parameter("request_id"))
        request = case.request
        may_answer = admin.may(Action.CORRECTIONS_ANSWER)
        notice = visit.query.get("notice")
        return CorrectionPage(
            **self._frame.common(visit, admin, Room.CORRECTIONS),
            state=request.state.value,
            late=request.is_late(self._clock.now()),
            asked_at=moment_of(request.asked_at),
            answer_due=_last_moment(request.answer_due),
            complete_due=_last_moment(request.complete_due),
            differences=tuple(
                Difference(name, str(case.record.claims.get(name, "–")), value)
                for name, value in sorted(request.wanted.items())
            ),
            reason=request.reason,
            answer=request.answer,
            answered_at=moment_of(request.answered_at) if request.answered_at else None,
            completed_at=moment_of(request.completed_at) if request.completed_at else None,
            change_href=f"{CHANGES}/{request.change_id}" if request.change_id else None,
            action=f"{PATH}/{request.request_id}",
            may_answer=may_answer and request.state is CorrectionState.WAITING,
            may_ask_again=may_answer and request.state is CorrectionState.ACCEPTED,
            typed=typed,
            notice=notice if notice in NOTICES else None,
            problem=problem,
        )

    def _row(self, request: CorrectionRequest) -> CorrectionRow:
        waits = request.state is CorrectionState.WAITING
        return CorrectionRow(
            href=f"{PATH}/{request.request_id}",
            state=request.state.value,
            asked_at=moment_of(request.asked_at),
            due_at=_last_moment(request.answer_due if waits else request.complete_due),
            late=request.is_late(self._clock.now()),
            claims=tuple(sorted(request.wanted)),
        )


def correction_routes(parts: ConsoleParts) -> tuple[Route, ...]:
    """Return the routes under `/admin/requests`."""
    at, route = parts.administration, parts.frame.route
    pages = CorrectionPages(at.corrections, at.clock, parts.frame)
    view, answer = Action.CORRECTIONS_VIEW, Action.CORRECTIONS_ANSWER
    return (
        route(PATH, get=(view, pages.listed)),
        route(f"{PATH}/{{request_id}}", get=(view, pages.show), post=(answer, pages.answer)),
    )


def _change(change_id: str) -> str:
    return f"{CHANGES}/{change_id}?notice=asked"


def _last_moment(end: Seconds) -> datetime:
    """The last moment of a term, which lies on its last day."""
    return moment_of(end - 1)
