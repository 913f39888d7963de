"""The pages behind the footer, the front door, static files, and what is not there."""

from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.visit import Visit
from idp.web.static_files import StaticFiles
from idp.web.views.information import InformationPage, Topic


class InformationPages:
    """Pages that need nobody to be signed in."""

    def __init__(self, desk: Desk, static_files: StaticFiles, register_href: str | None) -> None:
        """`register_href` leads to where people open an account, where they can."""
        self._desk = desk
        self._static_files = static_files
        self._register_href = register_href

    async def front_door(self, visit: Visit) -> Answer:
        """GET `/`: there is nothing here but one's own account."""
        return self._desk.redirect(visit, "/account")

    async def help(self, visit: Visit) -> Answer:
        """GET `/help`."""
        return self._topic(visit, Topic.HELP)

    async def privacy(self, visit: Visit) -> Answer:
        """GET `/privacy`."""
        return self._topic(visit, Topic.PRIVACY)

    async def terms(self, visit: Visit) -> Answer:
        """GET `/terms`."""
        return self._topic(visit, Topic.TERMS)

    async def report(self, visit: Visit) -> Answer:
        """GET `/report`."""
        return self._topic(visit, Topic.REPORT)

    async def static(self, visit: Visit) -> Answer:
        """GET `/static/…`."""
        file = self._static_files.find(visit.path)
        if file is None:
            return await self.not_found(visit)
        headers = tuple((name.encode(), value.encode()) for name, value in file.headers if name != "content-length")
        return Answer(200, headers, file.body)

    async def not_found(self, visit: Visit) -> Answer:
        """Any other address, whatever is wanted of it."""
        return self._desk.error(visit, "not_found", 404)

    def _topic(self, visit: Visit, topic: Topic) -> Answer:
        view = InformationPage(
            locale=visit.locale, languages=visit.languages, topic=topic, register_href=self._register_href
        )
        return self._desk.page(visit, view)
