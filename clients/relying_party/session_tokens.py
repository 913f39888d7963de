"""RFC 6749 §6 and RFC 8707 §2.2: a session's access tokens, refreshed shortly before they expire."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from clients.relying_party.authorization_client import AuthorizationClient, TokenRequestRefused, TokenResponse
from clients.relying_party.clock import Clock
from clients.relying_party.id_token import KnownSession, verify_refreshed_id_token
from clients.relying_party.provider import Provider
from clients.relying_party.refusals import ProviderUnavailable, SessionEnded
from clients.relying_party.session_store import (
    PROVIDER_AUDIENCE,
    AccessToken,
    Refreshed,
    Session,
    SessionStore,
)
from clients.relying_party.signed_tokens import TokenRefused

EXPIRING = 60  # seconds before its end an access token is replaced
LEASE = 30  # seconds one refresh may take
PAUSE = 0.05  # seconds between two looks at a refresh someone else is doing
PATIENCE = 200  # looks


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """Hands out access tokens.

    The provider rotates refresh tokens and takes a second use for theft, so only one refresh of a session may be
    under way, in whichever process; others wait for what it brings.
    """

    clients: Mapping[str, AuthorizationClient]  # by client_id
    provider: Provider
    sessions: SessionStore
    clock: Clock

    async def access_token(self, session: Session, audience: str = PROVIDER_AUDIENCE) -> str:
        """Return an access token for this audience; raises SessionEnded or ProviderUnavailable."""
        for _ in range(PATIENCE):
            held = self.sessions.access_token(session.key, audience)
            if held is not None and held.expires_at - EXPIRING > self.clock.now():
                return held.value
            refresh_token = self.sessions.claim_refresh(session.key, now=self.clock.now(), lease=LEASE)
            if refresh_token is not None:
                return await self._refresh(session, audience, refresh_token)
            if not session.can_refresh or not self.sessions.exists(session.key):
                self.sessions.end(session.key)
                raise SessionEnded("nothing to refresh with")
            await asyncio.sleep(PAUSE)
        raise ProviderUnavailable("a refresh takes too long")

    async def current(self, session: Session) -> Session:
        """Return the session as the provider knows it now; raises SessionEnded once the provider has ended it.

        Claims are read again whenever the provider's own access token is renewed. While the provider does not answer,
        the session goes on as it was.
        """
        held = self.sessions.access_token(session.key, PROVIDER_AUDIENCE)
        if not session.can_refresh or (held is not None and held.expires_at - EXPIRING > self.clock.now()):
            return session
        try:
            access_token = await self.access_token(session)
            claims = await self.clients[session.client_id].userinfo(access_token)
        except ProviderUnavailable:
            return session
        if claims.get("sub") != session.subject:
            self.sessions.end(session.key)
            raise SessionEnded("userinfo is about someone else")
        self.sessions.keep_claims(session.key, claims)
        return replace(session, claims=claims)

    async def _refresh(self, session: Session, audience: str, refresh_token: str) -> str:
        client = self.clients[session.client_id]
        try:
            tokens = await client.refresh(refresh_token, resource=audience or None)
            await self._check_id_token(session, client, tokens)
        except TokenRequestRefused as error:
            raise self._refused(session, error) from error
        except TokenRefused as error:
            self.sessions.end(session.key)
            raise SessionEnded(f"refreshed ID token {error}") from error
        except BaseException:
            self.sessions.release_refresh(session.key)
            raise
        access_token = AccessToken(tokens.access_token, self.clock.now() + tokens.expires_in)
        self.sessions.keep_refreshed(
            session.key,
            Refreshed(audience, access_token, tokens.refresh_token or refresh_token, tokens.id_token),
        )
        return access_token.value

    def _refused(self, session: Session, error: TokenRequestRefused) -> SessionEnded | ProviderUnavailable:
        """RFC 6749 §5.2: only `invalid_grant` says that the refresh token, and so the session, is over."""
        if error.code == "invalid_grant":
            self.sessions.end(session.key)
            return SessionEnded("the provider ended it")
        self.sessions.release_refresh(session.key)
        return ProviderUnavailable(f"refresh: {error.code}")

    async def _check_id_token(self, session: Session, client: AuthorizationClient, tokens: TokenResponse) -> None:
        if tokens.id_token is not None:
            await verify_refreshed_id_token(
                tokens.id_token,
                client.registration,
                self.provider,
                known=KnownSession(session.subject, session.nonce, session.auth_time),
                access_token=tokens.access_token,
                now=self.clock.now(),
            )
