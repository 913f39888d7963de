"""OpenID Connect Back-Channel Logout 1.0 §2.6: logout token validation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jose import jwt
from jose.exceptions import JWTError

from clients.relying_party.provider import Provider
from clients.relying_party.settings import ClientRegistration
from clients.relying_party.signed_tokens import LEEWAY, Expected, TokenRefused, verified_claims

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class VerifiedLogoutToken:
    client_id: str
    jti: str
    subject: str | None
    provider_session: str | None
    forget_at: int  # after this the token has expired and needs no replay mark


async def verify_logout_token(
    unverified_token: str, registrations: Iterable[ClientRegistration], provider: Provider, *, now: int
) -> VerifiedLogoutToken:
    """Return what the token asks for; whether it was used before is for the session store to tell.

    Raises TokenRefused or ProviderUnavailable.
    """
    registration = _addressee(unverified_token, registrations)
    expected = Expected(
        # §2.4: "logout+jwt"; a token that is meant for something else never ends a session.
        types={"logout+jwt"},
        algorithms={registration.id_token_algorithm},
        audience=registration.client_id,
        required={"jti", "events"},
    )
    claims = await verified_claims(unverified_token, expected, provider, now=now)
    # §2.6 (5): "Verify that the Logout Token contains an events Claim whose value is JSON object containing the
    # member name http://schemas.openid.net/event/backchannel-logout"
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise TokenRefused("is not about a logout")
    # §2.6 (6): "Verify that the Logout Token does not contain a nonce Claim."
    if "nonce" in claims:
        raise TokenRefused("has a nonce")
    return _verified(claims, registration)


def _verified(claims: Mapping[str, Any], registration: ClientRegistration) -> VerifiedLogoutToken:
    subject, provider_session, jti = claims.get("sub"), claims.get("sid"), claims["jti"]
    # §2.6 (4): "Verify that the Logout Token contains a sub Claim, a sid Claim, or both."
    if subject is None and provider_session is None:
        raise TokenRefused("names neither a person nor a session")
    if not all(isinstance(value, str) and value for value in (subject, provider_session) if value is not None):
        raise TokenRefused("names a person or session that is not text")
    if not isinstance(jti, str) or not jti:
        raise TokenRefused("has no usable jti")
    return VerifiedLogoutToken(
        client_id=registration.client_id,
        jti=jti,
        subject=subject,
        provider_session=provider_session,
        forget_at=int(claims["exp"]) + 2 * LEEWAY,
    )


def _addressee(unverified_token: str, registrations: Iterable[ClientRegistration]) -> ClientRegistration:
    """Return the one client the token says it is for, and no other beside; that it truly is, verification decides."""
    try:
        unverified_audience = jwt.get_unverified_claims(unverified_token).get("aud")
    except (JWTError, ValueError, RecursionError) as error:
        raise TokenRefused("not a signed token") from error
    for registration in registrations:
        if unverified_audience in (registration.client_id, [registration.client_id]):
            return registration
    raise TokenRefused("is not for us")
