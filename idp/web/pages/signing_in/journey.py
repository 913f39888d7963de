"""What every page of a sign-in attempt does: find it, see whether it is its turn, submit, go on."""

from asyncio import gather
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TypedDict

from idp.domain.clients.client import Client
from idp.domain.levels.assurance import Method
from idp.domain.values import dataclass
from idp.journeys import refusals as refused
from idp.journeys.attempt import Attempt, AttemptChangedError, Attempts, Loaded
from idp.journeys.journey_counter import JourneyCounter
from idp.journeys.next_step import Step
from idp.journeys.passkeys import refusals as passkeys
from idp.journeys.risk.assessment import RiskAssessment
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import SignIn, Turn
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import KnownDevices
from idp.ports.clients import Clients
from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import BusyError
from idp.protocol.authorize.request import AuthorizationRefusedError, AuthorizationRequest
from idp.protocol.errors import UnmetAuthenticationRequirementsError
from idp.web.edge.body import Parameters
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk, client_view, named_client
from idp.web.pages.sessions.browser_state import BrowserState
from idp.web.pages.signing_in.authorize import AuthorizePages
from idp.web.pages.signing_in.steps import resume_path, step_path
from idp.web.pages.visit import DEVICE, SESSION, Visit
from idp.web.views.common import ClientView, ErrorView, FormPage, LanguageLink, Locale, Refusal

DEVICE_LIFETIME = 365 * 24 * 3600
"""Seconds that a browser is remembered as one that signed in before."""

REFUSALS: tuple[tuple[type[refused.RefusedError], Refusal], ...] = (
    (refused.WrongCredentialsError, Refusal.WRONG_CREDENTIALS),
    (refused.AccountLockedError, Refusal.ACCOUNT_LOCKED),
    (refused.CitizensOnlyError, Refusal.CITIZENS_ONLY),
    (refused.OfficersOnlyError, Refusal.OFFICERS_ONLY),
    (refused.WrongCodeError, Refusal.WRONG_CODE),
    (refused.CodeUsedError, Refusal.CODE_ALREADY_USED),
    (refused.CodeExpiredError, Refusal.CODE_EXPIRED),
    (refused.CodeNotSentError, Refusal.CODE_NOT_SENT),
    (refused.UnreachableContactError, Refusal.EMAIL_UNREACHED),
    (refused.WrongRecoveryCodeError, Refusal.WRONG_RECOVERY_CODE),
    (passkeys.PasskeyNotAcceptedError, Refusal.PASSKEY_NOT_ACCEPTED),
    (passkeys.PasskeyUnknownError, Refusal.PASSKEY_UNKNOWN),
    (passkeys.PasskeyTooLateError, Refusal.PASSKEY_TOO_LATE),
    (passkeys.PasskeyNotAddedError, Refusal.PASSKEY_NOT_ADDED),
    (passkeys.TooManyPasskeysError, Refusal.PASSKEYS_FULL),
    (refused.NotAllowedYetError, Refusal.NOT_ALLOWED_YET),
)

Submission = Callable[[Loaded, Parameters, Visit], Awaitable[Loaded]]
Page = Callable[["Scene", ErrorView | None], FormPage]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a page of the journey is drawn from. `asking` is the client of whatever is no authorization request."""

    visit: Visit
    loaded: Loaded
    request: AuthorizationRequest | None
    typed_username: str = ""
    asking: Client | None = None

    @property
    def attempt(self) -> Attempt:
        """The attempt that the page belongs to."""
        return self.loaded.attempt

    def common(self, error: ErrorView | None) -> "CommonParts":
        """The parts of a view that every form of the journey has."""
        locale = self.visit.locale
        return {
            "locale": locale,
            "languages": self.visit.languages,
            "client": named_client(self.asking, locale) if self.asking else client_view(self.request, locale),
            "csrf_token": self.visit.csrf_token,
            "error": error,
        }


class CommonParts(TypedDict):
    """Parts of a `FormPage`, by name."""

    locale: Locale
    languages: tuple[LanguageLink, ...]
    client: ClientView | None
    csrf_token: str
    error: ErrorView | None


class Journey:
    """What every page of an attempt does: load it, see whether the page is its step, submit, go on."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        attempts: Attempts,
        sessions: Sessions,
        sign_in: SignIn,
        devices: KnownDevices,
        risk: RiskAssessment,
        authorize: AuthorizePages,
        clients: Clients,
        browser_state: BrowserState,
        counter: JourneyCounter,
        desk: Desk,
    ) -> None:
        self._attempts = attempts
        self._sessions = sessions
        self._sign_in = sign_in
        self._devices = devices
        self._risk = risk
        self._authorize = authorize
        self._clients = clients
        self._browser_state = browser_state
        self._counter = counter
        self.desk = desk

    async def scene(self, visit: Visit) -> Scene | Answer:
        """The attempt behind the address, or the page that says why there is none."""
        loaded = await self._attempts.load(visit.attempt_id, visit.browser)
        if loaded is None or not await self._still_stands(visit, loaded.attempt):
            return self.desk.error(visit, "sign_in_expired", 410)
        try:
            request = await self._authorize.request_of(loaded.attempt)
        except AuthorizationRefusedError as refusal:
            return self.desk.error(visit, refusal.error.code, 400, detail=refusal.error.description)
        visit.context.client_id = loaded.attempt.client_id
        if request is not None:
            return Scene(visit.speaking(request.ui_locales), loaded, request)
        client_id = loaded.attempt.client_id
        return Scene(visit, loaded, None, asking=await self._clients.get(client_id) if client_id else None)

    async def _still_stands(self, visit: Visit, attempt: Attempt) -> bool:
        known = await self._sessions.known(visit.session_token) if attempt.base_session else None
        return await self._sign_in.still_stands(attempt, known)

    async def step(self, attempt: Attempt) -> Step:
        """The step that the attempt stands at."""
        return await self._sign_in.step(attempt)

    async def ways(self, attempt: Attempt) -> tuple[Method, ...]:
        """By which methods the person may go on now."""
        return await self._sign_in.ways(attempt)

    async def show(self, visit: Visit, turn: Turn, page: Page) -> Answer:
        """GET: the page, if it is its `turn`; else go where the attempt stands."""
        scene = await self.scene(visit)
        if isinstance(scene, Answer):
            return scene
        if not await self.is_turn(turn, scene.attempt):
            return await self.go_on(scene)
        return self.draw(scene, page(scene, None))

    async def is_turn(self, turn: Turn, attempt: Attempt) -> bool:
        """Whether it is the turn of a page."""
        return await self._sign_in.is_turn(attempt, turn)

    async def submit(self, visit: Visit, turn: Turn, page: Page, submission: Submission) -> Answer:
        """POST: submit, then go on; a refusal shows the same page with its reason."""
        fields = await visit.form()
        scene = await self.scene(visit)
        if isinstance(scene, Answer):
            return scene
        if not await self.is_turn(turn, scene.attempt):
            return await self.go_on(scene)
        return await self.carry_out(scene, fields, page, submission)

    async def carry_out(self, scene: Scene, fields: Parameters, page: Page, submission: Submission) -> Answer:
        """Submit what was sent at its turn, then go on; a refusal shows `page` with its reason."""
        try:
            moved = await submission(scene.loaded, fields, scene.visit)
        except refused.RefusedError as refusal:
            return self.refused(scene, fields, page, refusal_view(refusal), 400)
        except SlowDownError as slow:
            return self.refused(scene, fields, page, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        except BusyError as busy:
            return self.refused(scene, fields, page, ErrorView(Refusal.BUSY, busy.retry_after), 503)
        return await self.go_on(Scene(scene.visit, moved, scene.request))

    async def go_on(self, scene: Scene) -> Answer:
        """The next page of the attempt, or out of it once it is done."""
        step = await self._sign_in.step(scene.attempt)
        if step is not Step.DONE:
            await self._attempts.keep(scene.loaded)
        attempt_id = scene.attempt.attempt_id
        if step is Step.UNREACHABLE and scene.request is not None:
            error = UnmetAuthenticationRequirementsError()
            return await self._authorize.refuse(scene.visit, scene.request, error, None)
        if step is Step.UNREACHABLE:
            return self.desk.error(scene.visit, "unmet_authentication_requirements", 403)
        if step is not Step.DONE:
            return self.desk.redirect(scene.visit, step_path(attempt_id, step))
        if scene.attempt.signed_in:
            return self.desk.redirect(scene.visit, scene.attempt.return_to or resume_path(attempt_id))
        return await self._complete(scene)

    async def _complete(self, scene: Scene) -> Answer:
        """Signed in: what was asked for, or the way there, with the cookies of the session and the device."""
        known = await self._sessions.known(scene.visit.session_token)
        established = await self._sign_in.complete(scene.loaded, known, scene.visit.visitor)
        if established is None:
            return self.desk.error(scene.visit, "sign_in_expired", 410)
        self._counter.completed(scene.visit.visitor, scene.attempt)
        cookies = self.desk.cookies
        remembered = self._devices.remember(
            established.account.account_id, established.session.level, scene.visit.visitor.device
        )
        device = self._devices.recognise(remembered, established.account.account_id)
        answer, _ = await gather(
            self._onward(scene, established), self._risk.signed_in(established, scene.visit.visitor, device)
        )
        return answer.with_headers(
            cookies.set(SESSION, established.token), cookies.set(DEVICE, remembered, max_age=DEVICE_LIFETIME)
        )

    async def _onward(self, scene: Scene, established: CurrentSession) -> Answer:
        """Where whoever has just signed in goes: with the answer to the service, or to where it can be asked for.

        Whatever keeps it from being given now, there is a session, and its cookie has to reach the browser.
        """
        attempt, request = scene.attempt, scene.request
        if request is not None:
            with suppress(StoreUnavailableError, BusyError, TimeoutError, AttemptChangedError):
                if await self._still_asks(request, attempt):
                    return await self._authorize.answer(scene.visit, request, established, scene.loaded)
        onward = attempt.return_to or resume_path(attempt.attempt_id)
        return self.desk.redirect(scene.visit, onward, *self._browser_state.of(established.session))

    async def _still_asks(self, request: AuthorizationRequest, attempt: Attempt) -> bool:
        """Whether a request may be answered as it was read before the proof was looked at, which may take a while.

        One whose answer marks its attempt, and one whose client changed meanwhile, is read again at its own address.
        """
        if request.is_answered_once or attempt.principal is not None:
            return False
        return await self._clients.get(request.client.client_id) == request.client

    async def done(self, visit: Visit) -> Answer:
        """GET `/done`: an attempt that stands at its end goes on."""
        scene = await self.scene(visit)
        return scene if isinstance(scene, Answer) else await self.go_on(scene)

    def refused(self, scene: Scene, fields: Parameters, page: Page, error: ErrorView, status: int) -> Answer:
        """The same page with the reason, what was typed as user name kept."""
        typed = replace(scene, typed_username=fields.get("username", "")[:320])
        return self.draw(typed, page(typed, error), status)

    def draw(self, scene: Scene, view: FormPage, status: int = 200) -> Answer:
        """The page, whose form may lead back to the client in the end."""
        redirect_uri = scene.request.target.redirect_uri if scene.request else None
        return self.desk.page(scene.visit, view, status, redirect_uri=redirect_uri)


def refusal_view(refusal: refused.RefusedError) -> ErrorView:
    """The words for a refusal."""
    return ErrorView(next(words for kind, words in REFUSALS if isinstance(refusal, kind)))
