"""The authorization endpoint: a redirect back, an error page, or the next thing that the person has to do."""

from dataclasses import replace
from urllib.parse import urlencode

from idp.domain.assurance import Level
from idp.domain.events import AccessRefused, AuthorizationRefused
from idp.journeys.attempt import Attempt, Attempts, Loaded
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.grants import Consents
from idp.ports.keys import SubjectKeys
from idp.protocol.authorize.decision import Need, is_wanted, needs_consent, sign_in_need
from idp.protocol.authorize.pipeline import AuthorizationRequestValidator
from idp.protocol.authorize.request import (
    UNDERSTOOD,
    AuthorizationRefusedError,
    AuthorizationRequest,
    ResponseTarget,
)
from idp.protocol.authorize.response import AuthorizationResponse, CodeIssuer, error_response
from idp.protocol.client_limit import ClientLimit
from idp.protocol.errors import ConsentRequiredError, LoginRequiredError, OAuthError
from idp.protocol.refusal_counter import RefusalCounter
from idp.web.edge.body import LONGEST_QUERY, read_form
from idp.web.edge.refusals import QueryTooLong
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.steps import place, step_path
from idp.web.pages.visit import Visit
from idp.web.views.information import FormPostPage

RESOURCE = "resource"


class AuthorizePages:
    """`/authorize` and `/authorize/{attempt}`, where it goes on after the person did what was needed."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        validator: AuthorizationRequestValidator,
        issuer: CodeIssuer,
        sign_in: SignIn,
        attempts: Attempts,
        sessions: Sessions,
        consents: Consents,
        keys: SubjectKeys,
        audit: AuditTrail,
        limit: ClientLimit,
        refusals: RefusalCounter,
        clock: Clock,
        desk: Desk,
        issuer_url: str,
    ) -> None:
        self._validator = validator
        self._issuer = issuer
        self._sign_in = sign_in
        self._attempts = attempts
        self._sessions = sessions
        self._consents = consents
        self._keys = keys
        self._audit = audit
        self._limit = limit
        self._refusals = refusals
        self._clock = clock
        self._desk = desk
        self._issuer_url = issuer_url

    async def start(self, visit: Visit) -> Answer:
        """GET: a request as it arrives."""
        # OpenID Connect Core section 3.1.2.1: unknown parameters are ignored; they are not carried along either.
        parameters = tuple((name, value) for name, value in visit.query.items() if name in UNDERSTOOD)
        resources = tuple((RESOURCE, value) for value in visit.query.all(RESOURCE))
        with self._limit.said(visit.query.get("client_id", ""), visit.visitor.origin):
            return await self._answer(visit, (*parameters, *resources), None)

    async def start_by_form(self, visit: Visit) -> Answer:
        """POST (OpenID Connect Core section 3.1.2.1): go on with a GET, which carries the session cookie.

        A cross-site POST arrives without cookies of `SameSite=Lax`; the GET that follows brings them.
        """
        fields = await read_form(visit.scope, visit.receive, repeatable={RESOURCE})
        pairs = [(name, value) for name, value in fields.items() if name != RESOURCE]
        query = urlencode([*pairs, *((RESOURCE, value) for value in fields.all(RESOURCE))])
        if len(query) > LONGEST_QUERY:
            raise QueryTooLong
        return self._desk.redirect(visit, f"/authorize?{query}")

    async def resume(self, visit: Visit) -> Answer:
        """GET: the person did something; look at the request again."""
        loaded = await self._attempts.load(visit.attempt_id, visit.browser)
        if loaded is None or not loaded.attempt.parameters:
            return self._desk.error(visit, "sign_in_expired", 410)
        with self._limit.said(loaded.attempt.client_id or "", visit.visitor.origin):
            return await self._answer(visit, loaded.attempt.parameters, loaded)

    async def request_of(self, attempt: Attempt) -> AuthorizationRequest | None:
        """The checked request behind an attempt; None for one of our own pages. Raises `AuthorizationRefusedError`."""
        if not attempt.parameters:
            return None
        return await self._validate(attempt.parameters)

    async def refuse(
        self, visit: Visit, request: AuthorizationRequest, error: OAuthError, current: CurrentSession | None
    ) -> Answer:
        """Send an error back to the client, after it is recorded; that of nobody in particular may be counted."""
        event = AuthorizationRefused(
            origin=visit.visitor.origin,
            error=error.code,
            client_id=request.client.client_id,
            account_id=current.account.account_id if current else None,
        )
        if current:
            await self._audit.record(event)
        else:
            await self._refusals.record("authorize", event, None)
        return self._send_error(visit, request.target, error)

    async def _answer(self, visit: Visit, parameters: tuple[tuple[str, str], ...], loaded: Loaded | None) -> Answer:
        try:
            request = await self._validate(parameters)
        except AuthorizationRefusedError as refused:
            return await self._refuse_request(visit, refused)
        visit.context.client_id = request.client.client_id
        current = await self._sessions.current(visit.session_token)
        need = sign_in_need(request, current, loaded.attempt if loaded else None, self._clock.now())
        if need is Need.NOTHING and current is not None:
            return await self._answer_signed_in(visit, request, parameters, current, loaded)
        if request.is_silent:
            return await self.refuse(visit, request, LoginRequiredError(), current)
        return await self._lead_to_sign_in(visit, request, parameters, current if need is Need.STEP_UP else None)

    async def _answer_signed_in(
        self,
        visit: Visit,
        request: AuthorizationRequest,
        parameters: tuple[tuple[str, str], ...],
        current: CurrentSession,
        loaded: Loaded | None,
    ) -> Answer:
        """The session suffices: is it the right person, and did he or she agree?"""
        attempt = loaded.attempt if loaded else None
        if not is_wanted(self._keys, request, current):
            if attempt is not None or request.is_silent:
                return await self.refuse(visit, request, LoginRequiredError(), current)
            return await self._lead_to_sign_in(visit, request, parameters, None)
        if await needs_consent(self._consents, request, current, attempt):
            if request.is_silent:
                return await self.refuse(visit, request, ConsentRequiredError(), current)
            return await self._lead_to_consent(visit, request, parameters, current, attempt)
        if loaded and (request.prompts or request.max_age is not None):
            await self._attempts.advance(loaded, replace(loaded.attempt, answered=True))
        return self._send(visit, await self._issuer.respond(request, current, visit.visitor.origin))

    async def _validate(self, parameters: tuple[tuple[str, str], ...]) -> AuthorizationRequest:
        resources = tuple(value for name, value in parameters if name == RESOURCE)
        return await self._validator.validate(dict(parameters), resources)

    async def _lead_to_sign_in(
        self,
        visit: Visit,
        request: AuthorizationRequest,
        parameters: tuple[tuple[str, str], ...],
        current: CurrentSession | None,
    ) -> Answer:
        attempt = await self._sign_in.begin(self._demand(request, parameters, current), visit.browser, current)
        return self._desk.redirect(visit, step_path(attempt.attempt_id, await self._sign_in.step(attempt)))

    async def _lead_to_consent(
        self,
        visit: Visit,
        request: AuthorizationRequest,
        parameters: tuple[tuple[str, str], ...],
        current: CurrentSession,
        attempt: Attempt | None,
    ) -> Answer:
        # An attempt is one person's: somebody who signed in later on this browser decides for himself or herself.
        if attempt is None or attempt.answered or attempt.account_id != current.account.account_id:
            demand = self._demand(request, parameters, current)
            attempt = await self._sign_in.begin(demand, visit.browser, current)
        return self._desk.redirect(visit, place(attempt.attempt_id, "consent"))

    def _demand(
        self,
        request: AuthorizationRequest,
        parameters: tuple[tuple[str, str], ...],
        current: CurrentSession | None,
    ) -> Demand:
        return Demand(
            level=max(request.level, Level.ONE),
            audience=request.client.audience,
            client_id=request.client.client_id,
            parameters=parameters,
            reauthenticate=current is None,
            login_hint=request.login_hint,
        )

    async def _refuse_request(self, visit: Visit, refused: AuthorizationRefusedError) -> Answer:
        """Back to the client when it is known where; else a page, and only a count in the audit trail for floods."""
        client_id = refused.client.client_id if refused.client else None
        visit.context.client_id = client_id
        if refused.target is None:
            event = AccessRefused(
                origin=visit.visitor.origin, endpoint="authorize", error=refused.error.code, client_id=client_id
            )
            await self._refusals.record("authorize", event, None)
            return self._desk.error(visit, refused.error.code, 400, detail=refused.error.description)
        refusal = AuthorizationRefused(origin=visit.visitor.origin, error=refused.error.code, client_id=client_id)
        await self._refusals.record("authorize", refusal, None)
        return self._send_error(visit, refused.target, refused.error)

    def _send_error(self, visit: Visit, target: ResponseTarget, error: OAuthError) -> Answer:
        visit.context.outcome = error.code
        return self._send(visit, error_response(self._issuer_url, target, error))

    def _send(self, visit: Visit, response: AuthorizationResponse) -> Answer:
        if response.target.response_mode == "form_post":
            view = FormPostPage(
                locale=visit.locale, redirect_uri=response.target.redirect_uri, parameters=response.parameters
            )
            return self._desk.page(visit, view, redirect_uri=response.target.redirect_uri, script=True)
        return self._desk.redirect(visit, response.location)
