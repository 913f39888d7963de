"""`/account/contacts/undo/{token}`: the link that went to the former contact."""

from typing import Final

from idp.journeys.contact_links import UndoingContacts
from idp.web.moments import moment_of
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.own_contacts import UndoContactPage

PATH: Final = "/account/contacts/undo"


class UndoContactPages:
    """Asks, and undoes. Nobody has to be signed in: the link is what somebody else does not have."""

    def __init__(self, undoing: UndoingContacts, desk: OwnDataDesk) -> None:
        self._undoing = undoing
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `undo-contact`. Opening the link undoes nothing: mail scanners open links too."""
        change = await self._undoing.undoable(visit.parameter("token"))
        if change is None:
            return self._draw(visit, "too_late")
        page = UndoContactPage(
            **self._desk.common(visit),
            form_action=visit.path,
            state="open",
            kind=change.kind.value,
            changed_at=moment_of(change.changed_at),
        )
        return self._desk.desk.page(visit, page)

    async def undo(self, visit: Visit) -> Answer:
        """POST: the former contact is back before the answer leaves."""
        await visit.form()
        undone = await self._undoing.undo(visit.parameter("token"), visit.visitor)
        return self._draw(visit, "undone" if undone else "too_late")

    def _draw(self, visit: Visit, state: str) -> Answer:
        page = UndoContactPage(**self._desk.common(visit), form_action=visit.path, state=state)
        return self._desk.desk.page(visit, page, 410 if state == "too_late" else 200)
