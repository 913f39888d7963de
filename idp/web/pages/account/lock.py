"""`/account/lock`: lock my account now."""

from typing import Final

from starlette.routing import Route

from idp.domain.levels.assurance import Level
from idp.journeys.own_lock import OwnLock
from idp.journeys.sessions import Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.clients import Clients
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.sessions.browser_state import BrowserState
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.site_parts import SiteParts
from idp.web.pages.visit import SESSION, Visit
from idp.web.views.own_lock import OwnLockedPage, OwnLockPage

PATH: Final = "/account/lock"
ACCOUNT: Final = "/account"


class OwnLockPages:
    """The question, and the lock."""

    def __init__(
        self,
        lock: OwnLock,
        sessions: Sessions,
        sign_in: SignIn,
        clients: Clients,
        browser_state: BrowserState,
        desk: Desk,
    ) -> None:
        self._lock = lock
        self._sessions = sessions
        self._sign_in = sign_in
        self._clients = clients
        self._browser_state = browser_state
        self._desk = desk

    async def ask(self, visit: Visit) -> Answer:
        """GET `/account/lock`."""
        if await self._sessions.current(visit.session_token) is None:
            return await self._lead(visit)
        page = OwnLockPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            form_action=PATH,
            back_href=ACCOUNT,
        )
        return self._desk.page(visit, page)

    async def lock(self, visit: Visit) -> Answer:
        """POST `/account/lock`: the account is locked before the answer leaves, and nobody is signed in any more."""
        await visit.form()
        current = await self._sessions.current(visit.session_token)
        if current is None:
            return await self._lead(visit)
        told = await self._lock.lock(current, visit.visitor.origin)
        clients = [await self._clients.get(client_id) for client_id in told]
        page = OwnLockedPage(
            locale=visit.locale,
            languages=(),
            services=tuple(client.name_in(visit.locale) for client in clients if client),
        )
        answer = self._desk.page(visit, page)
        return answer.with_headers(self._desk.cookies.clear(SESSION), *self._browser_state.of_nobody(visit))

    async def _lead(self, visit: Visit) -> Answer:
        demand = Demand(level=Level.ONE, return_to=PATH, reauthenticate=True)
        return self._desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, None))


def own_lock_routes(parts: SiteParts, browser_state: BrowserState) -> tuple[Route, ...]:
    """Return the route."""
    ports = parts.ports
    lock = OwnLock(ports.account_locks, ports.clock)
    pages = OwnLockPages(lock, parts.sessions, parts.sign_in, ports.clients, browser_state, parts.desk)
    return (parts.route(PATH, get=pages.ask, post=pages.lock),)
