"""RFC 6749 section 4.1.2, RFC 9207, JARM and OAuth 2.0 Form Post Response Mode: the authorization response."""

from asyncio import gather
from dataclasses import replace

from idp.domain.clients.client import Client
from idp.domain.events import Origin
from idp.domain.grants.grant import Grant, grant_identifier
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import acr_for, authentication_methods
from idp.domain.values import dataclass
from idp.journeys.sessions import CurrentSession
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.protocol.authorize.front_channel import FrontChannelTokens, Parameters
from idp.protocol.authorize.registered_address import with_fragment, with_query
from idp.protocol.authorize.request import AuthorizationRequest, ResponseTarget
from idp.protocol.authorize.signed_response import PARAMETER, SignedResponses
from idp.protocol.authorize.stored_requests import StoredRequests
from idp.protocol.claims.claims import listed_now
from idp.protocol.claims.scopes import OFFLINE_ACCESS, OPENID
from idp.protocol.errors import OAuthError, TemporarilyUnavailableError
from idp.protocol.logout.session_management import SessionStates
from idp.protocol.tokens.authorization_code import AuthorizationCode, AuthorizationCodes
from idp.protocol.tokens.grant_events import authorization_granted, judged_of

OFFLINE_LIFETIME = 90 * 24 * 3600
"""Seconds that a grant with `offline_access` lasts at most, however often it is refreshed."""


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """Parameters for a redirect URI, in the order in which they are sent."""

    target: ResponseTarget
    parameters: tuple[tuple[str, str], ...]

    @property
    def location(self) -> str:
        """The redirect: parameters added to whatever query the registered URI has of its own."""
        add = with_fragment if self.target.response_mode == "fragment" else with_query
        return add(self.target.redirect_uri, self.parameters)


class AuthorizationResponder:
    """Answers requests: with a code when nothing more is needed, or with an error. A pushed request is spent first."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        codes: AuthorizationCodes,
        front_channel: FrontChannelTokens,
        stored: StoredRequests,
        signed: SignedResponses,
        session_states: SessionStates,
        audit: AuditTrail,
        clock: Clock,
        entropy: Entropy,
        issuer: str,
    ) -> None:
        self._codes = codes
        self._front_channel = front_channel
        self._stored = stored
        self._signed = signed
        self._session_states = session_states
        self._audit = audit
        self._clock = clock
        self._entropy = entropy
        self._issuer = issuer

    async def grant(
        self,
        request: AuthorizationRequest,
        current: CurrentSession,
        origin: Origin,
        principal: str | None = None,
        consent_id: str | None = None,
    ) -> AuthorizationResponse:
        """A code for this client and nobody else, or tokens; stored and audited before they leave.

        `principal` is whom the person acts for, None for nobody else; `consent_id` the consent that it stands on, None
        where nothing had to be agreed to.

        Raises `InvalidRequestUriError` when the pushed request was answered before.
        """
        await self._spend(request.parameters.reference)
        grant = replace(self._grant(request, current, self._clock.now(), principal), consent_id=consent_id)
        session_state = self.session_state(request, current)
        judged = judged_of(request.assurance, current.session, grant.created_at, silent=request.is_silent)
        granted = authorization_granted(grant, origin, judged)
        code, _ = await gather(self._code(request, grant), self._audit.record(granted))
        try:
            tokens = await self._front_channel.make(request, grant, current.session.expires_at, code, origin)
        except OAuthError as error:
            return await self._deliver(request.client, request.target, _error_parameters(error), session_state)
        given = tokens if code is None else (("code", code), *tokens)
        return await self._deliver(request.client, request.target, given, session_state)

    def session_state(
        self, request: AuthorizationRequest, current: CurrentSession | None
    ) -> tuple[tuple[str, str], ...]:
        """Session Management section 2: what a relying party watches the sign-in of this browser by."""
        # "it MUST also return the Session State as an additional session_state parameter in the Authentication Response
        # and SHOULD also return [it] in the Authentication Error Response": of authentication requests, that is.
        if OPENID not in request.scopes:
            return ()
        session_id = current.session.session_id if current else None
        state = self._session_states.session_state(request.client.client_id, request.target.redirect_uri, session_id)
        return () if state is None else (("session_state", state),)

    async def refuse(
        self,
        client: Client,
        target: ResponseTarget,
        error: OAuthError,
        reference: str = "",
        session_state: tuple[tuple[str, str], ...] = (),
    ) -> AuthorizationResponse:
        """The error, `state` and `iss` (RFC 9207 section 2: also in error responses); no code beside an error.

        Raises `InvalidRequestUriError` when the pushed request, named by `reference`, was answered before.
        """
        await self._spend(reference)
        return await self._deliver(client, target, _error_parameters(error), session_state)

    async def _deliver(
        self, client: Client, target: ResponseTarget, parameters: Parameters, session_state: Parameters
    ) -> AuthorizationResponse:
        """The response in the mode that was asked for."""
        echo = (*self._echo(target), *session_state)
        if not target.signed:
            return AuthorizationResponse(target, (*parameters, *echo))
        try:
            token = await self._signed.make(client, (*parameters, *echo))
        except TemporarilyUnavailableError as error:
            return AuthorizationResponse(target, (*_error_parameters(error), *echo))
        return AuthorizationResponse(target, ((PARAMETER, token),))

    async def _code(self, request: AuthorizationRequest, grant: Grant) -> str | None:
        """A code, unless tokens alone are asked for."""
        if "code" not in request.response_types:
            return None
        content = AuthorizationCode(
            grant=grant,
            redirect_uri=request.target.redirect_uri,
            code_challenge=request.code_challenge,
            nonce=request.nonce,
            key_thumbprint=request.key_thumbprint,
        )
        return await self._codes.issue(content, self._clock.now())

    async def _spend(self, reference: str) -> None:
        if reference:
            await self._stored.spend(reference)

    def _echo(self, target: ResponseTarget) -> tuple[tuple[str, str], ...]:
        state = () if target.state is None else (("state", target.state),)
        # RFC 9207 section 2: the issuer identifier of the authorization server that created the response.
        return (*state, ("iss", self._issuer))

    def _grant(
        self, request: AuthorizationRequest, current: CurrentSession, now: Seconds, principal: str | None
    ) -> Grant:
        session = current.session
        offline = OFFLINE_ACCESS in request.scopes
        expires_at = Seconds(now + OFFLINE_LIFETIME) if offline else session.expires_at
        return Grant(
            grant_id=grant_identifier(self._entropy.identifier(), expires_at),
            client_id=request.client.client_id,
            account_id=session.account_id,
            session_id=session.session_id,
            scopes=request.scopes,
            created_at=now,
            expires_at=expires_at,
            authenticated_at=session.authenticated_at,
            acr=acr_for(session.level, request.assurance.requested_acrs, session.resistance),
            amr=authentication_methods(session.proofs),
            offline=offline,
            resources=request.resources,
            claims=request.claims.stored(),
            listed=listed_now(request.client),
            authorization_details=request.authorization_details,
            principal=principal,
            valid_from=current.account.sessions_valid_from,
        )


def _error_parameters(error: OAuthError) -> Parameters:
    return ("error", error.code), ("error_description", error.description)
