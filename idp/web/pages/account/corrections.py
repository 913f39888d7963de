"""`/account/corrections`: asking for a correction, seeing how far it came, and taking it back."""

from collections.abc import Mapping
from typing import Final

from idp.domain.levels.assurance import Level
from idp.domain.people.correction import CORRECTABLE, CorrectionRequest, CorrectionState
from idp.domain.refused_value import RefusedValue
from idp.journeys.own_corrections import OwnCorrections, TooManyRequestsError
from idp.journeys.sessions import CurrentSession
from idp.web.moments import moment_of
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.own_requests import CorrectionItem, CorrectionsOwnPage, CorrectionView

PATH: Final = "/account/corrections"
REASON: Final = "reason"


class CorrectionsPages:
    """The person's side of corrections; two factors, since it is about the record."""

    def __init__(self, corrections: OwnCorrections, desk: OwnDataDesk) -> None:
        self._corrections = corrections
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the page."""
        current = await self._desk.let_in(visit, Level.TWO)
        return current if isinstance(current, Answer) else await self._draw(visit, current, {})

    async def ask(self, visit: Visit) -> Answer:
        """POST the form `correct`."""
        fields = await visit.form()
        current = await self._desk.let_in(visit, Level.TWO)
        if isinstance(current, Answer):
            return current
        typed = {name: fields.get(name, "") for name in (*CORRECTABLE, REASON)}
        try:
            await self._corrections.ask(current.account.account_id, typed, typed[REASON], visit.visitor.origin)
        except TooManyRequestsError:
            return await self._draw(visit, current, typed, ErrorView(Refusal.REQUESTS_WAIT))
        except RefusedValue:
            return await self._draw(visit, current, typed, ErrorView(Refusal.NO_CORRECTION))
        return self._desk.desk.redirect(visit, f"{PATH}?asked=yes")

    async def take_back(self, visit: Visit) -> Answer:
        """POST `/account/corrections/{request_id}/take-back`."""
        await visit.form()
        current = await self._desk.let_in(visit, Level.TWO, back_to=PATH)
        if isinstance(current, Answer):
            return current
        request_id = visit.parameter("request_id")
        await self._corrections.take_back(current.account.account_id, request_id, visit.visitor.origin)
        return self._desk.desk.redirect(visit, PATH)

    async def _draw(
        self, visit: Visit, current: CurrentSession, typed: Mapping[str, str], error: ErrorView | None = None
    ) -> Answer:
        account_id = current.account.account_id
        record = await self._corrections.record(account_id)
        requests = await self._corrections.listed(account_id)
        page = CorrectionsOwnPage(
            **self._desk.common(visit),
            recorded={name: str(record.claims[name]) for name in CORRECTABLE if record and record.claims.get(name)},
            typed={name: typed.get(name, "") for name in (*CORRECTABLE, REASON)},
            requests=tuple(_view(request) for request in requests),
            error=error,
            asked=visit.query.get("asked") == "yes",
        )
        return self._desk.desk.page(visit, page, 200 if error is None else 400)


def _view(request: CorrectionRequest) -> CorrectionView:
    waits = request.state is CorrectionState.WAITING
    return CorrectionView(
        state=request.state.value,
        asked_at=moment_of(request.asked_at),
        answer_due=moment_of(request.answer_due - 1),
        complete_due=moment_of(request.complete_due - 1),
        items=tuple(CorrectionItem(name, value) for name, value in sorted(request.wanted.items())),
        reason=request.reason,
        answer=request.answer,
        answered_at=moment_of(request.answered_at) if request.answered_at else None,
        take_back_action=f"{PATH}/{request.request_id}/take-back" if waits else None,
    )
