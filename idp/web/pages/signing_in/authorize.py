"""The authorization endpoint: a redirect back, an error page, or the next thing that the person has to do."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlencode

from idp.domain.levels.requirement import Need
from idp.domain.representation.principal import SELF
from idp.domain.values import dataclass
from idp.journeys.acting_for import PrincipalStep
from idp.journeys.attempt import Attempt, Attempts, Loaded
from idp.journeys.journey_counter import JourneyCounter
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.clock import Clock
from idp.ports.grants import Consents
from idp.ports.keys import SubjectKeys
from idp.protocol.authorize.decision import agreement_to, asks_authority, is_wanted, question_of, sign_in_need
from idp.protocol.authorize.incoming import IncomingRequests
from idp.protocol.authorize.parameters import RESOURCE, RequestParameters
from idp.protocol.authorize.pipeline import AuthorizationRequestValidator
from idp.protocol.authorize.request import AuthorizationRefusedError, AuthorizationRequest
from idp.protocol.authorize.response import AuthorizationResponder
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.errors import (
    ConsentRequiredError,
    InteractionRequiredError,
    InvalidRequestUriError,
    LoginRequiredError,
    OAuthError,
    UnauthorizedClientError,
)
from idp.web.edge.body import LONGEST_QUERY, read_form
from idp.web.edge.refusals import QueryTooLong
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.signing_in.authorization_answers import AuthorizationAnswers
from idp.web.pages.signing_in.steps import place, way_to_sign_in
from idp.web.pages.visit import Visit

CONSENT = "consent"
PRINCIPAL = "principal"
"""Pages of an attempt where the person decides something."""

_UNASKED: Mapping[str, type[OAuthError]] = MappingProxyType(
    {CONSENT: ConsentRequiredError, PRINCIPAL: InteractionRequiredError}
)
"""What a client is told that wants no page to be shown (OpenID Connect Core section 3.1.2.6)."""

POSTED = "posted"
"""The one parameter of the address that a posted request goes on at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationParts:
    """What the protocol does of the endpoint: find out what is asked, check it, answer it."""

    incoming: IncomingRequests
    validator: AuthorizationRequestValidator
    responder: AuthorizationResponder


class AuthorizePages:
    """`/authorize` and `/authorize/{attempt}`, where it goes on after the person did what was needed."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        authorization: AuthorizationParts,
        sign_in: SignIn,
        attempts: Attempts,
        sessions: Sessions,
        consents: Consents,
        principal: PrincipalStep,
        keys: SubjectKeys,
        limit: ClientLimit,
        clock: Clock,
        counter: JourneyCounter,
        answers: AuthorizationAnswers,
        desk: Desk,
    ) -> None:
        self._incoming = authorization.incoming
        self._validator = authorization.validator
        self._sign_in = sign_in
        self._attempts = attempts
        self._sessions = sessions
        self._consents = consents
        self._principal = principal
        self._keys = keys
        self._limit = limit
        self._clock = clock
        self._counter = counter
        self._answers = answers
        self._desk = desk

    async def start(self, visit: Visit) -> Answer:
        """GET: a request as it arrives."""
        if POSTED in visit.query:
            return await self._start_posted(visit, visit.query[POSTED])
        return await self._start(visit, visit.query, visit.query.all(RESOURCE))

    async def start_by_form(self, visit: Visit) -> Answer:
        """POST (OpenID Connect Core section 3.1.2.1): go on with a GET, which carries the session cookie.

        A cross-site POST arrives without cookies of `SameSite=Lax`; the GET that follows brings them. The request stays
        here meanwhile, so that nothing of it stands in an address.
        """
        fields = await read_form(visit.scope, visit.receive, repeatable={RESOURCE})
        pairs = [(name, value) for name, value in fields.items() if name != RESOURCE]
        pairs += [(RESOURCE, value) for value in fields.all(RESOURCE)]
        if len(urlencode(pairs)) > LONGEST_QUERY:
            raise QueryTooLong
        name = await self._incoming.keep_posted(tuple(pairs))
        return self._desk.redirect(visit, f"/authorize?{urlencode({POSTED: name})}")

    async def resume(self, visit: Visit) -> Answer:
        """GET: the person did something; look at the request again."""
        loaded = await self._attempts.load(visit.attempt_id, visit.browser)
        if loaded is None or not loaded.attempt.parameters:
            return self._desk.error(visit, "sign_in_expired", 410)
        with self._limit.said(loaded.attempt.client_id or "", visit.visitor.origin):
            try:
                request = await self._validator.validate(RequestParameters.of_pairs(loaded.attempt.parameters))
                return await self._answer(visit, request, loaded)
            except AuthorizationRefusedError as refused:
                return await self._answers.refuse_request(visit, refused)

    async def answer(
        self, visit: Visit, request: AuthorizationRequest, current: CurrentSession, loaded: Loaded
    ) -> Answer:
        """Answer a request of an attempt by which the person has just signed in, as `current`."""
        try:
            return await self._answer_as(visit, request, current, loaded)
        except AuthorizationRefusedError as refused:
            return await self._answers.refuse_request(visit, refused)

    async def request_of(self, attempt: Attempt) -> AuthorizationRequest | None:
        """The checked request behind an attempt; None for one of our own pages. Raises `AuthorizationRefusedError`."""
        if not attempt.parameters:
            return None
        return await self._validator.validate(RequestParameters.of_pairs(attempt.parameters))

    async def refuse(
        self, visit: Visit, request: AuthorizationRequest, error: OAuthError, current: CurrentSession | None
    ) -> Answer:
        """Send an error back to the client."""
        return await self._answers.refuse(visit, request, error, current)

    async def _start_posted(self, visit: Visit, name: str) -> Answer:
        pairs = await self._incoming.take_posted(name)
        if pairs is None:
            return await self._answers.refuse_request(visit, AuthorizationRefusedError(InvalidRequestUriError()))
        posted = RequestParameters.of_pairs(pairs)
        return await self._start(visit, dict(pairs), posted.resources)

    async def _start(self, visit: Visit, values: Mapping[str, str], resources: tuple[str, ...]) -> Answer:
        with self._limit.said(values.get("client_id", ""), visit.visitor.origin):
            try:
                parameters = await self._incoming.at_authorization_endpoint(values, resources)
                return await self._answer(visit, await self._validator.validate(parameters), None)
            except AuthorizationRefusedError as refused:
                return await self._answers.refuse_request(visit, refused)

    async def _answer(self, visit: Visit, request: AuthorizationRequest, loaded: Loaded | None) -> Answer:
        visit.context.client_id = request.client.client_id
        return await self._answer_as(visit, request, await self._sessions.current(visit.session_token), loaded)

    async def _answer_as(
        self, visit: Visit, request: AuthorizationRequest, current: CurrentSession | None, loaded: Loaded | None
    ) -> Answer:
        need = sign_in_need(request, current, loaded.attempt if loaded else None, self._clock.now())
        if need is Need.NOTHING and current is not None:
            return await self._answer_signed_in(visit, request, current, loaded)
        if request.is_silent:
            return await self._answers.refuse(visit, request, LoginRequiredError(), current)
        return await self._lead_to_sign_in(visit, request, current if need is Need.STEP_UP else None)

    async def _answer_signed_in(
        self, visit: Visit, request: AuthorizationRequest, current: CurrentSession, loaded: Loaded | None
    ) -> Answer:
        """The session suffices: is it the right person, and did he or she agree?"""
        attempt = loaded.attempt if loaded else None
        if not request.client.serves(current.account.account_id):
            refused = UnauthorizedClientError("The service is not in production and this person is not its tester.")
            return await self._answers.refuse(visit, request, refused, current)
        if not is_wanted(self._keys, request, current):
            if attempt is not None or request.is_silent:
                return await self._answers.refuse(visit, request, LoginRequiredError(), current)
            return await self._lead_to_sign_in(visit, request, None)
        principal = await self._acts_for(request, current, attempt)
        agreement = await agreement_to(self._consents, request, current, attempt)
        page = PRINCIPAL if principal is None else CONSENT if agreement.is_missing else None
        if page is not None:
            if request.is_silent:
                return await self._answers.refuse(visit, request, _UNASKED[page](), current)
            return await self._lead_to(page, visit, request, current, attempt)
        if loaded and (request.is_answered_once or loaded.attempt.principal is not None):
            await self._attempts.advance(loaded, replace(loaded.attempt, answered=True))
        acts_for = None if principal == SELF else principal
        return await self._answers.grant(visit, request, current, principal=acts_for, consent_id=agreement.consent_id)

    async def _acts_for(
        self, request: AuthorizationRequest, current: CurrentSession, attempt: Attempt | None
    ) -> str | None:
        """Whom the person acts for; None when that has to be asked, which it is only where the client wants to know."""
        if not asks_authority(request):
            return SELF
        return await self._principal.chosen(question_of(request, current), attempt)

    async def _lead_to_sign_in(
        self, visit: Visit, request: AuthorizationRequest, current: CurrentSession | None
    ) -> Answer:
        way = await way_to_sign_in(self._sign_in, _demand(request, current), visit.browser, current)
        self._counter.begun(visit.visitor)
        return self._desk.redirect(visit, way)

    async def _lead_to(
        self,
        page: str,
        visit: Visit,
        request: AuthorizationRequest,
        current: CurrentSession,
        attempt: Attempt | None,
    ) -> Answer:
        # An attempt is one person's: somebody who signed in later on this browser decides for himself or herself.
        if attempt is None or attempt.answered or attempt.account_id != current.account.account_id:
            attempt = await self._sign_in.begin(_demand(request, current), visit.browser, current)
        return self._answers.lead(visit, place(attempt.attempt_id, page), current)


def _demand(request: AuthorizationRequest, current: CurrentSession | None) -> Demand:
    return Demand(
        level=request.assurance.requirement.level,
        resistance=request.assurance.requirement.resistance,
        wished=request.assurance.requirement.wished,
        audience=request.client.audience,
        client_id=request.client.client_id,
        parameters=request.parameters.pairs,
        reauthenticate=current is None,
        login_hint=request.login_hint,
    )
