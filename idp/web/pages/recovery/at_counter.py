"""`/recover/counter`: the code of a counter, and one from the mailbox where that would have to wait by itself."""

from idp.journeys.bound_documents import Held
from idp.journeys.recovery.counter import RecoveryByCounter
from idp.journeys.recovery.recovering import Recovering
from idp.journeys.refusals import WrongCodeError
from idp.journeys.throttling import SlowDownError
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.recovery.documents import COUNTER, EARLY, RecoverDesk, common, place
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.recovery import RecoverCounterPage, RecoverEarlyPage


class RecoverAtCounterPages:
    """The two pages."""

    def __init__(self, counter: RecoveryByCounter, desk: RecoverDesk) -> None:
        self._counter = counter
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `recover-counter`."""
        return self._desk.desk.page(visit, RecoverCounterPage(**common(visit, COUNTER)))

    async def submit(self, visit: Visit) -> Answer:
        """POST the code that an officer handed over: on to the password, or to what makes waiting unnecessary."""
        fields = await visit.form()
        try:
            recovering = await self._counter.redeem(fields.get("code", ""), visit.visitor)
        except WrongCodeError:
            error, status = ErrorView(Refusal.WRONG_COUNTER_CODE), 400
        except SlowDownError as slow:
            error, status = ErrorView(Refusal.SLOW_DOWN, slow.wait), 429
        else:
            return await self._desk.begin_proved(visit, recovering)
        return self._desk.desk.page(visit, RecoverCounterPage(**common(visit, COUNTER, error)), status)

    async def show_early(self, visit: Visit) -> Answer:
        """GET the form `recover-early`: from when on the code is good by itself."""
        held = await self._desk.held(visit)
        return held if isinstance(held, Answer) else await self._early(visit, held)

    async def send(self, visit: Visit) -> Answer:
        """POST: a code leaves for a verified contact."""
        await visit.form()
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        try:
            await self._desk.proving.send_code(held, visit.visitor)
        except SlowDownError as slow:
            return await self._early(visit, held, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        return self._desk.go(visit, held, "contact")

    async def _early(
        self, visit: Visit, held: Held[Recovering], error: ErrorView | None = None, status: int = 200
    ) -> Answer:
        account_id, ready_at = held.document.counter_account, held.document.ready_at
        if account_id is None or ready_at is None:
            return self._desk.go(visit, held)
        view = RecoverEarlyPage(
            **common(visit, place(held.document_id, EARLY), error),
            ready_at=moment_of(ready_at),
            has_contact=await self._counter.reaches_contact(account_id),
        )
        return self._desk.desk.page(visit, view, status)
