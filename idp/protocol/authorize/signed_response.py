"""OAuth 2.0 JWT Secured Authorization Response Mode section 2 (JARM): responses as one signed token."""

from typing import Final

from idp.domain.clients.client import Client
from idp.ports.clock import Clock
from idp.ports.keys import TokenSigner
from idp.protocol.errors import NoSigningKeyError
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers

LIFETIME: Final = 300
"""Seconds. Section 2.1: "a maximum JWT lifetime of 10 minutes is RECOMMENDED"."""

PARAMETER: Final = "response"
_TOKEN_TYPE: Final = "JWT"


class SignedResponses:
    """Makes the tokens of one issuer."""

    def __init__(self, issuer: str, signer: TokenSigner, answers: EncryptedAnswers, clock: Clock) -> None:
        self._issuer = issuer
        self._signer = signer
        self._answers = answers
        self._clock = clock

    def can_sign_for(self, client: Client) -> bool:
        """Whether there is a key of the client's algorithm."""
        return self._signer.can_sign(algorithm_for(client))

    async def make(self, client: Client, parameters: tuple[tuple[str, str], ...]) -> str:
        """A token of the response's parameters, encrypted if the client registered so.

        Raises `TemporarilyUnavailableError` when no key of ours or of the client's fits: nothing may go out then.
        """
        if not self.can_sign_for(client):
            raise NoSigningKeyError(client_id=client.client_id)
        # Section 2.1: "iss: the issuer URL of the authorization server", "aud: the client_id of the client", "exp".
        claims = {
            **dict(parameters),
            "iss": self._issuer,
            "aud": client.client_id,
            "exp": self._clock.now() + LIFETIME,
        }
        signed = self._signer.sign(claims, algorithm=algorithm_for(client), token_type=_TOKEN_TYPE)
        # Section 2.2: what is encrypted is signed first.
        return await self._answers.seal(client, "authorization", signed)


def algorithm_for(client: Client) -> str:
    """The algorithm that the client registered; RS256 when it registered none (section 3), but never under FAPI.

    FAPI 2.0 Security Profile section 5.4.1: "shall only use the PS256, ES256, or EdDSA [...] algorithms".
    """
    chosen = client.authorization_response_algorithm
    return chosen if chosen in client.policy.signing_algorithms else client.policy.default_algorithm
