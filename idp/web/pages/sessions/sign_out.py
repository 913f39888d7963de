"""Signing out: asked by a service (OpenID Connect RP-Initiated Logout), or by the person on the account page."""

from collections.abc import Mapping
from urllib.parse import urlencode

from idp.domain.clients.client import Client
from idp.domain.events import AccessRefused
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.journeys.sessions import CurrentSession, Sessions
from idp.ports.clients import Clients
from idp.ports.grants import Grants
from idp.protocol.discovery import END_SESSION_PATH
from idp.protocol.logout.frontchannel_logout import FrontChannelLogout
from idp.protocol.logout.rp_initiated_logout import (
    ConfirmFirst,
    RedirectAfterLogout,
    Refuse,
    RpInitiatedLogout,
    ShowSignedOut,
)
from idp.protocol.refusal_counter import RefusalCounter
from idp.web.edge.body import LONGEST_QUERY, read_form
from idp.web.edge.refusals import QueryTooLong
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.sessions.browser_state import BrowserState
from idp.web.pages.visit import SESSION, Visit
from idp.web.views.common import ClientView, ErrorView, Refusal
from idp.web.views.sign_out import SignedOutPage, SignOutPage

CONFIRM_PATH = "/sign-out/confirm"
SIGN_OUT_PATH = "/sign-out"
EVERYWHERE_PATH = "/sign-out/everywhere"
_GO_ON = "signed_out.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutParts:
    """What the pages of signing out work with."""

    logout: RpInitiatedLogout
    front_channel: FrontChannelLogout
    browser_state: BrowserState
    sessions: Sessions
    grants: Grants
    clients: Clients
    refusals: RefusalCounter


@dataclass(frozen=True, slots=True)
class SignedOut:
    """What came of signing out: who is told, and which addresses the browser loads to tell them."""

    told: tuple[ClientId, ...] = ()
    frames: tuple[str, ...] = ()


class SignOutPages:
    """The end session endpoint, its question, and the account page's button."""

    def __init__(self, parts: SignOutParts, desk: Desk) -> None:
        self._logout = parts.logout
        self._front_channel = parts.front_channel
        self._browser_state = parts.browser_state
        self._sessions = parts.sessions
        self._grants = parts.grants
        self._clients = parts.clients
        self._refusals = parts.refusals
        self._desk = desk

    async def request(self, visit: Visit) -> Answer:
        """GET `/logout`."""
        current = await self._sessions.known(visit.session_token)
        decision = await self._logout.decide(visit.query, current.session if current else None)
        match decision:
            case Refuse():
                return await self._refuse(visit, decision)
            case ConfirmFirst(location, client):
                return await self._ask(visit, current, client, location)
            case RedirectAfterLogout(location, client):
                return await self._leave_for(visit, await self._end(visit, current), client, location)
            case ShowSignedOut(client):
                return await self._say(visit, await self._end(visit, current), client)

    async def request_by_form(self, visit: Visit) -> Answer:
        """POST `/logout`: go on with a GET, which carries the session cookie although the form came from elsewhere."""
        fields = await read_form(visit.scope, visit.receive)
        query = urlencode([*fields.items()])
        if len(query) > LONGEST_QUERY:
            raise QueryTooLong
        return self._desk.redirect(visit, f"{END_SESSION_PATH}?{query}")

    async def decide(self, visit: Visit) -> Answer:
        """POST the answer to the question; what the service asked for is checked again."""
        fields = await visit.form()
        current = await self._sessions.known(visit.session_token)
        decision = await self._logout.decide(visit.query, current.session if current else None)
        if isinstance(decision, Refuse):
            return await self._refuse(visit, decision)
        if fields.get("decision") == "no":
            return self._desk.redirect(visit, "/account")
        location = None if isinstance(decision, ShowSignedOut) else decision.location
        if fields.get("decision") != "yes":
            return await self._ask(visit, current, decision.client, location, ErrorView(Refusal.CHOOSE_ONE))
        ended = await self._end(visit, current)
        return await self._leave_for(visit, ended, decision.client, location)

    async def leave(self, visit: Visit) -> Answer:
        """POST `/sign-out`: the button of the account page."""
        await visit.form()
        current = await self._sessions.known(visit.session_token)
        return await self._say(visit, await self._end(visit, current), None)

    async def leave_everywhere(self, visit: Visit) -> Answer:
        """POST `/sign-out/everywhere`: the other button, for whoever suspects that somebody else is signed in."""
        await visit.form()
        current = await self._sessions.known(visit.session_token)
        if current is None:
            return await self._say(visit, SignedOut(), None)
        framed = await self._front_channel.addresses(current.session.session_id)
        told = await self._sessions.end_everywhere(current, visit.visitor.origin)
        return await self._say(visit, _signed_out(told, framed), None)

    async def ask(self, visit: Visit) -> Answer:
        """GET `/sign-out`: the question, for whoever types the address."""
        current = await self._sessions.known(visit.session_token)
        return await self._ask(visit, current, None) if current else await self._say(visit, SignedOut(), None)

    async def _ask(
        self,
        visit: Visit,
        current: CurrentSession | None,
        client: Client | None,
        location: str | None = None,
        error: ErrorView | None = None,
    ) -> Answer:
        names: tuple[str, ...] = ()
        if current is not None:
            names = await self._names(visit, await self._grants.clients_of_session(current.session.session_id))
        query = f"?{urlencode([*visit.query.items()])}" if visit.query else ""
        view = SignOutPage(
            locale=visit.locale,
            languages=visit.languages,
            client=_client_view(visit, client),
            csrf_token=visit.csrf_token,
            form_action=CONFIRM_PATH + query,
            services=names,
            error=error,
        )
        return self._desk.page(visit, view, 400 if error else 200, redirect_uri=location)

    async def _end(self, visit: Visit, current: CurrentSession | None) -> SignedOut:
        if current is None:
            return SignedOut()
        framed = await self._front_channel.addresses(current.session.session_id)
        return _signed_out(await self._sessions.end(current, "sign_out", visit.visitor.origin), framed)

    async def _leave_for(self, visit: Visit, ended: SignedOut, client: Client | None, location: str | None) -> Answer:
        """Go on to where the service wants, at once or by a page that first tells others through the browser."""
        if location is None or ended.frames:
            return await self._say(visit, ended, client, location)
        return self._gone(visit, self._desk.redirect(visit, location))

    async def _say(self, visit: Visit, ended: SignedOut, client: Client | None, location: str | None = None) -> Answer:
        view = SignedOutPage(
            locale=visit.locale,
            languages=(),
            client=_client_view(visit, client),
            services=await self._names(visit, ended.told),
            return_href=location,
            frames=ended.frames,
            scripts=(_GO_ON,) if ended.frames and location else (),
        )
        return self._gone(visit, self._desk.page(visit, view, frames=ended.frames))

    async def _refuse(self, visit: Visit, decision: Refuse) -> Answer:
        event = AccessRefused(
            origin=visit.visitor.origin, endpoint="logout", error=decision.error.code, client_id=decision.client_id
        )
        await self._refusals.record("logout", event, None)
        return self._desk.error(visit, "invalid_logout_request", 400)

    async def _names(self, visit: Visit, client_ids: tuple[ClientId, ...]) -> tuple[str, ...]:
        clients = [await self._clients.get(client_id) for client_id in client_ids]
        return tuple(client.name_in(visit.locale) for client in clients if client)

    def _gone(self, visit: Visit, answer: Answer) -> Answer:
        return answer.with_headers(self._desk.cookies.clear(SESSION), *self._browser_state.of_nobody(visit))


def _signed_out(told: tuple[ClientId, ...], framed: Mapping[ClientId, str]) -> SignedOut:
    return SignedOut(tuple(dict.fromkeys((*told, *framed))), tuple(framed.values()))


def _client_view(visit: Visit, client: Client | None) -> ClientView | None:
    return ClientView(name=client.name_in(visit.locale), logo_uri=client.logo_uri) if client else None
