"""OpenID Connect Core 1.0 §3.1: the authorization code flow, from leaving to coming back."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from clients.relying_party.assurance import StepUp
from clients.relying_party.authorization_client import AuthorizationClient, TokenRequestRefused, TokenResponse
from clients.relying_party.authorization_response import AuthorizationResponse
from clients.relying_party.bearer_values import new_value
from clients.relying_party.clock import Clock
from clients.relying_party.id_token import StepUpUnmet, VerifiedIdToken, verify_id_token
from clients.relying_party.pending_store import PendingSignIn, PendingStore
from clients.relying_party.provider import Provider
from clients.relying_party.refusals import AUTHORIZATION_ERRORS, Refusal
from clients.relying_party.session_store import AccessToken, ProviderSessionOver, SessionStore, SignedIn
from clients.relying_party.signed_tokens import TokenRefused


@dataclass(frozen=True, slots=True)
class Departure:
    """The browser leaves for the provider; `browser` goes into a cookie named after `state`."""

    url: str
    state: str
    browser: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """The person is signed in; `cookie` is the new session's."""

    cookie: str
    return_to: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """Begins and completes sign-ins for the clients of one application."""

    clients: Mapping[str, AuthorizationClient]  # by client_id
    provider: Provider
    pending: PendingStore
    sessions: SessionStore
    clock: Clock

    async def begin(self, client_id: str, *, return_to: str, language: str, step_up: StepUp | None = None) -> Departure:
        """Note the sign-in and return where to send the browser; raises ProviderUnavailable."""
        state, browser, nonce = new_value(), new_value(), new_value()
        code_verifier = secrets.token_urlsafe(48)
        url = await self.clients[client_id].authorization_url(
            state=state,
            nonce=nonce,
            code_verifier=code_verifier,
            ui_locales=language,
            acr_values=step_up.acr if step_up else None,
            max_age=str(step_up.max_age) if step_up else None,
            authorization_details=step_up.details or None if step_up else None,
        )
        pending = PendingSignIn(client_id, nonce, code_verifier, return_to, step_up)
        self.pending.begin_sign_in(state, browser, pending, now=self.clock.now())
        return Departure(url=url, state=state, browser=browser)

    async def complete(self, response: AuthorizationResponse, *, browser: str, replaces: str | None) -> Arrival:
        """Turn the provider's answer into a session; raises Refusal in every other case."""
        pending = self.pending.claim_sign_in(response.state, browser, now=self.clock.now())
        if pending is None:
            raise Refusal("sign_in_expired", "state is not one of ours for this browser")
        try:
            return await self._arrive(pending, response, replaces)
        except Refusal as refusal:
            refusal.return_to = pending.return_to
            raise

    async def _arrive(self, pending: PendingSignIn, response: AuthorizationResponse, replaces: str | None) -> Arrival:
        # RFC 9207 §2.4: "If the value does not match the expected issuer identifier, clients MUST reject the
        # authorization response and MUST NOT proceed with the authorization grant." Errors included.
        if response.issuer != self.provider.issuer:
            raise Refusal("sign_in_failed", "iss is not the provider we asked")
        if response.code is None:
            raise Refusal(AUTHORIZATION_ERRORS.get(response.error or "", "sign_in_failed"), "the provider refused")
        tokens = await self._exchange(pending, response.code)
        verified = await self._verify(pending, tokens)
        _check_details(pending, tokens)
        signed_in = await self._with_claims(pending, tokens, verified)
        try:
            cookie = self.sessions.begin(signed_in, now=self.clock.now(), replaces=replaces)
        except ProviderSessionOver as error:
            raise Refusal("session_ended", "signed out while signing in") from error
        return Arrival(cookie=cookie, return_to=pending.return_to)

    async def _exchange(self, pending: PendingSignIn, code: str) -> TokenResponse:
        try:
            return await self.clients[pending.client_id].exchange_code(code, pending.code_verifier)
        except TokenRequestRefused as error:
            raise Refusal("sign_in_expired", f"token endpoint: {error.code}") from error

    async def _verify(self, pending: PendingSignIn, tokens: TokenResponse) -> VerifiedIdToken:
        if tokens.id_token is None:
            raise Refusal("sign_in_failed", "no ID token")
        try:
            return await verify_id_token(
                tokens.id_token,
                self.clients[pending.client_id].registration,
                self.provider,
                nonce=pending.nonce,
                access_token=tokens.access_token,
                step_up=pending.step_up,
                now=self.clock.now(),
            )
        except StepUpUnmet as error:
            raise Refusal("unmet_authentication_requirements", str(error)) from error
        except TokenRefused as error:
            raise Refusal("sign_in_failed", f"ID token {error}") from error

    async def _with_claims(self, pending: PendingSignIn, tokens: TokenResponse, verified: VerifiedIdToken) -> SignedIn:
        claims = await self.clients[pending.client_id].userinfo(tokens.access_token)
        # §5.3.2: "The sub Claim in the UserInfo Response MUST be verified to exactly match the sub Claim in the ID
        # Token; if they do not match, the UserInfo Response values MUST NOT be used."
        if claims.get("sub") != verified.subject:
            raise Refusal("sign_in_failed", "userinfo is about someone else")
        return SignedIn(
            client_id=pending.client_id,
            subject=verified.subject,
            provider_session=verified.provider_session,
            claims=claims,
            id_token=tokens.id_token or "",
            nonce=pending.nonce,
            acr=verified.acr,
            auth_time=verified.auth_time,
            access_token=AccessToken(tokens.access_token, self.clock.now() + tokens.expires_in),
            refresh_token=tokens.refresh_token,
            approved_details=pending.step_up.details if pending.step_up else "",
        )


def _check_details(pending: PendingSignIn, tokens: TokenResponse) -> None:
    """RFC 9396 §7: the token response says what the person approved; that has to be what we asked for, all of it."""
    wanted = pending.step_up.details if pending.step_up else ""
    if wanted and tokens.authorization_details != json.loads(wanted):
        raise Refusal("unmet_authentication_requirements", "something else was approved")
