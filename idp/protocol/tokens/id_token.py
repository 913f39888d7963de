"""OpenID Connect Core section 2: ID tokens, and those that come back as hints."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256, sha512
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.grants.grant import Grant
from idp.domain.ids import ClientId
from idp.domain.values import dataclass
from idp.ports.clock import Clock
from idp.ports.foreign_tokens import TokenEncryption
from idp.ports.keys import SubjectKeys, TokenSigner, UnreadableTokenError
from idp.protocol.claims.claim_names import outgoing
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.errors import InvalidRequestError, NoSigningKeyError

LIFETIME: Final = 300
"""Seconds within which a relying party takes the token; its session is its own affair."""

TOKEN_TYPE: Final = "JWT"

_DOTS_OF_JWE: Final = 4


@dataclass(frozen=True, slots=True)
class VerifiedHint:
    """An ID token of ours that came back as `id_token_hint`, expired or not."""

    client_id: ClientId
    subject: str
    client_session_id: str | None


class IdTokens:
    """Issues ID tokens of one issuer, and recognises them when they come back."""

    def __init__(
        self, issuer: str, signer: TokenSigner, keys: SubjectKeys, clock: Clock, encryption: TokenEncryption
    ) -> None:
        self._issuer = issuer
        self._encryption = encryption
        self._signer = signer
        self._keys = keys
        self._clock = clock

    def issue(
        self,
        client: Client,
        grant: Grant,
        access_token: str | None,
        *,
        nonce: str | None,
        personal_claims: Mapping[str, Any],
        beside: Mapping[str, str] | None = None,
    ) -> str:
        """Return an ID token by the algorithm that the client registered.

        `beside` is what else is sent with it from the authorization endpoint, by the claim of its hash: the code
        (`c_hash`) and the state (`s_hash`).

        It is about the original sign-in: a refreshed one keeps `iss`, `sub`, `aud` and `auth_time` (section 12.2).
        Raises `NoSigningKeyError` when no key of that algorithm was made yet.
        """
        now = self._clock.now()
        algorithm = client.id_token_signed_response_alg
        self.require_key(client)
        claims: dict[str, Any] = {
            **outgoing(client.claim_names, personal_claims),
            "iss": self._issuer,
            "sub": subject_identifier(self._keys, client, grant.account_id),
            "aud": client.client_id,
            "exp": now + LIFETIME,
            "iat": now,
            "auth_time": grant.authenticated_at,
            "sid": self._keys.client_session_id(client.client_id, grant.session_id),
        }
        # Section 3.3.2.11: c_hash is REQUIRED beside a code, at_hash beside an access token.
        hashed = {**(beside or {}), **({} if access_token is None else {"at_hash": access_token})}
        claims |= {name: at_hash(value, algorithm) for name, value in hashed.items()}
        # Section 2: "If present in the Authentication Request, Authorization Servers MUST include a nonce Claim".
        if nonce is not None:
            claims["nonce"] = nonce
        if grant.acr:
            claims["acr"] = grant.acr
        if grant.amr:
            claims["amr"] = grant.amr
        return self._signer.sign(claims, algorithm=algorithm, token_type=TOKEN_TYPE)

    def require_key(self, client: Client) -> None:
        """Raise `NoSigningKeyError` when no key of the algorithm that the client registered was made yet."""
        algorithm = client.id_token_signed_response_alg
        if not self._signer.can_sign(algorithm):
            raise NoSigningKeyError(reason=f"there is no key for {algorithm}", client_id=client.client_id)

    def verify_hint(self, id_token_hint: str) -> VerifiedHint:
        """Return what an ID token of ours says; it may have expired. Raises `InvalidRequestError` for anything else."""
        try:
            # OpenID Connect Core section 3.1.2.1: a client "MAY re-encrypt the signed ID token to the Authentication
            # Server using a key that enables the server to decrypt the ID Token".
            if id_token_hint.count(".") == _DOTS_OF_JWE:
                id_token_hint = self._encryption.decrypt(id_token_hint)
            # RP-Initiated Logout section 2: "When an id_token_hint parameter is present, the OP MUST validate that it
            # was the issuer of the ID Token."
            claims = self._signer.verify(id_token_hint, token_type=TOKEN_TYPE)
        except UnreadableTokenError as error:
            raise InvalidRequestError("The id_token_hint is not an ID token of this provider.") from error
        audience, subject, client_session_id = claims.get("aud"), claims.get("sub"), claims.get("sid")
        # Signed userinfo answers are of the same type; only an ID token tells when somebody signed in.
        is_id_token = claims.get("iss") == self._issuer and "auth_time" in claims and "exp" in claims
        if not is_id_token or not isinstance(audience, str) or not isinstance(subject, str):
            raise InvalidRequestError("The id_token_hint is not an ID token of this provider.")
        return VerifiedHint(ClientId(audience), subject, client_session_id)


def at_hash(access_token: str, algorithm: str) -> str:
    """Return the left half of the hash, by the hash function of the signature's algorithm (sections 3.1.3.6, 3.3.2.11).

    Of an access token, a code (`c_hash`) or a state (`s_hash`, FAPI 1.0 section 5.1.1).
    """
    # RFC 8037 section 3.1 with RFC 8032: Ed25519 hashes with SHA-512; every other algorithm here says 256.
    digest = (sha512 if algorithm in {"EdDSA", "Ed25519"} else sha256)(access_token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
