"""RFC 9701 section 5: an introspection response as a JWT, for who registered it or asks for it (section 4)."""

from collections.abc import Mapping
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.ports.clock import Clock
from idp.ports.keys import TokenSigner
from idp.protocol.errors import NoSigningKeyError
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers

TOKEN_TYPE: Final = "token-introspection+jwt"
MEDIA_TYPE: Final = "application/token-introspection+jwt"


class IntrospectionJwts:
    """Signs introspection responses for the resource server that asked, and encrypts them if it registered that."""

    def __init__(self, issuer: str, signer: TokenSigner, clock: Clock, answers: EncryptedAnswers) -> None:
        self._issuer = issuer
        self._signer = signer
        self._clock = clock
        self._answers = answers

    async def make(self, caller: Client, members: Mapping[str, Any]) -> str:
        """Return the JWT. Raises `TemporarilyUnavailableError` when there is no key to sign with or to encrypt to."""
        # Section 6: "The default, if omitted, is RS256", which FAPI clients do not take.
        algorithm = caller.introspection_response_algorithm or caller.policy.default_algorithm
        if not self._signer.can_sign(algorithm):
            raise NoSigningKeyError(reason=f"there is no key for {algorithm}", client_id=caller.client_id)
        # Section 5: the JWT "MUST" have iss, aud, iat and token_introspection; `sub` and `exp` stand inside, so that it
        # cannot be taken for an access token or an ID token.
        claims = {
            "iss": self._issuer,
            "aud": caller.client_id,
            "iat": self._clock.now(),
            "token_introspection": members,
        }
        signed = self._signer.sign(claims, algorithm=algorithm, token_type=TOKEN_TYPE)
        return await self._answers.seal(caller, "introspection", signed)


def wants_jwt(caller: Client, accept: str) -> bool:
    """Return whether the caller asked for a JWT in its `Accept` header, or registered to get one."""
    accepted = {value.partition(";")[0].strip().lower() for value in accept.split(",")}
    return MEDIA_TYPE in accepted or caller.introspection_response_algorithm is not None
