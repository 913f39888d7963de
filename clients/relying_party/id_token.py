"""OpenID Connect Core 1.0 §3.1.3.7: ID token validation, and §12.2 for refreshed ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clients.relying_party.assurance import StepUp
from clients.relying_party.bearer_values import same
from clients.relying_party.provider import Provider
from clients.relying_party.settings import ClientRegistration
from clients.relying_party.signed_tokens import LEEWAY, Expected, TokenRefused, verified_claims

MAX_AGE_OF_ISSUE = 300  # seconds: a token fresh from the token endpoint


@dataclass(frozen=True, slots=True)
class VerifiedIdToken:
    subject: str
    provider_session: str | None
    acr: str | None
    auth_time: int | None


@dataclass(frozen=True, slots=True)
class KnownSession:
    """What a refreshed ID token must agree with."""

    subject: str
    nonce: str
    auth_time: int | None


async def verify_id_token(
    unverified_token: str,
    registration: ClientRegistration,
    provider: Provider,
    *,
    nonce: str,
    access_token: str,
    step_up: StepUp | None,
    now: int,
) -> VerifiedIdToken:
    """Return what the token of a code exchange says; raises TokenRefused, or StepUpUnmet when it is too weak."""
    claims = await _claims(unverified_token, registration, provider, access_token=access_token, now=now)
    # §3.1.3.7 (11): "the nonce Claim Value checked to verify that it is the same value as the one that was sent"
    if not isinstance(claims.get("nonce"), str) or not same(claims["nonce"], nonce):
        raise TokenRefused("nonce is not ours")
    verified = _verified(claims)
    if step_up is not None and not step_up.is_met(
        acr=verified.acr, auth_time=verified.auth_time, now=now, leeway=LEEWAY
    ):
        raise StepUpUnmet("acr or auth_time is not what was asked for")
    return verified


async def verify_refreshed_id_token(
    unverified_token: str,
    registration: ClientRegistration,
    provider: Provider,
    *,
    known: KnownSession,
    access_token: str,
    now: int,
) -> None:
    """Raise TokenRefused unless the token continues the session that is known (§12.2)."""
    claims = await _claims(unverified_token, registration, provider, access_token=access_token, now=now)
    verified = _verified(claims)
    # §12.2: "its sub Claim Value MUST be the same as in the ID Token issued when the original authentication occurred"
    if verified.subject != known.subject:
        raise TokenRefused("sub changed on refresh")
    # §12.2: "its auth_time Claim ... MUST represent the time of the original authentication"
    if verified.auth_time is not None and verified.auth_time != known.auth_time:
        raise TokenRefused("auth_time changed on refresh")
    if "nonce" in claims and claims["nonce"] != known.nonce:
        raise TokenRefused("nonce changed on refresh")


class StepUpUnmet(TokenRefused):
    """The sign-in is genuine, but weaker or older than the action demands."""


async def _claims(
    unverified_token: str, registration: ClientRegistration, provider: Provider, *, access_token: str, now: int
) -> Mapping[str, Any]:
    expected = Expected(
        types={None, "jwt"},
        algorithms={registration.id_token_algorithm},
        audience=registration.client_id,
        required={"sub"},
    )
    claims = await verified_claims(unverified_token, expected, provider, now=now, access_token=access_token)
    # §3.1.3.7 (3): "The ID Token MUST be rejected if ... it contains additional audiences not trusted by the Client."
    if claims["aud"] not in (registration.client_id, [registration.client_id]):
        raise TokenRefused("is meant for others too")
    # §3.1.3.7 (5): azp, if present, "verify that its Client ID is the Claim Value"
    if claims.get("azp", registration.client_id) != registration.client_id:
        raise TokenRefused("was issued to another client")
    if claims["iat"] < now - MAX_AGE_OF_ISSUE:
        raise TokenRefused("was issued too long ago")
    return claims


def _verified(claims: Mapping[str, Any]) -> VerifiedIdToken:
    subject, provider_session = claims["sub"], claims.get("sid")
    acr, auth_time = claims.get("acr"), claims.get("auth_time")
    if not isinstance(subject, str) or not subject:
        raise TokenRefused("has no usable sub")
    return VerifiedIdToken(
        subject=subject,
        provider_session=provider_session if isinstance(provider_session, str) else None,
        acr=acr if isinstance(acr, str) else None,
        auth_time=auth_time if isinstance(auth_time, int) and not isinstance(auth_time, bool) else None,
    )
