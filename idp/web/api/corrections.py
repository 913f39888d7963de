"""`/api/admin/requests`: requests for correction with the law's clocks, and their answers in writing."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from idp.domain.ids import Seconds
from idp.domain.offices.administration import Action
from idp.domain.people.correction import LONGEST_TEXT, CorrectionRequest
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.corrections import PAGE, CorrectionDesk
from idp.ports.clock import Clock
from idp.web.api.answers import AskedChange
from idp.web.api.gate import Gate


class Correction(BaseModel):
    """A request without a word of the person; moments in seconds since 1970, `…_due` the ends of the law's terms."""

    request_id: str
    state: str
    claims: list[str]
    asked_at: int
    answer_due: int
    complete_due: int
    late: bool
    answered_at: int | None
    completed_at: int | None
    change_id: str | None


class Corrections(BaseModel):
    """A page, what is due first at the top; `next` is the key of the following one."""

    requests: list[Correction]
    next: str | None


class CorrectionCase(BaseModel):
    """One request with what is recorded and what the person says is right. The look leaves a trace."""

    request: Correction
    recorded: dict[str, str | None]
    wanted: dict[str, str]
    reason: str
    answer: str


class Answer(BaseModel):
    """What the person reads."""

    answer: str = Field(max_length=LONGEST_TEXT)


class Acceptance(Answer):
    """The same; `longer`: it takes up to twenty days, and the answer says why."""

    longer: bool = False


def corrections_api(desk: CorrectionDesk, clock: Clock, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["corrections"])
    router.include_router(_reading_api(desk, clock, gate))
    router.include_router(_answering_api(desk, gate))
    return router


def _reading_api(desk: CorrectionDesk, clock: Clock, gate: Gate) -> APIRouter:
    router = APIRouter(prefix="/requests")
    Viewer = Annotated[Administrator, gate(Action.CORRECTIONS_VIEW)]  # noqa: N806 -- a type

    @router.get("")
    async def list_corrections(
        admin: Viewer, *, closed: bool = False, after: Annotated[str, Query(max_length=64)] = ""
    ) -> Corrections:
        """Requests that wait, or those that are closed."""
        found = await desk.listed(admin, closed=closed, after=after)
        told = [_told(request, clock.now()) for request in found]
        return Corrections(requests=told, next=found[-1].request_id if len(found) == PAGE else None)

    @router.get("/{request_id}")
    async def show_correction(admin: Viewer, request_id: str) -> CorrectionCase:
        """One request."""
        case = await desk.show(admin, request_id)
        request = case.request
        return CorrectionCase(
            request=_told(request, clock.now()),
            recorded={name: case.record.claims.get(name) for name in request.wanted},
            wanted=dict(request.wanted),
            reason=request.reason,
            answer=request.answer,
        )

    return router


def _answering_api(desk: CorrectionDesk, gate: Gate) -> APIRouter:
    router = APIRouter(prefix="/requests")
    Worker = Annotated[Administrator, gate(Action.CORRECTIONS_ANSWER)]  # noqa: N806 -- a type

    @router.post("/{request_id}/reject", status_code=204)
    async def reject_correction(admin: Worker, request_id: str, answer: Answer) -> None:
        """The record stays as it is."""
        await desk.reject(admin, request_id, answer.answer)

    @router.post("/{request_id}/accept", status_code=202)
    async def accept_correction(admin: Worker, request_id: str, answer: Acceptance) -> AskedChange:
        """Ask that the record is corrected."""
        return AskedChange(change_id=await desk.accept(admin, request_id, answer.answer, longer=answer.longer))

    @router.post("/{request_id}/ask-again", status_code=202)
    async def ask_correction_again(admin: Worker, request_id: str) -> AskedChange:
        """Ask once more, where the change came to nothing."""
        return AskedChange(change_id=await desk.ask_again(admin, request_id))

    return router


def _told(request: CorrectionRequest, now: Seconds) -> Correction:
    return Correction(
        request_id=request.request_id,
        state=request.state.value,
        claims=sorted(request.wanted),
        asked_at=request.asked_at,
        answer_due=request.answer_due,
        complete_due=request.complete_due,
        late=request.is_late(now),
        answered_at=request.answered_at,
        completed_at=request.completed_at,
        change_id=request.change_id,
    )
