"""OpenID Connect RP-Initiated Logout 1.0 §2 and Back-Channel Logout 1.0 §2.5: both ways out."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from clients.relying_party.authorization_client import AuthorizationClient
from clients.relying_party.bearer_values import new_value
from clients.relying_party.clock import Clock
from clients.relying_party.logout_token import verify_logout_token
from clients.relying_party.pending_store import PendingStore
from clients.relying_party.provider import Provider
from clients.relying_party.session_store import LogoutTokenReplayed, Session, SessionStore
from clients.relying_party.sign_in import Departure
from clients.relying_party.signed_tokens import TokenRefused


@dataclass(frozen=True, slots=True)
class SignOut:
    """Ends sessions, here and at the provider."""

    clients: Mapping[str, AuthorizationClient]  # by client_id
    provider: Provider
    pending: PendingStore
    sessions: SessionStore
    clock: Clock
    signed_out_url: str

    async def begin(self, session: Session) -> Departure:
        """End the session here at once and return where the browser ends it everywhere.

        Raises ProviderUnavailable; the session here has ended all the same.
        """
        self.sessions.end(session.key)
        metadata = await self.provider.metadata()
        state, browser = new_value(), new_value()
        self.pending.begin_sign_out(state, browser, now=self.clock.now())
        parameters = {
            "id_token_hint": session.id_token,
            "client_id": session.client_id,
            "post_logout_redirect_uri": self.signed_out_url,
            "state": state,
        }
        separator = "&" if "?" in metadata.end_session_endpoint else "?"
        url = f"{metadata.end_session_endpoint}{separator}{urlencode(parameters)}"
        return Departure(url=url, state=state, browser=browser)

    async def by_provider(self, unverified_token: str) -> int:
        """End what the logout token names and return how many sessions that were.

        Raises TokenRefused, also when the token was used before, or ProviderUnavailable.
        """
        registrations = [client.registration for client in self.clients.values()]
        now = self.clock.now()
        token = await verify_logout_token(unverified_token, registrations, self.provider, now=now)
        try:
            return self.sessions.end_by_provider(
                token.client_id,
                provider_session=token.provider_session,
                subject=token.subject,
                jti=token.jti,
                now=now,
                forget_at=token.forget_at,
            )
        except LogoutTokenReplayed as error:
            raise TokenRefused("was used before") from error
