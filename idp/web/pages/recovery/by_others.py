"""Coming back to a request that others have a word in, and stopping one by a link."""

from typing import Final

from idp.domain.accounts.recovery import RecoveryState
from idp.journeys.recovery.people import RecoveryByPeople
from idp.journeys.recovery.tokens import UnknownTokenError
from idp.ports.clock import Clock
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.recovery.documents import RECOVER, RecoverDesk, common
from idp.web.pages.visit import Visit
from idp.web.views.recovery import RecoverBackPage, RecoverStopPage

BACK: Final = f"{RECOVER}/back"
STOP: Final = f"{RECOVER}/stop"


class RecoverByOthersPages:
    """`/recover/back/{token}` and `/recover/stop/{token}`."""

    def __init__(self, people: RecoveryByPeople, issuer: str, clock: Clock, desk: RecoverDesk) -> None:
        self._people = people
        self._issuer = issuer
        self._clock = clock
        self._desk = desk

    async def show_back(self, visit: Visit) -> Answer:
        """GET what became of it, as far as whoever holds the address is told."""
        token = visit.parameter("token")
        try:
            request = await self._people.look(token)
        except UnknownTokenError:
            return self._desk.over(visit)
        state = request.told(self._clock.now())
        if state is RecoveryState.OVER:
            return self._desk.over(visit)
        view = RecoverBackPage(
            **common(visit, f"{BACK}/{token}"),
            state=state.value,
            address=f"{self._issuer}{BACK}/{token}",
            expires_at=moment_of(request.expires_at),
            spoken=self._people.tokens.spoken(request.request_id) if state is RecoveryState.WAITING else "",
            ready_at=moment_of(request.ready_at) if request.ready_at is not None else None,
        )
        return self._desk.desk.page(visit, view)

    async def come_back(self, visit: Visit) -> Answer:
        """POST the form `recover-begin`, once the cooling-off is over."""
        await visit.form()
        token = visit.parameter("token")
        try:
            recovering = await self._people.come_back(token)
        except UnknownTokenError:
            return self._desk.desk.redirect(visit, f"{BACK}/{token}")
        return await self._desk.begin_proved(visit, recovering)

    async def show_stop(self, visit: Visit) -> Answer:
        """GET the form `recover-stop`. Opening the link stops nothing: mail scanners open links too."""
        return self._stop(visit, None)

    async def stop(self, visit: Visit) -> Answer:
        """POST: it is stopped before the answer leaves."""
        await visit.form()
        try:
            stopped = await self._people.stop_by_link(visit.parameter("token"), visit.visitor)
        except UnknownTokenError:
            return self._desk.over(visit)
        return self._stop(visit, "stopped" if stopped else "too_late")

    def _stop(self, visit: Visit, outcome: str | None) -> Answer:
        view = RecoverStopPage(**common(visit, f"{STOP}/{visit.parameter('token')}"), outcome=outcome)
        return self._desk.desk.page(visit, view)
