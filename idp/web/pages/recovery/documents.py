"""What the pages of getting back in have in common: where each step is, and what is under way in this browser."""

from types import MappingProxyType
from typing import Any, Final

from idp.domain.accounts.recovery import BOTH, PASSWORD, SECOND_FACTOR, Credential
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.recovery.proving import Proving
from idp.journeys.recovery.recovering import Recovering
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView

RECOVER: Final = "/recover"
COUNTER: Final = f"{RECOVER}/counter"
EARLY: Final = "counter"
"""The step of whoever typed a code of a counter and does not want to wait."""
OVER: Final = "recovery_over"
LOST: Final = MappingProxyType({"password": PASSWORD, "second_factor": SECOND_FACTOR, "both": BOTH})


class RecoverDesk:
    """Finds what is under way, and leads on."""

    def __init__(self, proving: Proving, desk: Desk) -> None:
        self.proving = proving
        self.desk = desk

    async def held(self, visit: Visit) -> Held[Recovering] | Answer:
        """What the address names, in this browser; else the page that says that it is over."""
        try:
            return await self.proving.load(visit.parameter("recovery_id"), visit.browser)
        except DocumentGoneError:
            return self.over(visit)

    def over(self, visit: Visit) -> Answer:
        """Say that it is over."""
        return self.desk.error(visit, OVER, 410)

    async def begin_proved(self, visit: Visit, recovering: Recovering) -> Answer:
        """Begin where something was proved in another way, and go on."""
        return self.go_on(visit, await self.proving.begin_proved(recovering, visit.browser))

    def go_on(self, visit: Visit, held: Held[Recovering]) -> Answer:
        """On to what is missing."""
        recovering = held.document
        if recovering.complete:
            return self.go(visit, held, "password")
        if recovering.contact_proved:
            return self.go(visit, held, "proof")
        # Whoever typed a code of a counter is sent another one when asked for it, and told that it left.
        return self.go(visit, held, EARLY if recovering.counter_account else "contact")

    def go(self, visit: Visit, held: Held[Recovering], step: str = "") -> Answer:
        """On to a step."""
        return self.desk.redirect(visit, place(held.document_id, step))


def place(recovery_id: str, step: str = "") -> str:
    """Return the address of a step."""
    return f"{RECOVER}/{recovery_id}/{step}" if step else f"{RECOVER}/{recovery_id}"


def common(visit: Visit, form_action: str, error: ErrorView | None = None) -> dict[str, Any]:
    """Return what every view has."""
    return {
        "locale": visit.locale,
        "languages": visit.languages,
        "csrf_token": visit.csrf_token,
        "form_action": form_action,
        "error": error,
    }


def name_of(lost: frozenset[Credential]) -> str:
    """Return what forms call it."""
    return next(name for name, credentials in LOST.items() if credentials == lost)
