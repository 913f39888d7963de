"""Around every page of the console: who is it, may he or she do this, and what to say when not."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypedDict
from urllib.parse import urlencode

from starlette.routing import Route

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client import ClientAudience
from idp.domain.events import AdministrationRefused
from idp.domain.levels.assurance_policy import Act
from idp.domain.levels.requirement import Need, Requirement
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator, Administrators
from idp.journeys.administration.errors import AdministrationError, NotAllowedError
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.audit import AuditTrail
from idp.web.console.rooms import CONSOLE, Room
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.endpoint import Handler
from idp.web.pages.sessions.sign_out import SIGN_OUT_PATH
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.common import LanguageLink, Locale
from idp.web.views.console.common import ConsoleHead, RoomLink

ConsoleHandler = Callable[[Visit, Administrator], Awaitable[Answer]]
Guarded = tuple[Action, ConsoleHandler]


class ConsoleRoute(Route):
    """A route of the console that knows, by method, which action it takes."""

    actions: dict[str, Action]


class MakeRoute(Protocol):
    """Makes the route of one page."""

    def __call__(self, path: str, **handlers: Handler) -> Route:
        """Return the route; `handlers` by method in lower case."""
        ...


class Common(TypedDict):
    """Parts of every `ConsolePage`, by name."""

    locale: Locale
    languages: tuple[LanguageLink, ...]
    head: ConsoleHead


class Frame:
    """Lets administrators in, and nobody else."""

    def __init__(
        self,
        *,
        administrators: Administrators,
        sessions: Sessions,
        sign_in: SignIn,
        audit: AuditTrail,
        desk: Desk,
        make_route: MakeRoute,
    ) -> None:
        self._administrators = administrators
        self._sessions = sessions
        self._sign_in = sign_in
        self._audit = audit
        self._make_route = make_route
        self.desk = desk

    def route(self, path: str, *, get: Guarded | None = None, post: Guarded | None = None) -> Route:
        """Return the route of a page at `path`, each method behind the action that it takes."""
        guarded = {method: pair for method, pair in (("get", get), ("post", post)) if pair is not None}
        made = self._make_route(path, **{method: self._behind(*pair) for method, pair in guarded.items()})
        route = ConsoleRoute(made.path, made.endpoint)
        route.actions = {method.upper(): action for method, (action, _) in guarded.items()}
        return route

    def common(self, visit: Visit, admin: Administrator, room: Room) -> Common:
        """Return what every page has: `SomePage(**frame.common(visit, admin, Room.X), …)`."""
        rooms = tuple(
            RoomLink(each.name.lower(), each.value.path, each is room) for each in Room if admin.may(each.value.action)
        )
        head = ConsoleHead(
            rooms=rooms,
            name=admin.display_name,
            agency_code=admin.agency_code,
            roles=tuple(sorted(admin.roles)),
            csrf_token=visit.csrf_token,
            sign_out_action=SIGN_OUT_PATH,
        )
        return Common(locale=visit.locale, languages=visit.languages, head=head)

    def _behind(self, action: Action, handler: ConsoleHandler) -> Handler:
        async def guarded(visit: Visit) -> Answer:
            current = await self._sessions.current(visit.session_token)
            requirement = await self._requirement()
            need = await self._need(requirement, current)
            if current is None or need is not Need.NOTHING:
                return await self._lead(visit, requirement, current if need is Need.STEP_UP else None)
            return await self._admitted(visit, current, action, handler)

        return guarded

    async def _admitted(self, visit: Visit, current: CurrentSession, action: Action, handler: ConsoleHandler) -> Answer:
        try:
            admin = await self._administrators.admit(current.account.account_id, visit.visitor.origin)
            admin.must(action)
            return await handler(visit, admin)
        except AdministrationError as refused:
            if isinstance(refused, NotAllowedError):
                await self._record(visit, current, action)
            return self.desk.error(visit, refused.code, refused.status)

    async def _record(self, visit: Visit, current: CurrentSession, action: Action) -> None:
        event = AdministrationRefused(
            origin=visit.visitor.origin,
            account_id=current.account.account_id,
            action=action.value,
            reason=NotAllowedError.code,
        )
        await self._audit.record(event)

    async def _requirement(self) -> Requirement:
        """Two factors in any case, and what the policy asks of administrators."""
        least = Requirement(Administrators.LEVEL)
        return least.joined(await self._sign_in.required_for(Act.ADMINISTER, AccountKind.OFFICER))

    async def _need(self, requirement: Requirement, current: CurrentSession | None) -> Need:
        """What is missing; a citizen's session is none here."""
        if current is None or current.session.account_kind is not AccountKind.OFFICER:
            return Need.SIGN_IN
        return await self._sign_in.need(requirement, current)

    async def _lead(self, visit: Visit, requirement: Requirement, current: CurrentSession | None) -> Answer:
        """To sign in as an officer as strongly as is asked, and back to this page if it can be shown again."""
        query = f"?{urlencode([*visit.query.items()])}" if visit.query else ""
        back = visit.path + query if visit.scope["method"] == "GET" else CONSOLE
        demand = Demand(
            level=requirement.level,
            resistance=requirement.resistance,
            wished=requirement.wished,
            audience=ClientAudience.OFFICER,
            return_to=back,
            reauthenticate=current is None,
        )
        return self.desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))
