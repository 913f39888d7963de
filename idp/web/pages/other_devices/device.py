"""`/device`: somebody types the code that a device shows, signs in, and decides (RFC 8628 section 3.3)."""

from typing import cast

from idp.domain.clients.client import Client
from idp.domain.events import UserCodeRefused
from idp.domain.levels.requirement import Need
from idp.domain.values import dataclass
from idp.journeys.device_visit import DeviceVisits
from idp.journeys.floods import Floods
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.journeys.throttling import SlowDownError, Throttling
from idp.ports.accounts import Accounts
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.protocol.claims.claims import NOTHING_REQUESTED
from idp.protocol.decoupled.decision import DecoupledDecisions, RequestOverError
from idp.protocol.decoupled.device_authorization import VERIFICATION_PATH, complete_uri
from idp.protocol.decoupled.request import DecoupledRequest
from idp.protocol.decoupled.requests import Reference
from idp.protocol.decoupled.user_codes import UserCodes, read_user_code, shown_user_code
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk, named_client
from idp.web.pages.signing_in.consent import Shown, released_items
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.device import DeviceConsentPage, DeviceDonePage, DevicePage

ALLOWED_PATH = f"{VERIFICATION_PATH}/allowed"
DENIED_PATH = f"{VERIFICATION_PATH}/denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceParts:
    """What the pages are made from."""

    issuer: str
    user_codes: UserCodes
    visits: DeviceVisits
    decisions: DecoupledDecisions
    sessions: Sessions
    sign_in: SignIn
    throttling: Throttling
    floods: Floods
    clients: Clients
    accounts: Accounts
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Asked:
    """An open request whose client still exists."""

    reference: Reference
    request: DecoupledRequest
    client: Client


class DevicePages:
    """`/device`, `/device/{visit}` and what comes of it."""

    def __init__(self, parts: DeviceParts, desk: Desk) -> None:
        self._parts = parts
        self._desk = desk

    async def show_code(self, visit: Visit) -> Answer:
        """GET the form `device`; a code in the address is only filled in (section 3.3.1)."""
        return self._draw_code(visit, visit.query.get("user_code", ""), None, 200)

    async def submit_code(self, visit: Visit) -> Answer:
        """POST the code: each try counts before it is looked at, and a right one is given back."""
        typed = (await visit.form()).get("user_code", "")
        parts, now = self._parts, self._parts.clock.now()
        throttles = parts.throttling.for_user_code(visit.visitor.origin.source, visit.browser, visit.visitor.network)
        try:
            await parts.throttling.take(throttles, now)
        except SlowDownError as slow:
            await self._refused(visit, "throttled")
            return self._draw_code(visit, typed, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        code = read_user_code(typed)
        reference = await parts.user_codes.find(code, now) if code else None
        if reference is None:
            await self._refused(visit, "unknown")
            return self._draw_code(visit, typed, ErrorView(Refusal.WRONG_USER_CODE), 400)
        await parts.throttling.give_back(throttles)
        name = await parts.visits.begin(reference, visit.browser)
        return self._desk.redirect(visit, f"{VERIFICATION_PATH}/{name}")

    async def show_question(self, visit: Visit) -> Answer:
        """GET the form `consent`, for somebody who is signed in as the request needs."""
        asked = await self._asked(visit)
        if isinstance(asked, Answer):
            return asked
        current = await self._person(visit, asked)
        if isinstance(current, Answer):
            return current
        return await self._draw_question(visit, asked, current, None, 200)

    async def decide(self, visit: Visit) -> Answer:
        """POST the decision."""
        fields = await visit.form()
        asked = await self._asked(visit)
        if isinstance(asked, Answer):
            return asked
        current = await self._person(visit, asked)
        if isinstance(current, Answer):
            return current
        decision, origin = fields.get("decision"), visit.visitor.origin
        if decision not in {"allow", "deny"}:
            return await self._draw_question(visit, asked, current, ErrorView(Refusal.MISSING_FIELD), 400)
        try:
            if decision == "allow":
                await self._parts.decisions.allow(asked.reference, current, origin)
            else:
                await self._parts.decisions.deny(asked.reference, current, origin)
        except RequestOverError:
            return self._over(visit)
        await self._parts.user_codes.forget(asked.request.user_code)
        return self._desk.redirect(visit, ALLOWED_PATH if decision == "allow" else DENIED_PATH)

    async def show_allowed(self, visit: Visit) -> Answer:
        """GET `/device/allowed`."""
        return self._done(visit, allowed=True)

    async def show_denied(self, visit: Visit) -> Answer:
        """GET `/device/denied`."""
        return self._done(visit, allowed=False)

    async def _asked(self, visit: Visit) -> _Asked | Answer:
        """The open request behind the address, or the page that says that it is over."""
        name = cast("str", visit.scope["path_params"]["visit"])
        known = await self._parts.visits.reference(name, visit.browser)
        if known is None:
            return self._over(visit)
        reference = Reference(known)
        try:
            loaded = await self._parts.decisions.open(reference)
        except RequestOverError:
            return self._over(visit)
        client = await self._parts.clients.get(loaded.request.client_id)
        if client is None or client.disabled:
            return self._over(visit)
        visit.context.client_id = client.client_id
        return _Asked(reference, loaded.request, client)

    async def _person(self, visit: Visit, asked: _Asked) -> CurrentSession | Answer:
        """Who is signed in as the request needs, or the way to sign in and back."""
        current = await self._parts.sessions.current(visit.session_token)
        if current is not None and not asked.client.audience.admits(current.account.kind):
            current = None
        requirement = asked.request.requirement
        need = Need.SIGN_IN if current is None else await self._parts.sign_in.need(requirement, current)
        if current is not None and need is Need.NOTHING:
            if not asked.client.serves(current.account.account_id):
                return self._desk.error(visit, "unauthorized_client", 403)
            return current
        demand = Demand(
            level=requirement.level,
            resistance=requirement.resistance,
            wished=requirement.wished,
            audience=asked.client.audience,
            client_id=asked.client.client_id,
            return_to=visit.path,
            reauthenticate=need is Need.SIGN_IN,
        )
        return self._desk.redirect(visit, await way_to_sign_in(self._parts.sign_in, demand, visit.browser, current))

    def _draw_code(self, visit: Visit, typed: str, error: ErrorView | None, status: int) -> Answer:
        code = read_user_code(typed)
        view = DevicePage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            form_action=VERIFICATION_PATH,
            error=error,
            user_code=shown_user_code(code) if code else typed[:64],
            complete_uri=complete_uri(self._parts.issuer + VERIFICATION_PATH, shown_user_code(code)) if code else None,
        )
        return self._desk.page(visit, view, status)

    async def _draw_question(
        self, visit: Visit, asked: _Asked, current: CurrentSession, error: ErrorView | None, status: int
    ) -> Answer:
        profile = await self._parts.accounts.profile(current.account.account_id)
        shown = Shown(profile, self._parts.clock.now(), visit.locale)
        view = DeviceConsentPage(
            locale=visit.locale,
            languages=visit.languages,
            client=named_client(asked.client, visit.locale),
            csrf_token=visit.csrf_token,
            form_action=visit.path,
            error=error,
            user_code=shown_user_code(asked.request.user_code),
            shared=released_items(asked.client, asked.request.scopes, NOTHING_REQUESTED, shown),
        )
        return self._desk.page(visit, view, status)

    def _done(self, visit: Visit, *, allowed: bool) -> Answer:
        view = DeviceDonePage(locale=visit.locale, languages=visit.languages, allowed=allowed)
        return self._desk.page(visit, view)

    def _over(self, visit: Visit) -> Answer:
        return self._desk.error(visit, "device_request_over", 410)

    async def _refused(self, visit: Visit, reason: str) -> None:
        event = UserCodeRefused(origin=visit.visitor.origin, reason=reason)
        await self._parts.floods.record("device", reason, event)
