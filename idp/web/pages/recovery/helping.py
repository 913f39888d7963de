"""`/account/recovery/requests/{request_id}`: giving one's word for somebody, or saying that it is somebody else."""

from idp.domain.accounts.recovery import RecoveryState
from idp.domain.levels.assurance import Level
from idp.journeys.recovery.helping import Asked, Helping, NotAskedError
from idp.journeys.refusals import WrongCodeError
from idp.journeys.throttling import SlowDownError
from idp.ports.clock import Clock
from idp.web.moments import moment_of
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.recovery.documents import common
from idp.web.pages.recovery.trusted_people import PATH, REQUESTS
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.recovery import HelpRecoverPage


class HelpRecoverPages:
    """One request, for a helper who proved two factors."""

    def __init__(self, helping: Helping, clock: Clock, desk: OwnDataDesk) -> None:
        self._helping = helping
        self._clock = clock
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the forms `help-recover` and `help-deny`."""
        current = await self._desk.let_in(visit, Level.TWO)
        if isinstance(current, Answer):
            return current
        try:
            asked = await self._helping.see(current.account, visit.parameter("request_id"))
        except NotAskedError:
            return self._desk.desk.error(visit, "recovery_not_asked", 404)
        return self._draw(visit, asked)

    async def confirm(self, visit: Visit) -> Answer:
        """POST the digits that the owner read out."""
        fields = await visit.form()
        request_id = visit.parameter("request_id")
        current = await self._desk.let_in(visit, Level.TWO)
        if isinstance(current, Answer):
            return current
        try:
            asked = await self._helping.see(current.account, request_id)
        except NotAskedError:
            return self._desk.desk.redirect(visit, f"{PATH}?notice=too_late")
        try:
            await self._helping.confirm(current.account, request_id, fields.get("code", ""), visit.visitor)
        except NotAskedError:
            return self._desk.desk.redirect(visit, f"{PATH}?notice=too_late")
        except WrongCodeError:
            return self._draw(visit, asked, ErrorView(Refusal.WRONG_SPOKEN_CODE), 400)
        except SlowDownError:
            return self._draw(visit, asked, ErrorView(Refusal.SPOKEN_CODE_OVER), 429)
        return self._desk.desk.redirect(visit, f"{PATH}?notice=confirmed")

    async def deny(self, visit: Visit) -> Answer:
        """POST: it is somebody else who asks; this stops it at once."""
        await visit.form()
        current = await self._desk.let_in(visit, Level.TWO, back_to=PATH)
        if isinstance(current, Answer):
            return current
        try:
            await self._helping.deny(current.account, visit.parameter("request_id"), visit.visitor)
        except NotAskedError:
            return self._desk.desk.redirect(visit, f"{PATH}?notice=too_late")
        return self._desk.desk.redirect(visit, f"{PATH}?notice=denied")

    def _draw(self, visit: Visit, asked: Asked, error: ErrorView | None = None, status: int = 200) -> Answer:
        path = f"{REQUESTS}/{asked.request.request_id}"
        view = HelpRecoverPage(
            **common(visit, path, error),
            owner=asked.owner,
            asked_at=moment_of(asked.request.asked_at),
            deny_action=f"{path}/deny",
            waits=asked.request.state(self._clock.now()) is RecoveryState.WAITING,
            answered=asked.answered,
        )
        return self._desk.desk.page(visit, view, status)
