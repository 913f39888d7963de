"""RFC 9068 section 2: access tokens as JSON Web Tokens, and what the provider itself reads in them."""

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from idp.domain.grants.confirmation import Confirmation
from idp.domain.grants.grant import Grant
from idp.domain.ids import ClientId, GrantId, Seconds
from idp.domain.values import dataclass
from idp.ports.clock import Clock, Entropy
from idp.ports.keys import TokenSigner, UnreadableTokenError
from idp.protocol.errors import InvalidTokenError
from idp.protocol.resources.resources import Target
from idp.protocol.tokens.remembered_tokens import RememberedTokens

LIFETIME: Final = 300
"""Seconds: revocation reaches resources that verify tokens by themselves within this time."""

ALGORITHM: Final = "ES256"
# RFC 9068 section 2.1: the media type, by its short name, so that no other token of ours passes for an access token.
TOKEN_TYPE: Final = "at+jwt"


@dataclass(frozen=True, slots=True)
class IssuedAccessToken:
    """A fresh token, its `jti`, and for how many seconds it is good."""

    token: str
    token_id: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class VerifiedAccessToken:
    """A token of ours within its time. Whether it was revoked is not in it."""

    token_id: str
    client_id: ClientId
    subject: str
    audience: tuple[str, ...]
    scopes: tuple[str, ...]
    issued_at: Seconds
    expires_at: Seconds
    grant_id: GrantId | None
    authenticated_at: int | None
    acr: str | None
    confirmation: Confirmation | None = None
    authorization_details: tuple[dict[str, Any], ...] = ()
    actor: dict[str, Any] | None = None


class AccessTokens:
    """Issues and verifies access tokens of one issuer."""

    def __init__(self, issuer: str, signer: TokenSigner, clock: Clock, entropy: Entropy) -> None:
        self._issuer = issuer
        self._signer = signer
        self._clock = clock
        self._entropy = entropy
        self._remembered = RememberedTokens[VerifiedAccessToken]()

    def for_grant(
        self,
        grant: Grant,
        subject: str,
        target: Target,
        confirmation: Confirmation | None = None,
        authority: Mapping[str, Any] = MappingProxyType({}),
    ) -> IssuedAccessToken:
        """Return a token of the person's, bound to a key if there is a `confirmation`; it never outlives the grant.

        `authority` says on whose behalf, as a claim (`acting.ActingFor`).
        """
        # RFC 9068 section 2.2.1: authentication information, as of the original sign-in.
        claims: dict[str, Any] = {"gid": grant.grant_id, "auth_time": grant.authenticated_at, "acr": grant.acr}
        if grant.amr:
            claims["amr"] = grant.amr
        if grant.actor:
            claims["act"] = grant.actor
        claims |= authority
        if target.authorization_details:
            claims["authorization_details"] = target.authorization_details
        if confirmation is not None:
            claims["cnf"] = confirmation.claim()
        return self._issue(claims, grant.client_id, subject, target, latest=grant.expires_at)

    def for_client(
        self, client_id: ClientId, target: Target, confirmation: Confirmation | None = None
    ) -> IssuedAccessToken:
        """Return a token of the client's own."""
        # RFC 9068 section 2.2: "In case of access tokens obtained through grants where no resource owner is involved,
        # [...] the value of sub SHOULD correspond to an identifier the authorization server uses to indicate the
        # client application."
        claims: dict[str, Any] = {} if confirmation is None else {"cnf": confirmation.claim()}
        if target.authorization_details:
            claims["authorization_details"] = target.authorization_details
        return self._issue(claims, client_id, client_id, target, latest=None)

    def _issue(
        self, claims: dict[str, Any], client_id: ClientId, subject: str, target: Target, *, latest: Seconds | None
    ) -> IssuedAccessToken:
        now = self._clock.now()
        expires_at = now + LIFETIME if latest is None else min(now + LIFETIME, latest)
        token_id = self._entropy.identifier()
        # RFC 9068 section 2.2: iss, exp, aud, sub, client_id, iat and jti are REQUIRED.
        claims |= {
            "iss": self._issuer,
            "exp": expires_at,
            "aud": target.audience[0] if len(target.audience) == 1 else target.audience,
            "sub": subject,
            "client_id": client_id,
            "iat": now,
            "jti": token_id,
        }
        if target.scopes:
            claims["scope"] = " ".join(target.scopes)
        token = self._signer.sign(claims, algorithm=ALGORITHM, token_type=TOKEN_TYPE)
        return IssuedAccessToken(token, token_id, expires_at - now)

    def verify(self, token: str) -> VerifiedAccessToken:
        """Return what a token of ours says. Raises `InvalidTokenError` when it is another's, altered or expired."""
        # A token is shown again and again; what its signature proved holds for as long as the keys do.
        keys, digest = self._signer.generation(), sha256(token.encode(errors="surrogatepass")).digest()
        verified = self._remembered.get(keys, digest)
        if verified is None:
            verified = self._read(token)
            self._remembered.put(keys, digest, verified)
        # RFC 9068 section 4: "The current time MUST be before the time represented by the "exp" claim."
        if self._clock.now() >= verified.expires_at:
            raise InvalidTokenError(reason="expired")
        return verified

    def _read(self, token: str) -> VerifiedAccessToken:
        try:
            # RFC 9068 section 4: "MUST verify that the "typ" header value is "at+jwt""; the signature with it.
            claims = self._signer.verify(token, token_type=TOKEN_TYPE)
        except UnreadableTokenError as error:
            raise InvalidTokenError(reason=str(error)) from error
        # RFC 9068 section 4: "The issuer identifier [...] MUST exactly match the value of the "iss" claim."
        if claims.get("iss") != self._issuer:
            raise InvalidTokenError(reason="another issuer's token")
        audience = claims["aud"]
        return VerifiedAccessToken(
            token_id=claims["jti"],
            client_id=ClientId(claims["client_id"]),
            subject=claims["sub"],
            audience=(audience,) if isinstance(audience, str) else tuple(audience),
            scopes=tuple(claims.get("scope", "").split()),
            issued_at=Seconds(claims["iat"]),
            expires_at=Seconds(claims["exp"]),
            grant_id=claims.get("gid"),
            authenticated_at=claims.get("auth_time"),
            acr=claims.get("acr"),
            confirmation=Confirmation.of_claim(claims["cnf"]) if "cnf" in claims else None,
            authorization_details=tuple(claims.get("authorization_details", ())),
            actor=claims.get("act"),
        )
