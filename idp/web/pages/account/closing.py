"""`/account/closing`: what closing the account means, asking for it, and thinking better of it."""

from typing import Final

from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.account_closure import COOLING_OFF
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level
from idp.journeys.account_closing import ClosingAccounts
from idp.journeys.sessions import CurrentSession
from idp.ports.account_closures import OfficersDoNotCloseError
from idp.ports.clock import Clock
from idp.ports.notifications import Notifications
from idp.web.moments import moment_of
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.own_requests import ClosingPage

PATH: Final = "/account/closing"


class ClosingPages:
    """Asks twice: once with a box, and once by letting two weeks go by."""

    def __init__(self, closing: ClosingAccounts, notifications: Notifications, clock: Clock, desk: OwnDataDesk) -> None:
        self._closing = closing
        self._notifications = notifications
        self._clock = clock
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the page, for somebody who proved two factors just now."""
        current = await self._desk.let_in(visit, Level.TWO, fresh=True)
        return current if isinstance(current, Answer) else await self._draw(visit, current)

    async def ask(self, visit: Visit) -> Answer:
        """POST the form `close`."""
        fields = await visit.form()
        current = await self._desk.let_in(visit, Level.TWO, fresh=True)
        if isinstance(current, Answer):
            return current
        if fields.get("understood") != "yes":
            return await self._draw(visit, current, ErrorView(Refusal.CONFIRM_CLOSING), status=400)
        try:
            await self._closing.ask(current.account, self._notifications, visit.visitor.origin)
        except OfficersDoNotCloseError:
            return await self._draw(visit, current, officer=True, status=409)
        return self._desk.desk.redirect(visit, PATH)

    async def keep(self, visit: Visit) -> Answer:
        """POST the form `keep`: whoever is signed in at all may save the account."""
        await visit.form()
        current = await self._desk.let_in(visit, back_to=PATH)
        if isinstance(current, Answer):
            return current
        kept = await self._closing.take_back(current.account.account_id, visit.visitor.origin)
        return self._desk.desk.redirect(visit, f"{PATH}?kept=yes" if kept else PATH)

    async def _draw(
        self,
        visit: Visit,
        current: CurrentSession,
        error: ErrorView | None = None,
        *,
        officer: bool = False,
        status: int = 200,
    ) -> Answer:
        standing = await self._closing.standing(current.account.account_id)
        page = ClosingPage(
            **self._desk.common(visit),
            closes_at=moment_of(standing.due_at) if standing else None,
            would_close_at=moment_of(Seconds(self._clock.now() + COOLING_OFF)),
            officer=officer or current.account.kind is not AccountKind.CITIZEN,
            kept=standing is None and visit.query.get("kept") == "yes",
            error=error,
        )
        return self._desk.desk.page(visit, page, status)
