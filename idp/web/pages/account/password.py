"""`/account/password`: change my password."""

from typing import Final

from starlette.routing import Route

from idp.domain.authenticators.new_password import SHORTEST, RefusedPassword
from idp.journeys.account_security.own_password import OwnPassword, OwnPasswordParts, SessionOverError
from idp.journeys.refusals import WrongCredentialsError
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError
from idp.ports.keys import BusyError
from idp.web.edge.body import Parameters
from idp.web.pages.account.security import PATH as SECURITY
from idp.web.pages.account.security import SecurityDesk
from idp.web.pages.answer import Answer
from idp.web.pages.new_accounts.activation import REFUSED_PASSWORDS
from idp.web.pages.sessions.browser_state import BrowserState
from idp.web.pages.site_parts import SiteParts
from idp.web.pages.visit import SESSION, Visit
from idp.web.views.account_security import SecurityNotice
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.own_password import ChangePasswordPage

PATH: Final = "/account/password"


def own_password_routes(parts: SiteParts, browser_state: BrowserState) -> tuple[Route, ...]:
    """Return the route."""
    ports = parts.ports
    journey = OwnPassword(
        OwnPasswordParts(
            accounts=ports.accounts,
            authenticators=ports.authenticators,
            sign_in=parts.sign_in,
            passwords=parts.passwords,
            hasher=ports.hasher,
            throttling=parts.throttling,
            devices=parts.devices,
            audit=ports.audit,
            clock=ports.clock,
        )
    )
    desk = SecurityDesk(parts.sessions, parts.sign_in, parts.desk)
    pages = OwnPasswordPages(ports.watch(journey), desk, browser_state)
    return (parts.route(PATH, get=pages.show, post=pages.submit),)


class OwnPasswordPages:
    """One form. Whoever is not signed in, or has a second factor and did not just prove both, is led there and back."""

    def __init__(self, journey: OwnPassword, desk: SecurityDesk, browser_state: BrowserState) -> None:
        self._journey = journey
        self._security = desk
        self._desk = desk.desk
        self._browser_state = browser_state

    async def show(self, visit: Visit) -> Answer:
        """GET the form `change-password`."""
        current = await self._let_in(visit)
        return current if isinstance(current, Answer) else await self._page(visit, current, None)

    async def submit(self, visit: Visit) -> Answer:
        """POST the old password and the new one."""
        fields = await visit.form()
        current = await self._let_in(visit)
        if isinstance(current, Answer):
            return current
        if fields.get("password", "") != fields.get("again", ""):
            return await self._page(visit, current, ErrorView(Refusal.PASSWORDS_DIFFER), 400)
        try:
            return await self._change(visit, current, fields)
        except (WrongCredentialsError, RefusedPassword) as refused:
            code = refused.code if isinstance(refused, RefusedPassword) else None
            refusal = REFUSED_PASSWORDS[code] if code else Refusal.WRONG_PASSWORD
            return await self._page(visit, current, ErrorView(refusal), 400)
        except SlowDownError as slow:
            return await self._page(visit, current, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        except BusyError as busy:
            return await self._page(visit, current, ErrorView(Refusal.BUSY, busy.retry_after), 503)

    async def _change(self, visit: Visit, current: CurrentSession, fields: Parameters) -> Answer:
        old, new = fields.get("current", ""), fields.get("password", "")
        try:
            changed = await self._journey.change(current, old, new, visit.visitor)
        except SessionOverError:
            return await self.show(visit)
        answer = self._security.told(visit, SecurityNotice.PASSWORD_CHANGED)
        if changed is None:
            return answer.with_headers(self._desk.cookies.clear(SESSION), *self._browser_state.of_nobody(visit))
        cookie = self._desk.cookies.set(SESSION, changed.token)
        return answer.with_headers(cookie, *self._browser_state.of(changed.session))

    async def _let_in(self, visit: Visit) -> CurrentSession | Answer:
        current = await self._security.let_in(visit, PATH)
        if isinstance(current, Answer) or not await self._journey.takes_two_factors(current):
            return current
        return await self._security.let_change(visit, PATH)

    async def _page(self, visit: Visit, current: CurrentSession, error: ErrorView | None, status: int = 200) -> Answer:
        view = ChangePasswordPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            form_action=PATH,
            error=error,
            shortest=SHORTEST,
            asks_for_the_old=await self._journey.asks_for_the_old(current),
            back_href=SECURITY,
        )
        return self._desk.page(visit, view, status)
