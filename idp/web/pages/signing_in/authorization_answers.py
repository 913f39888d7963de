"""What leaves the authorization endpoint: answers for the client, recorded first, and pages where none may be sent."""

from idp.domain.clients.client import Client
from idp.domain.events import AccessRefused, AuthorizationRefused
from idp.domain.ids import ClientId
from idp.journeys.sessions import CurrentSession
from idp.ports.audit import AuditTrail
from idp.protocol.authorize.request import AuthorizationRefusedError, AuthorizationRequest, ResponseTarget
from idp.protocol.authorize.response import AuthorizationResponder, AuthorizationResponse
from idp.protocol.errors import InvalidRequestUriError, OAuthError
from idp.protocol.refusal_counter import RefusalCounter
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.sessions.browser_state import BrowserState
from idp.web.pages.visit import Visit
from idp.web.views.information import FormPostPage

ENDPOINT = "authorize"


class AuthorizationAnswers:
    """Sends answers."""

    def __init__(
        self,
        responder: AuthorizationResponder,
        audit: AuditTrail,
        refusals: RefusalCounter,
        browser_state: BrowserState,
        desk: Desk,
    ) -> None:
        self._responder = responder
        self._audit = audit
        self._refusals = refusals
        self._browser_state = browser_state
        self._desk = desk

    async def grant(
        self,
        visit: Visit,
        request: AuthorizationRequest,
        current: CurrentSession,
        *,
        principal: str | None,
        consent_id: str | None,
    ) -> Answer:
        """What the request asked for, for `principal` if there is one, on the consent that it stands on, if any.

        Raises `AuthorizationRefusedError` when a pushed one was answered before.
        """
        try:
            response = await self._responder.grant(request, current, visit.visitor.origin, principal, consent_id)
        except InvalidRequestUriError as error:
            raise AuthorizationRefusedError(error, client=request.client) from error
        state = self._browser_state.of(current.session)
        return self._send(visit, response).with_headers(*state)

    def lead(self, visit: Visit, place: str, current: CurrentSession) -> Answer:
        """To a page where whoever is signed in decides something."""
        return self._desk.redirect(visit, place, *self._browser_state.of(current.session))

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
            await self._refusals.record(ENDPOINT, event, None)
        states = self._browser_state
        state = states.of(current.session) if current else states.of_nobody(visit)
        answer = await self._send_error(
            visit,
            request.client,
            request.target,
            error,
            request.parameters.reference,
            self._responder.session_state(request, current),
        )
        return answer.with_headers(*state)

    async def refuse_request(self, visit: Visit, refused: AuthorizationRefusedError) -> Answer:
        """Back to the client when it is known where; else a page, and only a count in the audit trail for floods."""
        client, origin = refused.client, visit.visitor.origin
        client_id = client.client_id if client else None
        visit.context.client_id = client_id
        if client is None or refused.target is None:
            return await self._show_error(visit, refused.error, client_id)
        refusal = AuthorizationRefused(origin=origin, error=refused.error.code, client_id=client_id)
        await self._refusals.record(ENDPOINT, refusal, None)
        return await self._send_error(visit, client, refused.target, refused.error, refused.reference)

    async def _show_error(self, visit: Visit, error: OAuthError, client_id: ClientId | None) -> Answer:
        event = AccessRefused(origin=visit.visitor.origin, endpoint=ENDPOINT, error=error.code, client_id=client_id)
        await self._refusals.record(ENDPOINT, event, None)
        return self._desk.error(visit, error.code, 400, detail=error.description)

    async def _send_error(
        self,
        visit: Visit,
        client: Client,
        target: ResponseTarget,
        error: OAuthError,
        reference: str,
        session_state: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        try:
            response = await self._responder.refuse(client, target, error, reference, session_state)
        except InvalidRequestUriError as spent:
            return await self._show_error(visit, spent, client.client_id)
        visit.context.outcome = error.code
        return self._send(visit, response)

    def _send(self, visit: Visit, response: AuthorizationResponse) -> Answer:
        if response.target.response_mode == "form_post":
            view = FormPostPage(
                locale=visit.locale, redirect_uri=response.target.redirect_uri, parameters=response.parameters
            )
            return self._desk.page(visit, view, redirect_uri=response.target.redirect_uri, script=True)
        return self._desk.redirect(visit, response.location)
