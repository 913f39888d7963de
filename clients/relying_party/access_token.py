"""RFC 9068 §4 and RFC 6750 §3: a resource server's check of the access tokens it is shown."""

from dataclasses import dataclass

from clients.relying_party.provider import Provider
from clients.relying_party.settings import SIGNATURE_ALGORITHMS
from clients.relying_party.signed_tokens import Expected, TokenRefused, verified_claims


@dataclass(frozen=True, slots=True)
class VerifiedAccessToken:
    client_id: str
    subject: str
    scopes: frozenset[str]
    acr: str | None = None
    auth_time: int | None = None


async def verify_access_token(
    unverified_token: str, audience: str, provider: Provider, *, now: int
) -> VerifiedAccessToken:
    """Return who may do what; raises TokenRefused or ProviderUnavailable."""
    expected = Expected(
        # §4: "The resource server MUST verify that the typ header value is at+jwt or application/at+jwt"
        types={"at+jwt"},
        algorithms=SIGNATURE_ALGORITHMS,
        # §4: "MUST validate that the aud claim contains a resource indicator value corresponding to an identifier the
        # resource server expects for itself"
        audience=audience,
        required={"sub", "client_id", "jti"},
    )
    claims = await verified_claims(unverified_token, expected, provider, now=now)
    client_id, subject, scope = claims["client_id"], claims["sub"], claims.get("scope", "")
    if not all(isinstance(value, str) for value in (client_id, subject, scope)):
        raise TokenRefused("has claims that are not text")
    # A token bound to a key (RFC 7800) is worth nothing without proof of the key, which this API does not take.
    if "cnf" in claims:
        raise TokenRefused("is bound to a key")
    acr, auth_time = claims.get("acr"), claims.get("auth_time")
    return VerifiedAccessToken(
        client_id=client_id,
        subject=subject,
        scopes=frozenset(scope.split()),
        acr=acr if isinstance(acr, str) else None,
        auth_time=auth_time if isinstance(auth_time, int) else None,
    )
