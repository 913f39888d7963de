"""`/account/export`: everything that is held about a person, as one file."""

from typing import Final

from idp.domain.levels.assurance import Level
from idp.journeys.data_export import DataExport
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.own_requests import ExportPage

PATH: Final = "/account/export"
NAME: Final = "own-data.json"


class ExportPages:
    """For somebody who proved two factors just now."""

    def __init__(self, export: DataExport, desk: OwnDataDesk) -> None:
        self._export = export
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the page."""
        current = await self._desk.let_in(visit, Level.TWO, fresh=True)
        if isinstance(current, Answer):
            return current
        return self._desk.desk.page(visit, ExportPage(**self._desk.common(visit)))

    async def save(self, visit: Visit) -> Answer:
        """POST the form `export`: the file, sent while it is made."""
        await visit.form()
        current = await self._desk.let_in(visit, Level.TWO, fresh=True)
        if isinstance(current, Answer):
            return current
        pieces = await self._export.begin(current, visit.visitor.origin)
        return self._desk.desk.file(visit, NAME, b"", b"application/json").streaming(pieces)
