"""`/recover`: who are you, what is lost, and by which way back. Every answer is the same, whoever is named."""

from typing import Final

from idp.domain.accounts.recovery import PASSWORD, SECOND_FACTOR, Credential
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.recovery.people import RecoveryByPeople
from idp.journeys.recovery.recovering import Recovering
from idp.journeys.throttling import SlowDownError
from idp.web.pages.answer import Answer
from idp.web.pages.recovery.documents import COUNTER, LOST, RECOVER, RecoverDesk, common, name_of, place
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.recovery import RecoverPage, RecoverWaysPage

_LONGEST_SHOWN: Final = 320
_SIGN_IN: Final = "/account"


class RecoverPages:
    """The two questions that everybody is asked."""

    def __init__(self, people: RecoveryByPeople, desk: RecoverDesk) -> None:
        self._people = people
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `recover`."""
        return self._desk.desk.page(visit, RecoverPage(**common(visit, RECOVER)))

    async def begin(self, visit: Visit) -> Answer:
        """POST who it is and what is lost: on to the ways, whoever that is."""
        fields = await visit.form()
        username, lost = fields.get("username", ""), fields.get("lost", "")
        if not username.strip() or lost not in LOST:
            refusal = Refusal.CHOOSE_ONE if username.strip() else Refusal.MISSING_FIELD
            return self._refused(visit, username, lost, ErrorView(refusal), 400)
        try:
            held = await self._desk.proving.begin(username, LOST[lost], visit.browser, visit.visitor)
        except SlowDownError as slow:
            return self._refused(visit, username, lost, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        return self._desk.go(visit, held)

    async def show_ways(self, visit: Visit) -> Answer:
        """GET the form `recover-way`."""
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        return self._desk.go_on(visit, held) if _has_chosen(held) else self._ways(visit, held)

    async def choose(self, visit: Visit) -> Answer:
        """POST the way."""
        fields = await visit.form()
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        if _has_chosen(held):
            return self._desk.go_on(visit, held)
        way = fields.get("way", "")
        if way not in ways(held.document.lost):
            return self._ways(visit, held, ErrorView(Refusal.CHOOSE_ONE), 400)
        if way == "people":
            return await self._ask_people(visit, held)
        if way in {"proof", "proof_both"}:
            return await self._send_code(visit, held)
        return self._desk.desk.redirect(visit, COUNTER if way == "counter" else _SIGN_IN)

    async def _send_code(self, visit: Visit, held: Held[Recovering]) -> Answer:
        try:
            await self._desk.proving.send_code(held, visit.visitor)
        except SlowDownError as slow:
            return self._ways(visit, held, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        return self._desk.go(visit, held, "contact")

    async def _ask_people(self, visit: Visit, held: Held[Recovering]) -> Answer:
        try:
            token = await self._people.ask(held, visit.visitor)
        except DocumentGoneError:
            return self._desk.over(visit)
        return self._desk.desk.redirect(visit, f"{RECOVER}/back/{token}")

    def _ways(self, visit: Visit, held: Held[Recovering], error: ErrorView | None = None, status: int = 200) -> Answer:
        lost = held.document.lost
        view = RecoverWaysPage(**common(visit, place(held.document_id), error), ways=ways(lost), lost=name_of(lost))
        return self._desk.desk.page(visit, view, status)

    def _refused(self, visit: Visit, username: str, lost: str, error: ErrorView, status: int) -> Answer:
        view = RecoverPage(**common(visit, RECOVER, error), username=username[:_LONGEST_SHOWN], lost=lost)
        return self._desk.desk.page(visit, view, status)


def _has_chosen(held: Held[Recovering]) -> bool:
    """Whether somebody came by a request: that is the way, and there is nothing left to choose."""
    return held.document.request_id is not None


def ways(lost: frozenset[Credential]) -> tuple[str, ...]:
    """Return what is offered, strongest first: by what is lost, and never by who asks."""
    if lost == SECOND_FACTOR:
        return ("sign_in", "people", "counter")
    return ("proof" if lost == PASSWORD else "proof_both", "people", "counter")
